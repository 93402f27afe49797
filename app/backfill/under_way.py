"""A backfill under way: what there is, is noted, and what waits is counted until nothing does."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from app.backfill.order import AWAY, DONE, INCOMPLETE, UNUSABLE, Order, Stop
from app.backfill.pool import Pool
from app.backfill.show import Shown
from app.backfill.tally import Tally
from app.domain.errors import Unavailable
from app.domain.sources.source import GONE, ObjectState, Scope, Source, Trouble
from app.ports import Store
from app.ports.sources import Buckets
from app.steps.enlist import Enlisted, Enlisting
from app.steps.take import Taken, Taker

T = TypeVar("T")
HELD = timedelta(minutes=1)
HOLD_AGAIN = 15.0
PAUSE = 0.5
LOOK_AGAIN, LOOK_SHARE = 2.0, 20.0
"""Seconds between two looks at what is left, and as many times what a look takes."""
A_PAGE = 500
DELETED = (
    "a source of these objects was deleted while they were counted: what was counted before stays "
    "counted, the rest is not"
)
BROKEN_OFF = frozenset({"throttled", "store-error", "unreachable"})
UNSEEN = "bad-key"
"""All was listed that can be; what cannot be read is for people to rename."""
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
    unseen: str = ""
    """Why not all was listed."""
    _held: float = -HOLD_AGAIN
    _look_at: float = 0.0
    _done_then: int = 0
    _waiting: int = 0

    @property
    def scopes(self) -> list[Scope]:
        return list(self.taker.within or ())

    async def enlist(self, buckets: Buckets, enlisting: Enlisting) -> None:
        """Note all objects of the prefix; a listing that breaks off is begun anew."""
        begun = time.monotonic()
        while True:
            self.found.again()
            try:
                await self._list(buckets, enlisting)
                break
            except Trouble as trouble:
                if trouble.code == UNSEEN:
                    self.unseen = trouble.detail
                    break
                waits = time.monotonic() - begun < self.order.patience
                if trouble.code not in BROKEN_OFF or not waits:
                    status = AWAY if trouble.passing else UNUSABLE
                    raise Stop(f"{self.order.url}: {trouble.detail}", status) from None
            await asyncio.sleep(PAUSE)
        if self.order.retry:
            await self._patiently(self._retry)
        for name in sorted(self.found.added.keys() - {self.own.name}):
            objects = self.found.added[name]
            self.shown.note(f"{objects:,} objects are of source {name!r}, and read as it says")

    async def _list(self, buckets: Buckets, enlisting: Enlisting) -> None:
        await self._patiently(self._hold)
        async for page in buckets.pages(self.own, datetime.now(UTC).date()):
            await self._patiently(partial(enlisting.note, page, self.found))
            await self._patiently(self._hold)
            self.shown.listing(self.found)

    async def count(self) -> int:
        """Count what waits, until nothing does; return the exit status."""
        try:
            return await self._count()
        finally:
            self.tally.add(self.taker.told())

    async def _count(self) -> int:
        await self._patiently(self._look)
        waited, moved = self._waiting, time.monotonic()
        while self._waiting or self.taker.busy:
            taken = await self._patiently(self._take)
            self.tally.add(taken)
            if self.pool.stop is not None:
                raise self.pool.stop
            if taken or self.taker.busy or self._waiting != waited:
                waited, moved = self._waiting, time.monotonic()
            elif time.monotonic() - moved > self.order.patience:
                raise Stop(self._stuck(), AWAY)
            else:
                await asyncio.sleep(PAUSE)
            await self._look_again()
            done = self.tally.done - self._done_then
            self.shown.counting(self.tally, max(0, self._waiting - done))
        return await self._ended()

    async def _take(self) -> list[Taken]:
        try:
            return await self.taker.once()
        except ExceptionGroup as broken:
            # nobody foresaw it: taken again when its lease ends, and in the end quarantined
            names = ", ".join(sorted({type(error).__name__ for error in broken.exceptions}))
            self.shown.note(f"an object could not be counted ({names}); it is tried again")
            return []

    async def _ended(self) -> int:
        async with self.store.write() as unit:
            reasons = await unit.objects.quarantined(self.scopes)
            alone = await unit.sources.end_backfill(self.own.id, self.taker.holder)
            if alone and not await unit.objects.page(self.own.id, None, 0, 1):
                # other sources had all of it
                await unit.sources.delete(self.own.model_id, self.own.name)
        return self._complete(reasons)

    def _complete(self, reasons: Mapping[str, int]) -> int:
        """Say what was not counted; return the exit status."""
        gone = sum(reasons.get(reason, 0) for reason in GONE)
        quarantined = sum(reasons.values()) - gone
        complete = True
        if gone:
            # whatever is done, nobody can count them: no reason to fail for ever
            self.shown.note(
                f"{gone:,} quarantined objects are not there any more, deleted or overwritten, "
                "and are passed over"
            )
        if quarantined:
            complete = False
            self.shown.note(
                f"{quarantined:,} objects are quarantined and hold up nothing; "
                "once that is put right, --retry takes them again"
            )
        if self.unseen:
            complete = False
            self.shown.note(f"{self.order.url}: {self.unseen}; rename them, and run it again")
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

    async def _look_again(self) -> None:
        """Look now and then, which takes its time where there are many objects."""
        await self._patiently(self._hold)
        begun = time.monotonic()
        if begun >= self._look_at or not self.taker.busy:
            await self._patiently(self._look)
            self._done_then = self.tally.done
            self._look_at = begun + LOOK_AGAIN + LOOK_SHARE * (time.monotonic() - begun)

    async def _look(self) -> None:
        """See what is left to do, whoever does it."""
        sources = {scope.source for scope in self.scopes}
        async with self.store.read() as unit:
            if await unit.sources.living(sources) != sources:
                # its objects may be gone already, which looks as if all were counted
                raise Stop(DELETED, INCOMPLETE)
            sums = await unit.objects.in_states(self.scopes)
        self._waiting = sum(sums.get(state, 0) for state in WAITING)

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
        return f"gave up after {patience}; {self._waiting:,} objects wait{why}"

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
