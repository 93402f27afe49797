"""Objects that are due are read, counted and published: each once, or not at all."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from app.domain.batch import Counted, CountedBatch, Outcome, Receipt, Repeated
from app.domain.counts.adding import size_of
from app.domain.errors import Unavailable
from app.domain.sources.source import Claim, Scope, Trouble, Verdict, after_trouble, rejection
from app.ports import Store

LEASE = timedelta(seconds=15)
"""Short, since whoever holds it extends it all the time; work begun twice counts once anyway."""
EXTEND_AFTER = 4.0
SLOTS = 32
GATHERING = 0.05
LARGE = 4_000_000
LARGE_AT_ONCE = 2
GROUP_BYTES = 8_000_000


class Counter(Protocol):
    """Counts one object at a time, many at once."""

    @property
    def holder(self) -> str:
        """Of the leases."""

    async def count(self, claim: Claim) -> CountedBatch | None:
        """Return the counts of an object; None where it is for others to count, or later.

        Raises
        ------
        Trouble
            It cannot be read, or its rows cannot be counted.
        Unavailable
            Not now.
        """


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an object; ``verdict`` None: it was counted."""

    claim: Claim
    rows: int
    verdict: Verdict | None
    receipt: Receipt | None = None
    """Where it was counted now, and not before."""


@dataclass(frozen=True, slots=True)
class _Ready:
    claim: Claim
    batch: CountedBatch


