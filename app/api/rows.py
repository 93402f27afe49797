"""Uploads of rows: received within limits, then opened and decoded off the event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from starlette.requests import Request

from app.api.body import receive_body, spool_body
from app.api.gate import weight
from app.api.problems import MALFORMED
from app.api.state import Api
from app.domain.content import fingerprint
from app.domain.errors import Invalid, TooLarge
from app.sources.formats import Format, Limits, find_format, inflate
from app.steps.lanes import lane_for_body

Read = TypeVar("Read")
INLINE = 65_536
"""Up to so many plain bytes are decoded at once: a thread and the event loop, taking turns with the
interpreter's lock, need up to five times as long for a hundred rows."""
FRUGAL = frozenset({"gzip", "x-gzip"})
"""Encodings that open by pieces of known size; of zstd a piece may open to megabytes."""


@dataclass(frozen=True, slots=True)
class Upload(Generic[Read]):
    """What a body holds, and what tells it from others."""

    content: Read
    digest: bytes
    """SHA-256 of decompressed bytes, media type and query: what makes two requests the same."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A body as it arrived, with what its request says of it."""

    body: bytes
    encoding: str | None
    form: Format
    media_type: str
    query: str


@asynccontextmanager
async def read_rows(
    request: Request,
    api: Api,
    whose: str,
    limits_of: Callable[[Format], Limits],
    read: Callable[[bytes, Format, Limits], Read],
    *,
    spool: bool = False,
) -> AsyncIterator[Upload[Read]]:
    """Receive a body and give what ``read`` makes of its decompressed bytes.

    The memory for it counts as taken until the context is left; ``whose`` it is decides who waits.
    With ``spool`` a body of columns may lie on disk.

    Raises
    ------
    Unsupported, TooLarge, Invalid, Unavailable
        It cannot be read; nothing was counted.
    """
    content_type = _whole(request, "content-type")
    form = find_format(content_type)
    limits = limits_of(form)
    media_type = (content_type or "").partition(";")[0].strip().lower()
    query = request.scope["query_string"].decode("latin-1")
    sent = Sent(b"", _whole(request, "content-encoding"), form, media_type, query)
    if spool and form.columnar and sent.encoding is None:
        receiving = spool_body(request, limits.body, api.room, api.uploads)
    else:
        in_memory = min(limits.body, api.limits.in_memory)
        receiving = receive_body(request, in_memory, api.budget)
    async with AsyncExitStack() as stack:
        body = await stack.enter_async_context(receiving)
        reading = decoded(replace(sent, body=body), api, whose, limits, read)
        yield await stack.enter_async_context(reading)


@asynccontextmanager
async def decoded(
    sent: Sent,
    api: Api,
    whose: str,
    limits: Limits,
    read: Callable[[bytes, Format, Limits], Read],
) -> AsyncIterator[Upload[Read]]:
    """Give what ``read`` makes of a body that is there; raises as `read_rows` does."""
    if len(sent.body) <= INLINE and (small := plain_and_small(sent, limits)) is not None:
        with api.budget.holding(len(small.body) if sent.encoding else 0):
            yield opened(small, limits, read)
        return
    loop = asyncio.get_running_loop()
    lane = lane_for_body(api.pool, len(sent.body))
    inflated = 0
    if sent.encoding is not None:
        with malformed():
            plain = await loop.run_in_executor(lane, inflate, sent.body, sent.encoding, limits)
        sent, inflated = replace(sent, body=plain, encoding=None), len(plain)
        lane = lane_for_body(api.pool, inflated)
    with api.budget.holding(inflated):
        async with api.gate.admitted(whose, weight(sent.form, len(sent.body))):
            yield await loop.run_in_executor(lane, opened, sent, limits, read)


def plain_and_small(sent: Sent, limits: Limits) -> Sent | None:
    """Return a small body without its encoding; None where it may be large without."""
    if sent.encoding is None:
        return sent
    if sent.encoding not in FRUGAL:
        return None
    try:
        with malformed():
            few = replace(limits, decoded=min(INLINE, limits.decoded))
            return replace(sent, body=inflate(sent.body, sent.encoding, few), encoding=None)
    except TooLarge:
        return None  # if it is, the long way says so


def _whole(request: Request, name: str) -> str | None:
    """Return a header with all its lines: of two, the first is not the truth."""
    return ", ".join(request.headers.getlist(name)) or None


def opened(
    sent: Sent, limits: Limits, read: Callable[[bytes, Format, Limits], Read]
) -> Upload[Read]:
    """Decode and digest plain bytes; CPU-bound."""
    with malformed():
        plain = inflate(sent.body, sent.encoding, limits)
        content = read(plain, sent.form, limits)
    return Upload(content, fingerprint(plain, sent.media_type, sent.query))


@contextmanager
def malformed() -> Iterator[None]:
    """Say that a body which is no rows at all is malformed; if its rows are right is seen later."""
    try:
        yield
    except Invalid as error:
        if error.code == Invalid.code:
            error.code = MALFORMED
        raise
