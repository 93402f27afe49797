"""Bodies, received within a limit that holds before memory is spent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request

from app.api.problems import MALFORMED
from app.api.state import Budget
from app.domain.errors import Invalid, TooLarge, Unavailable

LONGEST_LENGTH = 18


@asynccontextmanager
async def receive_body(request: Request, limit: int, budget: Budget) -> AsyncIterator[bytes]:
    """Receive a whole body; its bytes count against the budget until the context is left.

    Raises
    ------
    TooLarge
        It is, or claims to be, longer than ``limit``.
    Unavailable
        The bodies of other requests fill the memory set aside for them.
    """
    claimed = _claimed_length(request)
    if claimed is not None and claimed > limit:
        raise _too_large(limit)
    body = bytearray()
    size = 0
    try:
        async for chunk in request.stream():
            # The budget is asked chunk by chunk: a claim alone must not keep others out.
            if not budget.take(len(chunk)):
                raise Unavailable("too many bodies are on their way", code="overloaded")
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            body += chunk
        whole = bytes(body)
        body.clear()
        yield whole
    finally:
        budget.give(size)


def _claimed_length(request: Request) -> int | None:
    claimed = request.headers.get("content-length")
    if claimed is None:
        return None
    if not (claimed.isascii() and claimed.isdigit()):
        raise Invalid("the Content-Length is not a number", code=MALFORMED)
    # Python refuses to convert thousands of digits, which is no answer to a client.
    return int(claimed[:LONGEST_LENGTH])


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body may have at most {limit:,} bytes")
