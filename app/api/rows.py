"""Uploads of rows: received within limits, then opened and decoded off the event loop."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request

from app.api.body import receive_body
from app.api.problems import MALFORMED
from app.api.state import Api
from app.domain.errors import Invalid
from app.sources.formats import Format, Limits, find_format, inflate

Read = TypeVar("Read")
INLINE = 16_384
"""Up to so many plain bytes are decoded at once: handing them to a thread would take longer."""


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


async def read_rows(
    request: Request,
    api: Api,
    limits_of: Callable[[Format], Limits],
    read: Callable[[bytes, Format, Limits], Read],
) -> Upload[Read]:
    """Receive a body and return what ``read`` makes of its decompressed bytes.

    Raises
    ------
    Unsupported, TooLarge, Invalid, Unavailable
        It cannot be read; nothing was counted.
    """
    content_type = _whole(request, "content-type")
    form = find_format(content_type)
    limits = limits_of(form)
    media_type = (content_type or "").partition(";")[0].strip().lower()
    encoding = _whole(request, "content-encoding")
    query = request.scope["query_string"].decode("latin-1")
    async with receive_body(request, limits.body, api.budget) as body:
        sent = Sent(body, encoding, form, media_type, query)
        if encoding is None and len(body) <= INLINE:
            return opened(sent, limits, read)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(api.pool, opened, sent, limits, read)


def _whole(request: Request, name: str) -> str | None:
    """Return a header with all its lines: of two, the first is not the truth."""
    return ", ".join(request.headers.getlist(name)) or None


def opened(
    sent: Sent, limits: Limits, read: Callable[[bytes, Format, Limits], Read]
) -> Upload[Read]:
    """Decompress, digest and decode; CPU-bound.

    A body that is no rows at all is malformed; whether its rows are right is judged later.
    """
    try:
        plain = inflate(sent.body, sent.encoding, limits)
        content = read(plain, sent.form, limits)
    except Invalid as error:
        if error.code == Invalid.code:
            error.code = MALFORMED
        raise
    return Upload(content, fingerprint(plain, sent.media_type, sent.query))


def fingerprint(plain: bytes, media_type: str, query: str) -> bytes:
    """Return the digest that two requests share exactly where they ask for the same."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    digest = hashlib.sha256(plain)
    # Lengths first: no body can then pass for another one's body and query.
    for part in (media_type, *(text for pair in pairs for text in pair)):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()
