"""The outbox: nothing due is lost, order is kept per target, leases run out."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.alerts.delivery import (
    PER_TARGET,
    Attempt,
    Claimed,
    DeliveryState,
    Next,
    Target,
    Topic,
)
from app.domain.alerts.event import FIRING, RESOLVED, Event
from app.domain.errors import NotFound
from app.domain.monitors.monitor import Severity
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.store.made import NOW

LEASE = timedelta(seconds=60)
OK = Next(DeliveryState.DELIVERED, None)


def event(number: int, kind: str = FIRING, ordering: str = "alert/1") -> Event:
    return Event(f"evt_{number}", kind, "m/default", NOW, ordering, f'{{"n":{number}}}'.encode())


def answered(status: int | None = 200) -> Attempt:
    error = None if status else "timeout"
    return Attempt(NOW, status, error, timedelta(milliseconds=12), timedelta(seconds=3))


@pytest.fixture
async def ready(store: SqlStore) -> SqlStore:
    async with store.write() as unit:
        for name in ("a", "b"):
            await unit.targets.put(Target(name, "webhook", {"url": "https://x", "n": [1, None]}))
    return store


async def add(store: SqlStore, *events: Event, targets: tuple[str, ...] = ("a",)) -> list[int]:
    made: list[int] = []
    async with store.write() as unit:
        for one in events:
            made += await unit.outbox.add(one, targets)
    return made


async def claim(store: SqlStore, limit: int = 10) -> list[Claimed]:
    async with store.write() as unit:
        return list(await unit.outbox.claim(limit, LEASE))


async def record(store: SqlStore, delivery: int, outcome: Next, status: int | None = 200) -> None:
    async with store.write() as unit:
        await unit.outbox.record(delivery, answered(status), outcome)


async def state(store: SqlStore, delivery: int) -> str:
    async with store.read() as unit:
        found = await unit.views.delivery(delivery)
    assert found is not None
    return found[0].state


async def test_a_delivery_is_claimed_once_and_recorded(ready: SqlStore) -> None:
    first, second = await add(ready, event(1), targets=("a", "b"))
    claimed = await claim(ready)
    assert [(c.id, c.event_id, c.tries) for c in claimed] == [
        (first, "evt_1", 0),
        (second, "evt_1", 0),
    ]
    assert claimed[0].body == b'{"n":1}'
    assert claimed[0].target == Target("a", "webhook", {"url": "https://x", "n": [1, None]})
    assert await claim(ready) == []
    await record(ready, first, OK)
    async with ready.read() as unit:
        assert await unit.outbox.pending() == 1
        found = await unit.views.delivery(first)
        assert await unit.views.delivery(99) is None
    assert found is not None
    summary, (attempt,) = found
    assert (summary.state, summary.tries, summary.due_at) == ("delivered", 1, None)
    assert (attempt.status, attempt.took) == (200, timedelta(milliseconds=12))
    assert attempt.retry_after == timedelta(seconds=3)


async def test_a_lease_that_ran_out_is_claimed_again(ready: SqlStore, place: Place) -> None:
    (only,) = await add(ready, event(1))
    await claim(ready)
    place.clock.forward(LEASE)
    (again,) = await claim(ready)
    assert (again.id, again.tries) == (only, 0)


async def test_a_failed_try_comes_back_when_it_is_due(ready: SqlStore, place: Place) -> None:
    (only,) = await add(ready, event(1))
    await claim(ready)
    await record(ready, only, Next(DeliveryState.PENDING, NOW + timedelta(seconds=5)), None)
    assert await claim(ready) == []
    place.clock.forward(timedelta(seconds=5))
    (again,) = await claim(ready)
    assert again.tries == 1


async def test_deliveries_of_one_alert_stay_in_order(ready: SqlStore, place: Place) -> None:
    one, two = await add(ready, event(1), event(2))
    (other,) = await add(ready, event(3, ordering="alert/2"))
    assert [c.id for c in await claim(ready)] == [one, other]
    await record(ready, one, Next(DeliveryState.PENDING, NOW + timedelta(hours=1)), 500)
    assert await claim(ready) == []
    place.clock.forward(timedelta(hours=1))
    assert {c.id for c in await claim(ready)} == {one, other}
    await record(ready, one, OK)
    assert [c.id for c in await claim(ready)] == [two]


async def test_a_dead_delivery_no_longer_holds_up_the_next(ready: SqlStore) -> None:
    one, two = await add(ready, event(1), event(2))
    await claim(ready)
    await record(ready, one, Next(DeliveryState.DEAD, None), 500)
    assert [c.id for c in await claim(ready)] == [two]


async def test_a_resolve_supersedes_what_was_never_delivered(ready: SqlStore) -> None:
    (trigger,) = await add(ready, event(1))
    (foreign,) = await add(ready, event(2, ordering="alert/2"))
    (resolve,) = await add(ready, event(3, RESOLVED))
    assert [await state(ready, d) for d in (trigger, foreign, resolve)] == [
        "superseded", "pending", "pending",
    ]  # fmt: skip
    assert {c.id for c in await claim(ready)} == {foreign, resolve}


async def test_what_is_over_is_not_told_to_a_target_that_comes_back(ready: SqlStore) -> None:
    _, trigger = await add(ready, event(1), targets=("a", "b"))
    async with ready.write() as unit:
        await unit.targets.disable("b", "for a while")
    await add(ready, event(2, RESOLVED), targets=("a",))
    async with ready.write() as unit:
        await unit.targets.put(Target("b", "webhook", {"url": "https://x"}))
    assert await state(ready, trigger) == "superseded"
    assert {c.target.name for c in await claim(ready)} == {"a"}


async def test_one_target_has_only_so_many_tries_under_way(ready: SqlStore, place: Place) -> None:
    hung = await add(ready, *(event(n, ordering=f"alert/{n}") for n in range(PER_TARGET + 3)))
    place.clock.forward(timedelta(seconds=1))
    (healthy,) = await add(ready, event(99, ordering="alert/99"), targets=("b",))
    # the dead one's deliveries are older, and would fill every place there is
    assert [c.id for c in await claim(ready, PER_TARGET + 1)] == [*hung[:PER_TARGET], healthy]
    assert await claim(ready) == []
    await record(ready, hung[0], OK)
    assert [c.id for c in await claim(ready)] == [hung[PER_TARGET]]


async def test_a_resolve_waits_for_the_try_under_way(ready: SqlStore) -> None:
    (trigger,) = await add(ready, event(1))
    await claim(ready)
    (resolve,) = await add(ready, event(2, RESOLVED))
    assert await claim(ready) == []
    await record(ready, trigger, OK)
    assert await state(ready, trigger) == "delivered"
    assert [c.id for c in await claim(ready)] == [resolve]


async def test_a_superseded_try_that_fails_is_not_repeated(ready: SqlStore) -> None:
    (trigger,) = await add(ready, event(1))
    await claim(ready)
    await add(ready, event(2, RESOLVED))
    await record(ready, trigger, Next(DeliveryState.PENDING, NOW), 500)
    assert await state(ready, trigger) == "superseded"


async def test_a_late_failure_does_not_undo_a_success(ready: SqlStore, place: Place) -> None:
    (only,) = await add(ready, event(1))
    await claim(ready)
    place.clock.forward(LEASE)
    await claim(ready)
    await record(ready, only, OK)
    await record(ready, only, Next(DeliveryState.PENDING, NOW), None)
    assert await state(ready, only) == "delivered"
    async with ready.read() as unit:
        found = await unit.views.delivery(only)
    assert found is not None
    assert [attempt.status for attempt in found[1]] == [200, None]


async def test_gone_disables_the_target_until_it_is_put_again(ready: SqlStore) -> None:
    one, two = await add(ready, event(1), event(2))
    await claim(ready)
    await record(ready, one, Next(DeliveryState.DEAD, None, disable_target=True), 410)
    async with ready.read() as unit:
        target = await unit.targets.get("a")
    assert target is not None
    assert not target.enabled
    assert "410" in (target.disabled_reason or "")
    assert await claim(ready) == []
    async with ready.write() as unit:
        assert not await unit.targets.put(Target("a", "webhook", {}))
    assert [c.id for c in await claim(ready)] == [two]


async def test_a_dead_letter_is_sent_again_with_the_same_event(ready: SqlStore) -> None:
    (only,) = await add(ready, event(1))
    await claim(ready)
    await record(ready, only, Next(DeliveryState.DEAD, None), 500)
    async with ready.write() as unit:
        assert await unit.outbox.redeliver(only)
        assert not await unit.outbox.redeliver(99)
    (again,) = await claim(ready)
    assert (again.event_id, again.tries, again.body) == ("evt_1", 0, b'{"n":1}')


async def test_an_attempt_for_nothing_is_refused(ready: SqlStore) -> None:
    with pytest.raises(NotFound):
        await record(ready, 99, OK)


async def test_the_name_of_a_run_is_kept_with_its_attempt(ready: SqlStore) -> None:
    (only,) = await add(ready, event(1))
    await claim(ready)
    async with ready.write() as unit:
        tried = Attempt(NOW, 200, None, timedelta(0), run="rtr_1")
        await unit.outbox.record(only, tried, OK)
        found = await unit.views.delivery(only)
    assert found is not None
    assert [attempt.run for attempt in found[1]] == ["rtr_1"]


async def test_a_target_keeps_what_it_takes(ready: SqlStore) -> None:
    made = Target("dag", "airflow", {}, takes=frozenset({Topic.RETRAININGS}))
    async with ready.write() as unit:
        await unit.targets.put(made)
    async with ready.read() as unit:
        assert await unit.targets.get("dag") == made


async def test_a_target_keeps_the_severities_it_hears_of(ready: SqlStore) -> None:
    some = Target("some", "slack", {}, severities=frozenset({Severity.P1, Severity.P4}))
    async with ready.write() as unit:
        await unit.targets.put(some)
        assert await unit.targets.get("some") == some
        await unit.targets.put(replace(some, severities=None))
        found = await unit.targets.get("some")
    assert found is not None
    assert found.severities is None


async def test_who_was_told_that_something_fires_is_known_until_it_is_over(ready: SqlStore) -> None:
    async with ready.write() as unit:
        assert list(await unit.outbox.told("alert/1")) == []
        await unit.outbox.add(event(1), ["a", "b"])
        assert sorted(await unit.outbox.told("alert/1")) == ["a", "b"]
        await unit.outbox.add(event(2, RESOLVED), ["a"])
        assert list(await unit.outbox.told("alert/1")) == []


async def test_targets_are_listed_and_deleted(ready: SqlStore) -> None:
    (pending,) = await add(ready, event(1))
    async with ready.write() as unit:
        assert [target.name for target in await unit.targets.page(None, 1)] == ["a"]
        assert [target.name for target in await unit.targets.page("a", 5)] == ["b"]
        assert await unit.targets.delete("a")
        assert not await unit.targets.delete("a")
        assert await unit.targets.get("a") is None
    assert await state(ready, pending) == "dead"


async def test_deliveries_are_listed_newest_first(ready: SqlStore) -> None:
    made = await add(ready, event(1), event(2, ordering="x"), targets=("a", "b"))
    async with ready.read() as unit:
        newest = await unit.views.deliveries(None, None, None, 3)
        rest = await unit.views.deliveries(None, None, newest[-1].id, 3)
        mine = await unit.views.deliveries("b", "pending", None, 10)
        assert await unit.views.deliveries("b", "dead", None, 10) == []
    assert [d.id for d in [*newest, *rest]] == made[::-1]
    assert [d.id for d in mine] == [made[3], made[1]]
    assert (mine[0].event_id, mine[0].event_type, mine[0].subject) == ("evt_2", FIRING, "m/default")


async def test_many_claimers_take_each_delivery_once(ready: SqlStore, place: Place) -> None:
    await add(ready, *(event(i, ordering=f"alert/{i % 10}") for i in range(60)))
    other = SqlStore(place.url, clock=place.clock) if place.is_postgres else ready
    sent: list[str] = []

    async def work(through: SqlStore) -> None:
        for _ in range(100):
            for one in await claim(through, 3):
                sent.append(one.event_id)
                await record(through, one.id, OK)
            async with through.read() as unit:
                if not await unit.outbox.pending():
                    return
        raise AssertionError("never done")

    await asyncio.gather(*(work(s) for s in (ready, other, ready, other)))
    if other is not ready:
        await other.close()
    assert sorted(sent) == sorted(f"evt_{i}" for i in range(60))
    for alert in range(10):
        mine = [name for name in sent if int(name[4:]) % 10 == alert]
        assert mine == sorted(mine, key=lambda name: int(name[4:]))
