"""Bodies, received within a limit that holds before memory is spent; large ones lie in files."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import cast

from starlette.requests import ClientDisconnect, Request

from app.api.edge import straight
from app.api.problems import MALFORMED
from app.api.state import Budget
from app.domain.errors import Invalid, TooLarge, Unavailable

LONGEST_LENGTH = 18
BLOCK = 1_000_000
"""Bytes that are written to a file at once."""
CRUMB = 4_096
"""Smaller pieces are joined at once: a body sent byte by byte would take fifty times its size."""


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
    _hold_claim(request, limit)
    held = _Held(limit, budget)
    try:
        straight.begin(request.scope, held.take)
        more = True
        while more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            more = held.take(message.get("body", b"")) and message.get("more_body", False)
            if held.trouble is not None:
                raise held.trouble
        yield held.whole()
    finally:
        budget.give(held.size)


@dataclass(slots=True)
class _Held:
    """The pieces of a body, as far as they came."""

    limit: int
    budget: Budget
    size: int = 0
    trouble: TooLarge | Unavailable | None = None
    _pieces: list[bytes | bytearray] = field(default_factory=list)

    def take(self, piece: bytes) -> bool:
        # The budget is asked piece by piece: a claim alone must not keep others out.
        if self.trouble is None and not self.budget.take(len(piece)):
            self.trouble = Unavailable("too many bodies are on their way", code="overloaded")
        elif self.trouble is None:
            self.size += len(piece)
            self._keep(piece)
            if self.size > self.limit:
                self.trouble = _too_large(self.limit)
        return self.trouble is None

    def _keep(self, piece: bytes) -> None:
        last = self._pieces[-1] if self._pieces else None
        if len(piece) >= CRUMB:
            self._pieces.append(piece)
        elif isinstance(last, bytearray):
            last += piece
        else:
            self._pieces.append(bytearray(piece))

    def whole(self) -> bytes:
        """Return the body, and keep nothing of it."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


@asynccontextmanager
async def spool_body(
    request: Request, limit: int, room: Budget, folder: Path | None
) -> AsyncIterator[bytes]:
    """Receive a whole body into a file without a name and give it mapped into memory.

    It takes no memory that the system could not take back. ``room`` is that on disk, in
    ``folder`` or where the system keeps temporary files.

    Raises
    ------
    TooLarge
        It is, or claims to be, longer than ``limit``.
    Unavailable
        There is no room on disk.
    """
    _hold_claim(request, limit)
    size = 0
    block = bytearray()
    try:
        with _no_room(), tempfile.TemporaryFile(prefix="leeway-", dir=folder) as file:
            async for chunk in request.stream():
                if not room.take(len(chunk)):
                    raise Unavailable("too many uploads are on their way", code="overloaded")
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                block += chunk
                if len(block) >= BLOCK:
                    await asyncio.to_thread(file.write, bytes(block))
                    block.clear()
            file.write(block)
            await asyncio.to_thread(file.flush)
            # it is unmapped when nobody refers to it: columns may lie in it
            mapped = mmap(file.fileno(), 0, access=ACCESS_READ) if size else b""
        # what reads columns takes whatever lies in memory, and copies no bytes for it
        yield cast("bytes", mapped)
    finally:
        room.give(size)


@contextmanager
def _no_room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("there is no room for uploads on disk", code="disk-full") from error


def _hold_claim(request: Request, limit: int) -> None:
    claimed = _claimed_length(request)
    if claimed is not None and claimed > limit:
        raise _too_large(limit)


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
