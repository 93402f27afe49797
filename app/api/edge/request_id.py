"""The identity of a request: the caller's where it is sane, else one of our own; echoed always."""

import os
import re
from collections.abc import Mapping
from typing import Any

SANE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
KEY = "leeway.request_id"


def given(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the request's ``X-Request-ID``, or a new one."""
    for name, value in headers:
        if name == b"x-request-id" and SANE.fullmatch(value):
            return value.decode("ascii")
    return os.urandom(16).hex()


def of(scope: Mapping[str, Any]) -> str | None:
    """Return the identity that the outermost layer gave this request."""
    found: str | None = scope.get(KEY)
    return found
