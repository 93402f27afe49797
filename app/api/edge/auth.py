"""Who may come in: API keys as bearer tokens, or as the password of HTTP Basic for browsers."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import problems
from app.api.edge import request_id, run_token
from app.api.edge.crossing import foreign
from app.api.edge.paths import route_path
from app.api.edge.sign_in import NOT_OF_THIS_RUN, UNKNOWN, challenge
from app.api.state import of
from app.domain.errors import LeewayError

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

FORGED = problems.Problem(
    403,
    "cross-site",
    "Pages of other sites may not write here",
    "a browser sent this from a page of another origin; a proxy in between must pass on the Host "
    "header",
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
        refusal = await self._refusal(scope, Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send)

    async def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        identity = request_id.of(scope)
        try:
            given = presented(headers.get("authorization"))
            if not await self._admitted(scope, given):
                said = NOT_OF_THIS_RUN if run_token.looks_like_one(given) else UNKNOWN
                return challenge(scope, headers, said)
        except LeewayError as error:  # the database is away, and with it what is kept of tokens
            return problems.respond(problems.of(error), identity)
        if scope["method"] not in SAFE_METHODS and foreign(headers):
            return problems.respond(FORGED, identity)
        return None

    async def _admitted(self, scope: Scope, given: str | None) -> bool:
        """Whether a key or the token of a run opens this; a wrong token opens nothing."""
        keys = of(scope).keys
        if keys and known(given, keys):
            return True
        if given is not None and run_token.looks_like_one(given):
            return await run_token.opens(scope, given)
        return not keys


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
