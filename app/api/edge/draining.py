"""While the process stops, new work is refused so that a proxy sends it elsewhere."""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import problems
from app.api.edge import request_id
from app.api.edge.paths import route_path
from app.api.state import of

STILL_OPEN = frozenset({"/healthz", "/readyz", "/metrics"})
STOPPING = problems.Problem(
    503, "draining", "Try again later", "the service is stopping", retry_after=1.0
)


class Draining:
    """Answers 503 once the process was asked to stop."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stopping = scope["type"] == "http" and of(scope).draining()
        if not stopping or route_path(scope) in STILL_OPEN:
            await self._app(scope, receive, send)
            return
        answer = problems.respond(STOPPING, request_id.of(scope), {"Connection": "close"})
        await answer(scope, receive, send)
