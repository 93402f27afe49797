"""The short way for batches.

The layers around a route, and FastAPI's reading of its parameters, take several times as long as
counting a row does. Plain requests go past them; all others, and everything that is wrong with a
head, take the long way.
"""

from contextlib import AsyncExitStack

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import problems
from app.api.body import receive_body
from app.api.brief import Brief
from app.api.edge import request_id
from app.api.edge.envelope import Envelope
from app.api.plain import Rows, plain
from app.api.routes.batches import POST_BATCH, count, rows
from app.api.rows import INLINE, decoded
from app.api.state import Api, of
from app.api.taking import count_body, sent_by
from app.domain.errors import Invalid, LeewayError
from app.sources.formats import Format, Limits

ASKED = "leeway.rows"


class Lane:
    """Takes what is plain; everything else passes. Of that, what is small goes past ASGI, too."""

    def __init__(self, rest: ASGIApp, prefix: str = "") -> None:
        self._rest = rest
        self._prefix = prefix.rstrip("/")
        self._short = Envelope(self._take)
        self._limits: dict[str, Limits] = {}
        """By name of the format; they never change."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if self._prefix:
                scope["root_path"] = self._prefix
            asked = plain(scope, of(scope))
            if asked is not None:
                scope[ASKED], scope["route"] = asked, POST_BATCH
                await self._short(scope, receive, send)
                return
        await self._rest(scope, receive, send)

    def brief(self, scope: Scope) -> Brief | None:
        """Return what answers a small plain request; None where it goes the other ways."""
        if self._prefix:
            scope["root_path"] = self._prefix
        api = of(scope)
        asked = plain(scope, api)
        if asked is None or asked.size > INLINE:
            return None
        identity = request_id.given(scope["headers"])
        return Brief(api, asked, self._limits_of(api, asked.form), identity)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._counted(of(scope), scope[ASKED], Request(scope, receive))
        except LeewayError as error:
            answer = problems.respond(problems.of(error), request_id.of(scope))
        await answer(scope, receive, send)

    async def _counted(self, api: Api, asked: Rows, request: Request) -> Response:
        limits = self._limits_of(api, asked.form)
        small = asked.size <= INLINE and asked.encoding is None
        way = _count_small if small else _count_large
        return await way(api, asked, limits, request)

    def _limits_of(self, api: Api, form: Format) -> Limits:
        limits = self._limits.get(form.name)
        if limits is None:
            limits = self._limits[form.name] = api.limits.for_batch(form)
        return limits


async def _count_small(api: Api, asked: Rows, limits: Limits, request: Request) -> Response:
    return await count_body(api, asked, limits, await _received(request.receive))


async def _count_large(api: Api, asked: Rows, limits: Limits, request: Request) -> Response:
    receiving = receive_body(request, limits.body, api.budget)
    async with AsyncExitStack() as stack:
        try:
            body = await stack.enter_async_context(receiving)
            reading = decoded(sent_by(asked, body), api, asked.model, limits, rows)
            upload = await stack.enter_async_context(reading)
        except Invalid as error:
            await api.intake.refuse(error, asked.sender, error.rows)
            raise
        return await count(api, asked.sender, upload, asked.sequence)


async def _received(receive: Receive) -> bytes:
    """Return a whole body, whose length the server holds its sender to."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
