"""Whatever leaves this process goes through here: the address guard and the guarded client."""

from app.egress.addresses import Address, forbidden
from app.egress.allow import Allow, classify, parse_allow
from app.egress.client import MAX_ANSWER, guarded_client
from app.egress.forwarder import forwarding
from app.egress.guard import Refused, Resolve, system_resolve
from app.egress.urls import check_target, check_url, read_url

__all__ = [
    "MAX_ANSWER",
    "Address",
    "Allow",
    "Refused",
    "Resolve",
    "check_target",
    "check_url",
    "classify",
    "forbidden",
    "forwarding",
    "guarded_client",
    "parse_allow",
    "read_url",
    "system_resolve",
]
