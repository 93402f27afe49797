"""Accepts connections and deals them out; starts processes, and starts them again."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from app.processes.child import Child

BURST: Final = 64
"""Connections that are accepted before anything else is looked at."""
TICK: Final = 0.25
PAUSE: Final = 0.5
"""Seconds without accepting, where files or takers have run out."""
FIRST_REST, LONGEST_REST = 1.0, 30.0
"""Seconds before a process that ended is started again: each time twice as long."""
STEADY: Final = 60.0
"""A process that ran for so long had no trouble with starting."""
GRACE: Final = 15.0
"""Seconds to end in; longer than a process gives to its requests and its writer."""

log = structlog.get_logger("leeway.processes")


class Supervisor:
    """Keeps ``count`` processes that serve what ``listener`` accepts."""

    def __init__(
        self, listener: socket.socket, count: int, start: Callable[[int], Child], url: str
    ) -> None:
        self._listener = listener
        self._count = count
        self._start = start
        self._url = url
        self._children: dict[int, Child] = {}
        self._rests: dict[int, tuple[float, float]] = {}
        """Of those that ended: when they start again, and the rest after that."""
        self._stopping = asyncio.Event()
        self._accepting = False

    async def run(self) -> int:
        """Serve until SIGTERM or Ctrl-C; return the exit status.

        The first process starts alone: it migrates the database, and what is wrong is said once.
        """
        loop = asyncio.get_running_loop()
        for asked in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(asked, self._stopping.set)
        self._listener.setblocking(False)
        self._begin(0)
        try:
            status = await self._first_ready()
            if status is None:
                for number in range(1, self._count):
                    self._begin(number)
                self._accept_from_now_on()
                log.info("listening", url=self._url, processes=self._count)
                await self._watch()
        finally:
            self._listen_no_more()
            await self._end_all()
        return status or 0

    async def _first_ready(self) -> int | None:
        """Wait for the first process; return its status where it ended instead."""
        first = self._children.get(0)
        while not self._stopping.is_set() and not (first and first.ready):
            status = first.ended() if first else 1
            if status is not None:
                return status if status > 0 else 1
            await self._tick()
        return 0 if self._stopping.is_set() else None

    async def _watch(self) -> None:
        while not self._stopping.is_set():
            await self._tick()
            now = time.monotonic()
            for child in list(self._children.values()):
                if child.ended() is not None:
                    self._bury(child, now)
                elif child.lost(now) and child.give_up():
                    log.error("process_hangs", process=child.process.pid)
            for number, (due, _) in list(self._rests.items()):
                if now >= due and number not in self._children:
                    self._begin(number)

    async def _tick(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), TICK)
        except TimeoutError:
            return

    def _begin(self, number: int) -> None:
        try:
            child = self._start(number)
        except OSError as error:  # no memory or no more processes, for now perhaps
            log.error("process_not_started", detail=os.strerror(error.errno or 0))  # noqa: TRY400
            self._rest(number, FIRST_REST)
            return
        self._children[number] = child
        asyncio.get_running_loop().add_reader(child.channel, self._hear, child)

    def _hear(self, child: Child) -> None:
        if not child.hear(time.monotonic()):
            # it has ended, or is about to: nothing more is handed to it
            child.ready = False
            asyncio.get_running_loop().remove_reader(child.channel)

    def _bury(self, child: Child, now: float) -> None:
        log.error("process_ended", process=child.process.pid, status=child.ended())
        self._forget(child)
        self._rest(child.number, now - child.began)

    def _rest(self, number: int, ran: float) -> None:
        """Start it again after a while, which is longer each time that it did not run for long."""
        _, rest = self._rests.get(number, (0.0, FIRST_REST))
        if ran >= STEADY:
            rest = FIRST_REST
        self._rests[number] = time.monotonic() + rest, min(2 * rest, LONGEST_REST)

    def _forget(self, child: Child) -> None:
        asyncio.get_running_loop().remove_reader(child.channel)
        child.channel.close()
        del self._children[child.number]

    def _accept_from_now_on(self) -> None:
        if not self._stopping.is_set():
            asyncio.get_running_loop().add_reader(self._listener, self._accept)
            self._accepting = True

    def _pause(self) -> None:
        """Leave connections where they wait for a while: the system keeps a queue of them."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listener)
        loop.call_later(PAUSE, self._accept_from_now_on)

    def _listen_no_more(self) -> None:
        self._stopping.set()
        if self._accepting:
            asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        for _ in range(BURST):
            takers = takers_of(self._children.values(), time.monotonic())
            if not takers:
                self._pause()
                return
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # too many open files, most of all
                log.warning("cannot_accept", detail=os.strerror(error.errno or 0))
                self._pause()
                return
            with connection:
                any(child.take(connection) for child in takers)

    async def _end_all(self) -> None:
        """Ask all to stop, and wait; those that do not are killed."""
        for child in self._children.values():
            child.process.terminate()
        patience = time.monotonic() + GRACE
        while any(child.ended() is None for child in self._children.values()):
            if time.monotonic() >= patience:
                for child in self._children.values():
                    child.process.kill()
            await asyncio.sleep(0.02)
        for child in list(self._children.values()):
            self._forget(child)


def takers_of(children: Iterable[Child], now: float) -> list[Child]:
    """Return who may be handed a connection: those that are awake, the least busy first.

    Where none was heard of lately, all that have ever been ready.
    """
    ready = [child for child in children if child.ready]
    awake = [child for child in ready if child.awake(now)]
    return sorted(awake or ready, key=lambda child: child.load)
