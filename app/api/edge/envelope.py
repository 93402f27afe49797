"""The outermost layer: request id, one log line a request, and the last resort for our own faults.

The line names the route's template, never a path, query, header or body: those may hold values.
"""

import time

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs
from app.api import problems
from app.api.edge import request_id
from app.api.state import Api, of

log = structlog.get_logger("leeway.access")

OURS = problems.Problem(
    500, "internal", "Something went wrong here", "the request failed; the log says why"
)
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Polled every few seconds; their lines are for debugging only."""
CLIENT_GONE = 499
REFUSED = 400
NOSNIFF = (b"x-content-type-options", b"nosniff")


class Envelope:
    """Wraps every HTTP request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = request_id.given(scope["headers"])
        scope[request_id.KEY] = identity
        answer = _Answer(send, identity)
        began = time.perf_counter()
        bound = logs.REQUEST.set(identity)
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            log.debug("client_gone")
        except Exception:
            log.exception("request_failed", route=template(scope))
            if answer.status is not None:
                # Half an answer is out: only breaking the connection tells the client.
                raise
            await problems.respond(OURS, identity)(scope, receive, answer.send)
        finally:
            seconds = time.perf_counter() - began
            record(of(scope), scope["method"], template(scope), answer.status, seconds)
            logs.REQUEST.reset(bound)


class _Answer:
    """Passes an answer on with our headers, and remembers its status."""

    def __init__(self, send: Send, identity: str) -> None:
        self._send = send
        self._identity = identity.encode("ascii")
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self._identity),
                NOSNIFF,
            ]
        await self._send(message)


def record(api: Api, method: str, route: str, answered: int | None, seconds: float) -> None:
    """Write the access line, and count the request; ``answered`` is the status, if it was."""
    status = CLIENT_GONE if answered is None else answered
    said = {"method": method, "route": route, "status": status, "ms": round(seconds * 1_000, 2)}
    logs.write_request(said, quiet=route in QUIET)
    api.requests.observe(route, method, status, seconds)
    if answered is not None and answered >= REFUSED:
        api.refused[route, answered] += 1


def template(scope: Scope) -> str:
    """Return the template of the route that took the request; empty where none did."""
    found: str = getattr(scope.get("route"), "path_format", "")
    return found