@dataclass(slots=True)
class Taker:
    """Keeps up to ``slots`` objects under way; what is counted waits for the next transaction."""

    store: Store
    tallying: Counter
    slots: int = SLOTS
    large_at_once: int = LARGE_AT_ONCE
    within: Sequence[Scope] | None = None
    """These objects only; all of sources that are switched on by default."""
    lease: timedelta = LEASE
    jitter: Callable[[], float] = random.random
    """Draws from [0, 1)."""
    _under_way: "dict[asyncio.Task[CountedBatch | None], Claim]" = field(default_factory=dict)
    _ready: list[_Ready] = field(default_factory=list)
    _taken: list[Taken] = field(default_factory=list)
    _extended: float = 0.0
    _singly: bool = False
    _large: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._large = asyncio.Semaphore(self.large_at_once)

    @property
    def holder(self) -> str:
        return self.tallying.holder

    @property
    def busy(self) -> bool:
        """Whether something is under way, or has ended and was not told yet."""
        return bool(self._under_way or self._ready or self._taken)

    async def once(self, patience: float = 1.0) -> list[Taken]:
        """Start what is due, and return what has ended.

        All that ended since the last call is committed in one transaction, counts together with
        what says that they are counted. An error of the store is raised; what was counted, and
        what ended beside it, is kept for the next call.
        """
        await self._start()
        await self._extend()
        if self._under_way:
            await asyncio.wait(
                self._under_way, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            # one transaction for those that are nearly done, too
            await asyncio.wait(self._under_way, timeout=GATHERING)
        failed, later, broken = self._ended()
        await self._publish()
        await self._settle(failed, later)
        if broken:
            # nobody foresaw it; the object is due again when its lease ends, if not for ever
            raise ExceptionGroup("objects could not be taken", broken)
        return self.told()

    def told(self) -> list[Taken]:
        """Return what has ended and was not returned yet, as after an error."""
        taken, self._taken = self._taken, []
        return taken

    async def stop(self) -> None:
        """Break off what is under way, and give it free for others where that is possible."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        held = self._held()
        self._under_way.clear()
        self._ready.clear()
        with suppress(Unavailable):
            async with self.store.write() as unit:
                await unit.objects.release(self.holder, held)

    def _held(self) -> list[int]:
        waiting = [ready.claim.id for ready in self._ready]
        return [claim.id for claim in self._under_way.values()] + waiting

    async def _start(self) -> None:
        free = self.slots - len(self._under_way) - len(self._ready)
        if free <= 0:
            return
        async with self.store.write() as unit:
            claims = await unit.objects.claim(free, self.holder, self.lease, self.within)
        for claim in claims:
            self._under_way[asyncio.create_task(self._count(claim))] = claim

    async def _count(self, claim: Claim) -> CountedBatch | None:
        if claim.listed.size < LARGE:
            return await self.tallying.count(claim)
        async with self._large:
            return await self.tallying.count(claim)

    async def _extend(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._extended < EXTEND_AFTER:
            return
        if held := self._held():
            async with self.store.write() as unit:
                await unit.objects.keep(held, self.holder, self.lease)
        self._extended = now

    def _ended(self) -> tuple[list[tuple[Claim, Trouble]], list[Claim], list[Exception]]:
        """Take out what ended: what cannot be counted, what is for later, and what broke."""
        failed: list[tuple[Claim, Trouble]] = []
        later: list[Claim] = []
        broken: list[Exception] = []
        for task in [task for task in self._under_way if task.done()]:
            claim = self._under_way.pop(task)
            error = task.exception()
            if isinstance(error, Trouble):
                failed.append((claim, error))
            elif isinstance(error, Unavailable):
                later.append(claim)
            elif isinstance(error, Exception):
                broken.append(error)
            elif (batch := task.result()) is not None:
                self._ready.append(_Ready(claim, batch))
            else:
                later.append(claim)
        return failed, later, broken

    async def _publish(self) -> None:
        while self._ready:
            group = self._group()
            try:
                outcomes = await self._commit(group)
            except Unavailable:
                raise
            except Exception:
                # the cause may be any one of them: from now on each is alone, and this one is out
                if len(group) == 1:
                    del self._ready[0]
                self._singly = True
                raise
            del self._ready[: len(group)]
            self._taken += [
                Taken(ready.claim, rows_of(outcome), None, receipt_of(outcome))
                for ready, outcome in zip(group, outcomes, strict=True)
                if isinstance(outcome, Counted | Repeated)
            ]
        self._singly = False

    def _group(self) -> list[_Ready]:
        group: list[_Ready] = []
        size = 0
        for ready in self._ready[: 1 if self._singly else None]:
            group.append(ready)
            size += size_of(ready.batch)
            if size > GROUP_BYTES:
                break
        return group

    async def _commit(self, group: Sequence[_Ready]) -> Sequence[Outcome]:
        async with self.store.write() as unit:
            outcomes = await unit.batches.commit([ready.batch for ready in group])
            rows: dict[int, int] = {}
            for ready, outcome in zip(group, outcomes, strict=True):
                if isinstance(outcome, Counted | Repeated):
                    rows[ready.claim.id] = rows_of(outcome)
            await unit.objects.count(rows)
            others = [ready.claim.id for ready in group if ready.claim.id not in rows]
            await unit.objects.release(self.holder, others)
        return outcomes

    async def _settle(
        self, failed: Sequence[tuple[Claim, Trouble]], later: Sequence[Claim]
    ) -> None:
        """Write down what could not be counted; such rows of it as were read are rejected."""
        if not failed and not later:
            return
        verdicts = {
            claim.id: after_trouble(trouble, claim.tries, self.jitter())
            for claim, trouble in failed
        }
        async with self.store.write() as unit:
            kept = await unit.objects.fail(verdicts, self.holder)
            rejected = [rejection(*one) for one in failed if one[0].id in kept]
            await unit.rejections.add([one for one in rejected if one is not None])
            await unit.objects.release(self.holder, [claim.id for claim in later])
        self._taken += [Taken(claim, 0, verdicts[claim.id]) for claim, _ in failed]


def rows_of(outcome: Outcome) -> int:
    """Return the rows that an object brought; none where they were counted before."""
    receipt = receipt_of(outcome)
    return receipt.counted if receipt else 0


def receipt_of(outcome: Outcome) -> Receipt | None:
    return outcome.receipt if isinstance(outcome, Counted) else None
