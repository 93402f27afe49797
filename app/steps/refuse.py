"""Refused batches are counted and described; many at once share a transaction."""

import asyncio
from collections import deque
from collections.abc import Sequence

from app.domain.errors import LeewayError, Unavailable
from app.domain.rejection import Rejection, Sender, rejection_of
from app.ports import Store

GROUP = 500
WAITING = 5_000
"""Refusals that may wait to be written: each is small, but so is what causes it."""


class Refusals:
    """Writes what waits together; there is no timer and no task of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[tuple[Rejection, asyncio.Future[None]]] = deque()
        self._turn = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()

    async def record(self, error: LeewayError, sender: Sender, rows: int) -> None:
        """Return once the refusal with ``error`` is durable; does nothing where it is none.

        Raises
        ------
        Unavailable
            Too many wait, or the database is away. The sender should hear that instead: sent
            again, the batch is refused again.
        """
        rejection = rejection_of(error, sender, rows)
        if rejection is None:
            return
        if len(self._waiting) >= WAITING:
            raise Unavailable("too many refusals wait to be written", code="overloaded")
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rejection, written))
        while not written.done():
            async with self._turn:
                if not written.done():
                    await self._write()
        written.result()

    async def _write(self) -> None:
        """Write a group, our own refusal or those before it among them."""
        group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
        adding = self._add([rejection for rejection, _ in group])
        self._writing.add(writing := asyncio.create_task(adding))
        writing.add_done_callback(self._writing.discard)
        writing.add_done_callback(lambda done: _tell([written for _, written in group], done))
        # who waits may be given up; what it was refused for is written all the same
        await asyncio.wait({writing})

    async def _add(self, group: Sequence[Rejection]) -> None:
        async with self._store.write() as unit:
            await unit.rejections.add(group)


def _tell(waiting: "Sequence[asyncio.Future[None]]", done: "asyncio.Task[None]") -> None:
    error = Unavailable("given up while it was written") if done.cancelled() else done.exception()
    for written in waiting:
        if written.done():
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
            written.exception()  # whoever waits still hears of it; nobody may
