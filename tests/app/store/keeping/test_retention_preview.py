"""What is said to be due is what is then done, on its day and no earlier."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.domain.model import Model
from app.domain.retention import Due, Rung
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.store.aged import DAY, FINAL, MIDNIGHT, RETENTION, hours_of, later, retain, send
from tests.app.store.made import HOUR, NINE, close_all, declared, pane


@pytest.fixture
async def model(store: SqlStore) -> Model:
    return await declared(store, retention=RETENTION, final_after=FINAL)


async def due(store: SqlStore, model: Model) -> dict[Rung, Due]:
    async with store.read() as unit:
        return dict(await unit.ageing.due(model))


async def numbers(store: SqlStore, model: Model) -> list[int]:
    return [one.things for one in (await due(store, model)).values()]


async def rows(store: SqlStore) -> int:
    async with store.read() as unit:
        counts = [select(func.count()).select_from(table) for table in (t.window, t.delta)]
        found = [(await unit.session.connection.execute(one)).scalar_one() for one in counts]
    return sum(found)


async def test_what_is_told_is_what_is_done(store: SqlStore, model: Model, place: Place) -> None:
    """Two windows of an hour, closed at one moment, come down every rung at the moments told."""
    await send(store, model, "k", *hours_of(NINE, 2))
    await close_all(store)
    assert await numbers(store, model) == [0] * 5
    seen: set[Rung] = set()
    for _ in range(12):
        told = await due(store, model)
        moments = [one.next_at for one in told.values() if one.next_at is not None]
        if not moments:
            break
        place.clock.now = min(moments) - timedelta(microseconds=1)
        assert await numbers(store, model) == [0] * 5
        assert await retain(store) == set(), "nothing happens before the moment that was told"
        place.clock.now = min(moments)
        before = await rows(store)
        now_due = {rung for rung, one in (await due(store, model)).items() if one.things}
        assert await rows(store) == before, "asking changes nothing"
        assert now_due
        assert await later(store, place.clock, HOUR), "models are looked at once an hour"
        seen |= now_due
    assert seen == set(Rung)
    assert await rows(store) == 0
    assert all((one.things, one.next_at) == (0, None) for one in told.values())


async def test_the_stretch_and_the_moments(store: SqlStore, model: Model, place: Place) -> None:
    await send(store, model, "k", *hours_of(NINE, 2))
    await close_all(store)
    place.clock.forward(40 * DAY)
    told = await due(store, model)
    hours = told[Rung.HOURS]
    assert (hours.things, hours.start, hours.end) == (2, NINE, NINE + 2 * HOUR)
    assert hours.until == place.clock.now - 3 * DAY
    assert told[Rung.WINDOWS].things == 2
    assert told[Rung.DAYS].things == 0, "panes are hours before they are days"
    assert await later(store, place.clock, timedelta(0)) >= {"sealed", "hours", "days", "windows"}


async def test_sums_of_hours_and_days(store: SqlStore, model: Model, place: Place) -> None:
    await send(store, model, "k", *hours_of(NINE, 2))
    await close_all(store)
    await later(store, place.clock, 4 * DAY)
    told = await due(store, model)
    assert told[Rung.DAYS].next_at == max(MIDNIGHT + DAY, place.clock.now - 4 * DAY) + 10 * DAY
    place.clock.forward(7 * DAY)
    found = (await due(store, model))[Rung.DAYS]
    assert (found.things, found.start, found.end) == (2, NINE, NINE + 2 * HOUR)


async def test_what_can_still_change_is_not_due(
    store: SqlStore, model: Model, place: Place
) -> None:
    """An open window, and one with rows that no revision knows."""
    await send(store, model, "open", pane(NINE, 5))
    place.clock.forward(100 * DAY)
    assert (await due(store, model))[Rung.HOURS] == Due(
        place.clock.now - 3 * DAY, 0, None, None, None
    )
    await close_all(store)
    place.clock.forward(FINAL - HOUR)
    await send(store, model, "again", pane(NINE, 2, 9))
    place.clock.forward(100 * DAY)
    assert await numbers(store, model) == [0] * 5
