"""What a URL of a target may look like when it is saved; the connector checks again at each use."""

import socket
from ipaddress import IPv4Address, ip_address

import httpx

from app.domain.errors import Fault, Invalid
from app.egress.addresses import LOOPBACK, Address
from app.egress.allow import Allow, canonical, classify
from app.egress.guard import Refused, Resolve, checked, system_resolve

MAX_URL = 2_048
_PORTS = {"http": 80, "https": 443}


def read_url(url: str, pointer: str = "/url") -> httpx.URL:
    """Return a URL that is http or https, has a host and carries no user or password.

    Raises `Invalid`, whose fault has ``pointer`` and never repeats the URL: it may hold a token.
    """
    if len(url) > MAX_URL:
        raise _invalid(f"the URL is longer than {MAX_URL} characters", pointer)
    if any(c == "\\" or c.isspace() or not c.isprintable() for c in url):
        raise _invalid("the URL holds spaces, control characters or backslashes", pointer)
    try:
        read = httpx.URL(url)
    except httpx.InvalidURL:
        raise _invalid("this is not a URL", pointer) from None
    if read.scheme not in _PORTS or not read.host:
        raise _invalid("the URL must begin with http:// or https:// and name a host", pointer)
    if read.userinfo:
        raise _invalid("the URL must not carry a user or a password", pointer)
    if read.port is not None and not 1 <= read.port <= 65535:
        raise _invalid("the URL's port must be from 1 to 65535", pointer)
    return read


def check_url(url: str, allow: Allow, pointer: str = "/url") -> httpx.URL:
    """Return a URL whose address, where the text itself says it, is allowed.

    Names are not looked up here. Raises `Invalid`, with the code ``address-refused`` where the
    address is the reason.
    """
    read = read_url(url, pointer)
    address = literal(read.host)
    if address is not None:
        port = read.port or _PORTS[read.scheme]
        reason = classify(address, allow, host=read.host, port=port)
        if reason is not None:
            raise _refused(reason, pointer)
    return read


async def check_target(
    url: str, allow: Allow, resolve: Resolve = system_resolve, pointer: str = "/url"
) -> httpx.URL:
    """Do `check_url`, and look the name up as well: a name that has no address yet may be saved."""
    read = check_url(url, allow, pointer)
    try:
        await checked(read.host, read.port or _PORTS[read.scheme], allow, resolve)
    except Refused as error:
        raise _refused(error.reason, pointer) from None
    except OSError:
        return read
    return read


def literal(host: str) -> Address | None:
    """Return the address that a host is by itself, in all the spellings a resolver would accept.

    ``127.1``, ``0x7f000001`` and ``2130706433`` are 127.0.0.1; ``localhost`` is taken as loopback
    whatever a name server says.
    """
    name = canonical(host)
    if name == "localhost" or name.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(name))
    except (OSError, UnicodeError):
        return None


def _invalid(detail: str, pointer: str) -> Invalid:
    return Invalid(detail, (Fault(detail, pointer=pointer),))


def _refused(reason: str, pointer: str) -> Invalid:
    kind = "the own machine" if reason == LOOPBACK else f"a forbidden address ({reason})"
    detail = f"the URL leads to {kind}; private addresses are opened with LEEWAY_ALLOW"
    return Invalid(detail, (Fault(detail, pointer=pointer),), code="address-refused")
