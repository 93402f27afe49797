"""By which names an open service may be called, so that no page can reach it under its own.

A page whose name is made to resolve to 127.0.0.1 is of one origin with what it finds there: the
browser lets it read. Only the Host header tells.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import problems
from app.api.edge import request_id
from app.api.state import of

MISDIRECTED = problems.Problem(
    421,
    "misdirected",
    "This service has another name",
    "without API keys the service answers only to localhost, 127.0.0.1, [::1] and the host that "
    "it listens on",
)


class Hosts:
    """Refuses requests that call the service by a name that is not its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _known(scope, of(scope).hosts):
            answer = problems.respond(MISDIRECTED, request_id.of(scope))
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _known(scope: Scope, hosts: frozenset[str] | None) -> bool:
    if hosts is None:
        return True
    # browsers always send the header; what sends none is no browser
    return all(host_of(header) in hosts for header in Headers(scope=scope).getlist("host"))


def host_of(header: str) -> str:
    """Return the host that a ``Host`` header names, without port and brackets."""
    header = header.strip().lower()
    if header.startswith("["):
        inside, closed, _ = header[1:].partition("]")
        return inside if closed else header
    return header.partition(":")[0]
