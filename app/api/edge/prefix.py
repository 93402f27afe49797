"""The prefix under which a proxy serves us, whether the proxy strips it from paths or not."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """Tells routes and links of the prefix; the server's own one, if any, gives way."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._prefix and scope["type"] == "http":
            scope["root_path"] = self._prefix
        await self._app(scope, receive, send)
