"""Whether the database still answers, asked while something waits for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from app.ports import Store

QUIET = 0.9
"""Seconds that work may take before anybody asks; with the store's own patience below five."""

T = TypeVar("T")


class Pulse:
    """Lets work take its time, but not for a database that has gone away meanwhile.

    A statement that was sent before the network or the server went silent is never answered, and
    no timeout of the server's can end it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asking: asyncio.Task[None] | None = None
        self._left: set[asyncio.Task[Any]] = set()

    async def keep(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what ``work`` gives.

        Raises
        ------
        Unavailable
            The database stopped answering. What the work wrote may be durable or not.
        """
        task = asyncio.create_task(work)
        try:
            while not (await asyncio.wait({task}, timeout=QUIET))[0]:
                await self._ask()
            return task.result()
        finally:
            if task.done():
                self._forget(task)  # it may have failed while we heard that the database is away
            else:
                self._leave(task)

    async def _ask(self) -> None:
        """Ask, together with all who wait at this moment."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._answers())
        # whoever is cancelled must not take the question from the others
        await asyncio.shield(self._asking)

    async def _answers(self) -> None:
        async with self._store.read():
            pass

    def _leave(self, task: "asyncio.Task[Any]") -> None:
        """Break work off without waiting for a driver that waits for the server."""
        task.cancel()
        self._left.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: "asyncio.Task[Any]") -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # nobody is left to hear of it
