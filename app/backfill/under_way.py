"""A backfill under way: what there is, is noted, and what waits is counted until nothing does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from app.backfill.order import AWAY, DONE, INCOMPLETE, UNUSABLE, Order, Stop
from app.backfill.pool import Pool
from app.backfill.show import Shown
from app.backfill.tally import Tally
from app.domain.errors import Unavailable
from app.domain.source import ObjectState, Scope, Source, Trouble
from app.ports import Store
from app.source_ports import Buckets, ObjectSum
from app.steps.enlist import Enlisted, Enlisting
from app.steps.take import Taker

T = TypeVar("T")
HELD = timedelta(minutes=1)
HOLD_AGAIN = 15.0
PAUSE = 0.5
A_PAGE = 500
WAITING = (ObjectState.FOUND, ObjectState.CLAIMED, ObjectState.STAGED)


@dataclass
class UnderWay:
    """One backfill under way."""

    order: Order
    store: Store
    own: Source
    taker: Taker
    pool: Pool
    shown: Shown
    found: Enlisted
    tally: Tally
    _held: float = -HOLD_AGAIN
    _waiting: ObjectSum = field(default_factory=lambda: ObjectSum(0, 0))

    @property
    def scopes(self) -> list[Scope]:
        return list(self.taker.within or ())

    async def list(self, buckets: Buckets, enlisting: Enlisting) -> None:
        """Note all objects of the prefix."""
        await self._patiently(self._hold)
        try:
            async for page in buckets.pages(self.own, datetime.now(UTC).date()):
                await self._patiently(lambda page=page: enlisting.note(page, self.found))  # type: ignore[misc]
                await self._patiently(self._hold)
                self.shown.listing(self.found)
        except Trouble as trouble:
            status = AWAY if trouble.passing else UNUSABLE
            raise Stop(f"{self.order.url}: {trouble.detail}", status) from None
        if self.order.retry:
            await self._patiently(self._retry)
        for name in sorted(self.found.added.keys() - {self.own.name}):
            objects = self.found.added[name]
            self.shown.note(f"{objects:,} objects are source {name!r}'s, and read as it says")

    async def count(self) -> int:
        """Count what waits, until nothing does; return the exit status."""
        moved = time.monotonic()
        await self._patiently(self._look)
        while self._waiting.objects or self.taker.busy:
            taken = await self._patiently(self.taker.once)
            if self.pool.stop is not None:
                raise self.pool.stop
            self.tally.add(taken)
            before = self._waiting
            await self._patiently(self._look)
            self.shown.counting(self.tally, self._waiting)
            if self.taker.busy or self._waiting != before:
                moved = time.monotonic()
            elif time.monotonic() - moved > self.order.patience:
                raise Stop(self._stuck(), AWAY)
            else:
                await asyncio.sleep(PAUSE)
        return await self._ended()

    async def _ended(self) -> int:
        async with self.store.write() as unit:
            sums = await unit.objects.sums(self.scopes)
            await unit.sources.end_backfill(self.own.id, self.taker.holder)
            if not await unit.objects.page(self.own.id, None, 0, 1):
                # other sources had all of it
                await unit.sources.delete(self.own.model_id, self.own.name)
        quarantined = sums.get(ObjectState.QUARANTINED)
        complete = True
        if quarantined is not None:
            complete = False
            self.shown.note(
                f"{quarantined.objects:,} objects are quarantined and hold up nothing; "
                "once that is put right, --retry takes them again"
            )
        if self.tally.late:
            complete = False
            self.shown.note(
                f"{self.tally.late:,} rows are late and counted nowhere: their windows are final, "
                "or the model counts each row once and remembers none so old"
            )
        if self.found.forgotten:
            complete = False
            self.shown.note(
                f"{self.found.forgotten:,} objects are older than their source remembers, and may "
                "have been counted; if you know that they were not, --forgotten takes them"
            )
        return DONE if complete else INCOMPLETE

    async def _hold(self) -> None:
        """Let windows of the past wait for us."""
        if time.monotonic() - self._held >= HOLD_AGAIN:
            async with self.store.write() as unit:
                await unit.sources.begin_backfill(self.own.id, self.taker.holder, HELD)
            self._held = time.monotonic()

    async def _look(self) -> None:
        """See what is left to do, whoever does it."""
        await self._hold()
        async with self.store.read() as unit:
            sums = await unit.objects.sums(self.scopes)
        left = [one for state, one in sums.items() if state in WAITING]
        self._waiting = ObjectSum(sum(one.objects for one in left), sum(one.bytes for one in left))

    async def _retry(self) -> None:
        for scope in self.scopes:
            await self._retry_in(scope)

    async def _retry_in(self, scope: Scope) -> None:
        after = 0
        while True:
            async with self.store.write() as unit:
                state = ObjectState.QUARANTINED
                page = await unit.objects.page(scope.source, state, after, A_PAGE)
                for one in page:
                    after = one.id
                    if one.listed.key.startswith(scope.prefix):
                        await unit.objects.retry(scope.source, one.id, None)
            if not page:
                return

    def _stuck(self) -> str:
        why = f": {self.tally.trouble}" if self.tally.trouble else ""
        patience = f"{self.order.patience:.0f} s"
        return f"gave up after {patience}; {self._waiting.objects:,} objects wait{why}"

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask again while the database is away."""
        begun = time.monotonic()
        while True:
            try:
                return await ask()
            except Unavailable as error:
                if time.monotonic() - begun > self.order.patience:
                    raise Stop(f"gave up: {error.detail}", AWAY) from None
                await asyncio.sleep(error.retry_after)
