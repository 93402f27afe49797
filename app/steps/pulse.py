"""Whether the database still answers, asked while something waits for it."""

import asyncio
import contextvars
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

import structlog

from app.domain.errors import Unavailable
from app.ports import Store

QUIET = 0.9
"""Seconds that work may take before anybody asks; with the store's own patience below five."""
LOOK = QUIET / 3
ASKING = 3.6
"""Seconds; the store's own patience is a little shorter."""

T = TypeVar("T")
log = structlog.get_logger("leeway.steps")


class Pulse:
    """Lets work take its time, but not for a database that has gone away meanwhile.

    A statement that was sent before the network or the server went silent is never answered, and
    no timeout of the server's can end it. One task watches for all who wait: a timer for each of
    them would take as long as to count a row.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since: dict[asyncio.Timeout, float] = {}
        self._watched: dict[asyncio.Future[Any], float] = {}
        self._watching: asyncio.Task[None] | None = None
        self._away: Unavailable | None = None
        self._left: set[asyncio.Task[Any]] = set()

    async def keep(self, work: Awaitable[T]) -> T:
        """Return what ``work`` gives, which must end at once when it is cancelled.

        Raises
        ------
        Unavailable
            The database stopped answering. What the work wrote may be durable or not.
        """
        try:
            async with asyncio.timeout(None) as patience:
                self._since[patience] = asyncio.get_running_loop().time()
                self._watch()
                try:
                    return await work
                finally:
                    del self._since[patience]
        except TimeoutError:
            if self._away is None or not patience.expired():
                raise
            raise Unavailable(self._away.detail, code=self._away.code) from self._away

    def watch(self, answer: "asyncio.Future[Any]") -> None:
        """Let an answer that somebody else will give be `Unavailable` as soon as `keep` was."""
        self._watched[answer] = asyncio.get_running_loop().time()
        self._watch()

    async def apart(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what ``work`` gives; where nobody waits any more, it is broken off and left.

        A driver that waits for a silent server does not end when it is cancelled.
        """
        task = asyncio.create_task(work)
        try:
            return await asyncio.shield(task)
        finally:
            if not task.done():
                task.cancel()
                self._left.add(task)
                task.add_done_callback(self._forget)

    def _watch(self) -> None:
        if self._watching is None or self._watching.done():
            # of its own: what it logs is of no single request
            context = contextvars.Context()
            self._watching = asyncio.create_task(self._ask_while_waiting(), context=context)

    async def _ask_while_waiting(self) -> None:
        """Ask together for all who have waited for long; end when nobody waits."""
        loop = asyncio.get_running_loop()
        while self._since or self._watched:
            await asyncio.sleep(LOOK)
            # all at once, and now: to be told of each that is there would cost each of them
            self._watched = {one: at for one, at in self._watched.items() if not one.done()}
            if not self._late() and not self._due():
                continue
            away = await self._asked()
            if away is not None:
                self._away = away
                for patience in self._late():
                    patience.reschedule(loop.time())
                for answer in self._due():
                    answer.set_exception(Unavailable(away.detail, code=away.code))

    async def _asked(self) -> Unavailable | None:
        """Ask for no longer than anybody is to wait; what is wrong with the database, if anything.

        The question itself may hang where the network goes silent in the middle of it.
        """
        asking = asyncio.create_task(self._answers())
        done, _ = await asyncio.wait({asking}, timeout=ASKING)
        if not done:
            asking.cancel()
            self._left.add(asking)
            asking.add_done_callback(self._forget)
            return Unavailable("the database does not answer", code="database-away")
        error = asking.exception()
        if error is not None and not isinstance(error, Unavailable):
            log.error("pulse_failed", error=type(error).__name__)
        return error if isinstance(error, Unavailable) else None

    async def _answers(self) -> None:
        async with self._store.read():
            pass

    def _late(self) -> list[asyncio.Timeout]:
        """Return those who have waited for long, and were not told to go yet."""
        late = asyncio.get_running_loop().time() - QUIET
        return [
            patience
            for patience, since in self._since.items()
            if since <= late and patience.when() is None
        ]

    def _due(self) -> "list[asyncio.Future[Any]]":
        """Return the answers that have been waited for for long."""
        late = asyncio.get_running_loop().time() - QUIET
        return [one for one, at in self._watched.items() if at <= late and not one.done()]

    def _forget(self, task: "asyncio.Task[Any]") -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # nobody is left to hear of it
