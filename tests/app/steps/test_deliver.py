"""Deliveries against a store in memory: leases, no open transaction, nobody waits for others."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from app.domain.alerts.delivery import PER_TARGET, SCHEDULE, Attempt, Claimed, DeliveryState
from app.domain.errors import Unavailable
from app.egress.client import DEADLINE_SECONDS
from app.steps.deliver import LEASE, Deliverer, deliver_once
from app.targets import PATIENCE
from tests.fakes import NOW, FakeOutbox, FakeStore, claimed


class ScriptedSender:
    """Answers by target name: a status, or never."""

    def __init__(self, store: FakeStore, statuses: dict[str, int | None]) -> None:
        self.store = store
        self.statuses = statuses
        self.sent: list[tuple[int, int, datetime]] = []
        self.cancelled = 0

    async def send(self, claimed: Claimed, now: datetime) -> Attempt:
        self.sent.append((claimed.id, self.store.open, now))
        status = self.statuses[claimed.target.name]
        if status is None:
            with self._counting_cancels():
                await asyncio.sleep(30)
        await asyncio.sleep(0)
        error = None if status == 200 else f"HTTP {status}"
        return Attempt(now, status, error, timedelta(milliseconds=1))

    @contextmanager
    def _counting_cancels(self) -> Iterator[None]:
        try:
            yield
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def world(
    statuses: dict[str, int | None], *deliveries: Claimed
) -> tuple[FakeStore, ScriptedSender]:
    store = FakeStore(FakeOutbox({d.id: d for d in deliveries}))
    return store, ScriptedSender(store, statuses)


def calm() -> float:
    return 0.0


async def test_nothing_due_costs_one_transaction() -> None:
    store, sender = world({})
    assert await deliver_once(store, sender) == []
    assert (store.commits, sender.sent) == (1, [])


async def test_success_is_recorded_and_told() -> None:
    store, sender = world({"hook": 200}, claimed(1), claimed(2))
    done = await deliver_once(store, sender, calm)
    assert sorted(d.claimed.id for d in done) == [1, 2]
    assert {d.outcome.state for d in done} == {DeliveryState.DELIVERED}
    assert store.outbox.due == {}
    assert store.outbox.leases == [LEASE]
    assert [attempt.at for _, attempt, _ in store.outbox.records] == [NOW, NOW]
    for delivery, attempt, outcome in done:
        assert (delivery.id, attempt, outcome) in store.outbox.records


async def test_no_transaction_is_open_while_sending() -> None:
    store, sender = world({"hook": 200}, *(claimed(i, f"hook-{i}") for i in range(5)))
    sender.statuses = {f"hook-{i}": 200 for i in range(5)}
    await deliver_once(store, sender, calm)
    assert [is_open for _, is_open, _ in sender.sent] == [0] * 5
    assert store.open == 0


def test_a_lease_outlives_a_try() -> None:
    assert timedelta(seconds=2 * DEADLINE_SECONDS) < LEASE
    assert timedelta(seconds=DEADLINE_SECONDS) < timedelta(seconds=PATIENCE) < LEASE


async def test_the_limit_bounds_what_is_claimed() -> None:
    store, sender = world({"hook": 200}, *(claimed(i) for i in range(5)))
    assert len(await deliver_once(store, sender, calm, limit=2)) == 2
    assert len(await deliver_once(store, sender, calm, limit=2)) == 2
    assert len(await deliver_once(store, sender, calm, limit=2)) == 1


async def test_a_failing_receiver_is_tried_ten_times_with_one_id() -> None:
    store, sender = world({"hook": 500}, claimed(7))
    waits = []
    for _ in range(12):
        for _, attempt, outcome in await deliver_once(store, sender, calm):
            waits.append(outcome.at and outcome.at - (attempt.at + attempt.took))
    assert waits == [*SCHEDULE[1:], None]
    assert [id_ for id_, _, _ in sender.sent] == [7] * 10
    assert store.outbox.records[-1][2].state is DeliveryState.DEAD


async def test_gone_is_final_and_says_so() -> None:
    store, sender = world({"hook": 410}, claimed(1))
    ((_, _, outcome),) = await deliver_once(store, sender, calm)
    assert (outcome.state, outcome.disable_target) == (DeliveryState.DEAD, True)


async def test_jitter_is_drawn_for_each_delivery() -> None:
    store, sender = world({"hook": 500}, claimed(1), claimed(2))
    draws = iter([0.0, 0.5])
    done = await deliver_once(store, sender, lambda: next(draws))
    assert sorted(d.outcome.at - NOW - d.attempt.took for d in done) == [
        timedelta(seconds=5),
        timedelta(seconds=5.5),
    ]


async def test_receivers_that_hang_hold_back_nobody() -> None:
    bad = [claimed(100 + i, "black-hole") for i in range(40)]
    good = [claimed(10 + i, "healthy") for i in range(5)]
    store, sender = world({"black-hole": None, "healthy": 200}, *bad, *good)
    deliverer = Deliverer(store, sender, slots=8, jitter=calm)
    begun = time.perf_counter()
    done = await deliverer.once(patience=20)
    store.outbox.due[99] = claimed(99, "healthy")
    for _ in range(10):
        done += await deliverer.once(patience=0.05)
    assert {d.claimed.id for d in done} == {10, 11, 12, 13, 14, 99}
    assert time.perf_counter() - begun < 2
    await deliverer.stop()
    assert sender.cancelled == PER_TARGET
    assert {i for i, _, _ in store.outbox.records} == {10, 11, 12, 13, 14, 99}


async def test_full_slots_claim_nothing_more() -> None:
    store, sender = world({"black-hole": None}, *(claimed(i, "black-hole") for i in range(5)))
    deliverer = Deliverer(store, sender, slots=3, jitter=calm)
    assert await deliverer.once(patience=0.01) == []
    assert await deliverer.once(patience=0.01) == []
    assert len(sender.sent) == 3
    assert len(store.outbox.leases) == 1
    await deliverer.stop()


async def test_a_store_that_fails_to_record_loses_nothing() -> None:
    """The good one is told, the failure is raised, the delivery stays due under its lease."""
    store, sender = world({"hook": 200}, claimed(1), claimed(2))
    store.failures = [None, Unavailable("away"), None]
    deliverer = Deliverer(store, sender, jitter=calm)
    told = await deliverer.once()
    with pytest.raises(Unavailable):
        await deliverer.drain()
    assert [d.claimed.id for d in told] == [2]
    assert set(store.outbox.due) == {1}
    assert await deliverer.drain() == []


async def test_a_store_that_is_away_is_raised() -> None:
    store, sender = world({"hook": 200}, claimed(1))
    store.failures = [Unavailable("away")]
    with pytest.raises(Unavailable):
        await deliver_once(store, sender)
    assert sender.sent == []


async def test_breaking_off_leaves_nothing_running() -> None:
    store, sender = world({"black-hole": None}, claimed(1, "black-hole"))
    work = asyncio.create_task(deliver_once(store, sender))
    await asyncio.sleep(0.05)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert sender.cancelled == 1
    assert store.outbox.records == []
