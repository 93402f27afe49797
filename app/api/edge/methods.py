"""HEAD is GET without a body; a method that a path lacks is answered with those it has."""

from collections.abc import Sequence

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.edge.paths import route_path


class Head:
    """Serves HEAD by the GET route, and keeps the body back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bare(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # A copy: the server reads its own scope to know that a HEAD answer has no body.
        inner = {**scope, "method": "GET"}
        await self._app(inner, receive, bare)
        scope["route"] = inner.get("route")


def allowed(routes: Sequence[BaseRoute], scope: Scope) -> str:
    """Return the ``Allow`` header of a path: all methods of all routes that match it."""
    path = route_path(scope)
    methods: set[str] = set()
    for route in iter_route_contexts(routes):
        if route.methods and route.path_regex.match(path):
            methods |= route.methods
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods))
