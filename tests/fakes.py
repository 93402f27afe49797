"""Stand-ins for ports, as small as the steps need; every one keeps a record to be judged by."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.domain.alerts.delivery import PER_TARGET, Attempt, Claimed, DeliveryState, Next, Target

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def claimed(number: int, target: str = "hook", tries: int = 0, **options: object) -> Claimed:
    """A delivery with an event of its own."""
    where = Target(target, "webhook", options)
    return Claimed(number, f"evt_{number}", "io.leeway.target.test.v1", b"{}", where, tries)


@dataclass
class FakeOutbox:
    """Due deliveries in memory: a claim leases, a record ends it or sets the next time."""

    due: dict[int, Claimed] = field(default_factory=dict)
    leases: list[timedelta] = field(default_factory=list)
    records: list[tuple[int, Attempt, Next]] = field(default_factory=list)
    leased: set[int] = field(default_factory=set)

    async def claim(
        self, limit: int, lease: timedelta, per_target: int = PER_TARGET
    ) -> Sequence[Claimed]:
        found: list[Claimed] = []
        places = Counter(self.due[number].target.name for number in self.leased)
        for one in self.due.values():
            name = one.target.name
            if one.id in self.leased or places[name] >= per_target or len(found) >= limit:
                continue
            places[name] += 1
            found.append(one)
        self.leased |= {c.id for c in found}
        self.leases.append(lease)
        return found

    async def record(self, delivery_id: int, attempt: Attempt, outcome: Next) -> None:
        self.records.append((delivery_id, attempt, outcome))
        self.leased.discard(delivery_id)
        was = self.due.pop(delivery_id)
        if outcome.state is DeliveryState.PENDING:
            self.due[delivery_id] = Claimed(
                was.id, was.event_id, was.event_type, was.body, was.target, was.tries + 1
            )


@dataclass
class FakeUnit:
    """One transaction over the fakes."""

    outbox: FakeOutbox
    now: datetime = NOW


@dataclass
class FakeStore:
    """Opens units and counts those that are open; ``failures`` are raised on commit, in order."""

    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    open: int = 0
    commits: int = 0
    failures: list[Exception | None] = field(default_factory=list)
    now: datetime = NOW

    @asynccontextmanager
    async def write(self) -> AsyncIterator[FakeUnit]:
        self.open += 1
        try:
            failure = self.failures.pop(0) if self.failures else None
            if failure is not None:
                raise failure
            yield FakeUnit(self.outbox, self.now)
            self.commits += 1
        finally:
            self.open -= 1
