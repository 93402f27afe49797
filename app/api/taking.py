"""A plain request's body, once it is there: decoded and counted, or kept as refused."""

from contextlib import AsyncExitStack

from starlette.responses import Response

from app.api.plain import Rows
from app.api.routes.batches import count, rows
from app.api.rows import Sent, decoded
from app.api.state import Api
from app.domain.errors import Invalid
from app.sources.formats import Limits


async def count_body(api: Api, asked: Rows, limits: Limits, body: bytes) -> Response:
    """Decode a body that is in memory, count its rows, and return the answer to them."""
    with api.budget.holding(len(body)):
        async with AsyncExitStack() as stack:
            try:
                reading = decoded(sent_by(asked, body), api, asked.model, limits, rows)
                upload = await stack.enter_async_context(reading)
            except Invalid as error:
                await api.intake.refuse(error, asked.sender, error.rows)
                raise
            return await count(api, asked.sender, upload, asked.sequence)


def sent_by(asked: Rows, body: bytes) -> Sent:
    return Sent(body, asked.encoding, asked.form, asked.media_type, asked.query)
