"""Who may come in: API keys as bearer tokens, or as the password of HTTP Basic for browsers."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import problems
from app.api.edge import request_id
from app.api.edge.paths import route_path
from app.api.state import of

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FOREIGN = frozenset({"cross-site", "same-site"})

CHALLENGE = 'Bearer realm="leeway", Basic realm="leeway", charset="UTF-8"'
UNKNOWN = problems.Problem(
    401,
    "unauthorized",
    "An API key is needed",
    "send an API key as a bearer token, or as the password of HTTP Basic",
)
FORGED = problems.Problem(
    403,
    "cross-site",
    "Pages of other sites may not write here",
    "a browser sent this from a page of another origin",
)


def digest(key: str) -> bytes:
    """Return what is kept of a key: comparing digests hides the length, too."""
    return hashlib.sha256(key.encode()).digest()


class Guard:
    """Refuses requests without a key, and writes that another site's page made a browser send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or route_path(scope) in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        keys = of(scope).keys
        if keys and not known(presented(headers.get("authorization")), keys):
            refusal = problems.respond(
                UNKNOWN, request_id.of(scope), {"WWW-Authenticate": CHALLENGE}
            )
            await refusal(scope, receive, send)
        elif scope["method"] not in SAFE_METHODS and headers.get("sec-fetch-site") in FOREIGN:
            # Browsers attach Basic passwords by themselves, and a loopback service has none.
            await problems.respond(FORGED, request_id.of(scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def presented(header: str | None) -> str | None:
    """Return the key that an ``Authorization`` header carries."""
    scheme, _, rest = (header or "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return pair.partition(":")[2] or None


def known(key: str | None, digests: Sequence[bytes]) -> bool:
    """Whether ``key`` is one of ours. All are compared, so that time says nothing of which."""
    if key is None:
        return False
    given = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    return sum(hmac.compare_digest(given, one) for one in digests) > 0
