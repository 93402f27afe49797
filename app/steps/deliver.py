"""Deliveries that are due are tried: claimed with a lease, sent with no transaction open."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.alerts.delivery import Attempt, Claimed, Next, after
from app.ports import Sender, Store, Unit

LEASE = timedelta(seconds=60)
"""Longer than a try can take, so that only a process that died loses its lease."""

SLOTS = 32
PATIENCE = 1.0


class Delivered(NamedTuple):
    """A delivery, the try that was made, and what becomes of it."""

    claimed: Claimed
    attempt: Attempt
    outcome: Next


@dataclass(slots=True)
class Deliverer:
    """Keeps up to ``slots`` tries under way.

    Each is recorded when it ends, so that receivers that hang hold back nobody else.
    """

    store: Store
    sender: Sender
    slots: int = SLOTS
    jitter: Callable[[], float] = random.random
    """Draws from [0, 1)."""
    tell: Callable[[Unit, Delivered], Awaitable[None]] | None = None
    """Is told of each try in the transaction that records it, before it is recorded."""
    _under_way: set[asyncio.Task[Delivered]] = field(default_factory=set)

    async def once(self, patience: float = PATIENCE) -> list[Delivered]:
        """Start what is due, and return what has ended.

        Waits for the first to end, but no longer than ``patience`` seconds: what hangs is
        returned by a later call. An error of the store is raised; the delivery it struck is due
        again when its lease ends, with the same id.
        """
        await self._start()
        if not self._under_way:
            return []
        await asyncio.wait(self._under_way, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        return self._ended()

    async def drain(self) -> list[Delivered]:
        """Start nothing more, and return all that was under way when it has ended."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        return self._ended()

    async def stop(self) -> None:
        """Break off what is under way; it is due again when its lease ends."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._under_way.clear()

    async def _start(self) -> None:
        free = self.slots - len(self._under_way)
        if free <= 0:
            return
        async with self.store.write() as unit:
            claims = await unit.outbox.claim(free, LEASE)
            now = unit.now
        self._under_way |= {asyncio.create_task(self._deliver(c, now)) for c in claims}

    async def _deliver(self, claimed: Claimed, now: datetime) -> Delivered:
        attempt = await self.sender.send(claimed, now)
        outcome = after(attempt, claimed.tries + 1, self.jitter())
        done = Delivered(claimed, attempt, outcome)
        async with self.store.write() as unit:
            if self.tell is not None:
                await self.tell(unit, done)
            await unit.outbox.record(claimed.id, attempt, outcome)
        return done

    def _ended(self) -> list[Delivered]:
        """Take out what ended well; a failure is raised alone, once nothing else is to be told."""
        ended = {task for task in self._under_way if task.done()}
        good = {task for task in ended if not task.cancelled() and task.exception() is None}
        if good:
            self._under_way -= good
            return [task.result() for task in good]
        if ended:
            failed = ended.pop()
            self._under_way.discard(failed)
            failed.result()
        return []


async def deliver_once(
    store: Store,
    sender: Sender,
    jitter: Callable[[], float] = random.random,
    limit: int = SLOTS,
) -> list[Delivered]:
    """Make one try of each delivery that is due, at most ``limit``, and wait for all of them."""
    deliverer = Deliverer(store, sender, limit, jitter)
    try:
        done = await deliverer.once()
        return done + await deliverer.drain()
    finally:
        await deliverer.stop()
