"""What was told goes by age, with its bodies and attempts; what decides something stays."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.domain.alerts.delivery import Attempt, DeliveryState, Next, Target
from app.domain.alerts.event import FIRING, RESOLVED, RETRAINING, TEST, Event
from app.domain.alerts.group import GroupKey
from app.domain.model import Model, VersionRole
from app.domain.retention import Retention
from app.domain.retrainings.event import ORDERING
from app.domain.retrainings.retraining import Entry, Move, Origin, Reason, Retraining, State
from app.steps.maintain import EVENTS_KEPT, maintain
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.store.made import NOW, declared

DAY = timedelta(days=1)
OK = Next(DeliveryState.DELIVERED, None)


def event(name: str, kind: str, ordering: str, at: datetime) -> Event:
    return Event(name, kind, "m/default", at, ordering, b"{}")


async def tell(
    store: SqlStore, name: str, kind: str, ordering: str = "alert/1", *, done: bool = True
) -> None:
    async with store.write() as unit:
        made = await unit.outbox.add(event(name, kind, ordering, unit.now), ["hook"])
        for delivery in made if done else ():
            await unit.outbox.record(delivery, Attempt(unit.now, 200, None, DAY), OK)


async def left(store: SqlStore) -> set[str]:
    async with store.read() as unit:
        connection = unit.session.connection  # type: ignore[attr-defined]
        return set((await connection.execute(select(t.event.c.id))).scalars())


@pytest.fixture
async def told(store: SqlStore) -> SqlStore:
    async with store.write() as unit:
        await unit.targets.put(Target("hook", "webhook", {}))
    await tell(store, "began", FIRING)
    await tell(store, "joined", FIRING)
    await tell(store, "pending", TEST, "test", done=False)
    await tell(store, "tried", TEST, "test")
    return store


async def test_what_is_open_is_kept_however_old(told: SqlStore, place: Place) -> None:
    place.clock.forward(10 * EVENTS_KEPT)
    await maintain(told, 31 * DAY)
    assert await left(told) == {"began", "joined", "pending"}
    async with told.write() as unit:
        assert list(await unit.outbox.told("alert/1")) == ["hook"]


async def test_what_is_over_goes_by_age(told: SqlStore, place: Place) -> None:
    place.clock.forward(DAY)
    await tell(told, "over", RESOLVED)
    place.clock.forward(EVENTS_KEPT)
    await tell(told, "again", FIRING)
    await maintain(told, 31 * DAY)
    assert await left(told) == {"pending", "over", "again"}
    place.clock.forward(DAY)
    await maintain(told, 31 * DAY)
    assert await left(told) == {"pending", "again"}
    async with told.write() as unit:
        assert list(await unit.outbox.told("alert/1")) == ["hook"]
        connection = unit.session.connection  # type: ignore[attr-defined]
        tables = (t.delivery, t.attempt)
        counts = [
            (await connection.execute(select(func.count()).select_from(one))).scalar_one()
            for one in tables
        ]
    assert counts == [2, 1], "deliveries and attempts go with their event"


async def test_a_portion_at_a_time(told: SqlStore, place: Place) -> None:
    for number in range(5):
        await tell(told, f"n{number}", TEST, f"t{number}")
    place.clock.forward(2 * EVENTS_KEPT)
    for gone in (3, 3, 0):
        async with told.write() as unit:
            assert await unit.outbox.prune(EVENTS_KEPT, 3) == gone


async def test_an_end_goes_after_what_it_ends_however_small_the_portions(
    told: SqlStore, place: Place
) -> None:
    place.clock.forward(DAY)
    await tell(told, "a-end", RESOLVED)
    place.clock.forward(2 * EVENTS_KEPT)
    gone = []
    for _ in range(4):
        before = await left(told)
        async with told.write() as unit:
            await unit.outbox.prune(EVENTS_KEPT, 1)
            assert list(await unit.outbox.told("alert/1")) == []
        gone += sorted(before - await left(told))
    assert (sorted(gone[:3]), gone[3]) == (["began", "joined", "tried"], "a-end")


async def test_an_end_waits_for_a_beginning_that_is_told_again(
    told: SqlStore, place: Place
) -> None:
    await tell(told, "a-end", RESOLVED)
    async with told.write() as unit:
        first = select(func.min(t.delivery.c.id)).where(t.delivery.c.event_id == "began")
        connection = unit.session.connection  # type: ignore[attr-defined]
        await unit.outbox.redeliver((await connection.execute(first)).scalar_one())
    place.clock.forward(2 * EVENTS_KEPT)
    for _ in range(2):
        await maintain(told, 31 * DAY)
        assert await left(told) == {"began", "a-end", "pending"}


def run(model: Model, number: int, state: State, at: datetime, version: str) -> Retraining:
    return Retraining(
        number=0,
        id=f"rtr_{number:032}",
        model_id=model.id,
        model=model.name,
        version="default",
        cause="manual",
        episode=f"hand/{number}",
        detail="",
        state=state,
        reason=Reason.ASKED,
        target="hook",
        requested_at=at,
        deadline_at=at,
        poll_every=DAY,
        about={},
        changed_at=at,
        challenger=version,
    )


async def ask(
    store: SqlStore, model: Model, number: int, state: State, episode: str | None = None
) -> None:
    async with store.write() as unit:
        entry = Entry(unit.now, Origin.PERSON, "asked", Move(state, Reason.ASKED, changed=True))
        made = run(model, number, state, unit.now, f"v{number}")
        made = replace(made, episode=episode or made.episode)
        assert await unit.retrainings.add(made, b"", entry)


async def numbers(store: SqlStore) -> list[int]:
    async with store.read() as unit:
        return [int(one.id[4:]) for one in await unit.retrainings.page(None, None, None, 99)]


async def test_runs_that_are_over_go_when_their_models_windows_do(
    store: SqlStore, place: Place
) -> None:
    kept = Retention(*[DAY * days for days in (2, 3, 4, 5, 6)])
    await declared(store, retention=kept, final_after=DAY)
    async with store.write() as unit:
        model = await unit.models.find("flights")
        assert model is not None
        await unit.models.put_version(model.id, "v2", VersionRole.CHAMPION, {})
    for number, state in enumerate([State.FAILED, State.REJECTED, State.PROMOTED, State.FAILED]):
        await ask(store, model, number, state)
    await ask(store, model, 4, State.RUNNING)
    place.clock.forward(5 * DAY)
    await ask(store, model, 5, State.FAILED)
    assert place.clock.now == NOW + 5 * DAY
    await maintain(store, 31 * DAY)
    assert await numbers(store) == [5, 4, 3, 2, 1, 0], "none is so old"
    place.clock.forward(2 * DAY)
    for _ in range(2):
        await maintain(store, 31 * DAY)
        assert await numbers(store) == [5, 4, 2], "in flight, the last, and the champion's"
    place.clock.forward(900 * DAY)
    await maintain(store, 31 * DAY)
    assert await numbers(store) == [5, 4, 2]


async def test_a_run_stays_as_long_as_its_event_or_the_episode_that_it_is_of(
    store: SqlStore, place: Place
) -> None:
    kept = Retention(*[DAY * days for days in (2, 3, 4, 5, 6)])
    await declared(store, retention=kept, final_after=DAY)
    async with store.write() as unit:
        model = await unit.models.find("flights")
        assert model is not None
        await unit.retrainings.join(GroupKey(model.id, "default", "default"), "alert/1/0")
        asked = run(model, 0, State.FAILED, NOW, "v0")
        await unit.outbox.add(event("asked", RETRAINING, ORDERING + asked.id, NOW), [])
    for number, episode in enumerate(["hand/0", "alert/1/0", "alert/10/0", "hand/3"]):
        await ask(store, model, number, State.FAILED, episode)
    place.clock.forward(EVENTS_KEPT)
    await maintain(store, 31 * DAY)
    assert await numbers(store) == [3, 1, 0]
    place.clock.forward(DAY)
    await maintain(store, 31 * DAY)
    assert await numbers(store) == [3, 1]
    async with store.write() as unit:
        await unit.retrainings.forget(model.id)
    await maintain(store, 31 * DAY)
    assert await numbers(store) == [3]
