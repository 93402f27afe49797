"""Damaged counts are never added up: they stay as they are, and hold up nothing else."""

from datetime import datetime

import pytest
from sqlalchemy import func, select, update

from app.domain.model import Model
from app.domain.retention import Grain
from app.domain.telling.reports import WindowQuery
from app.store import SqlStore
from app.store import tables as t
from app.store.keeping.coarsening import PANES
from tests.app.conftest import Place
from tests.app.store.aged import DAY, FINAL, MIDNIGHT, RETENTION, grains, hours_of, later, send
from tests.app.store.made import HOUR, NINE, active, batch, close_all, declared, pane


@pytest.fixture
async def model(store: SqlStore) -> Model:
    return await declared(store, retention=RETENTION, final_after=FINAL)


async def test_damaged_counts_stay_and_hold_up_nothing(
    store: SqlStore, model: Model, place: Place
) -> None:
    await send(store, model, "k", *hours_of(NINE, 2))
    await close_all(store)
    async with store.write() as unit:
        await unit.session.connection.execute(
            update(t.delta).where(t.delta.c.pane == NINE).values(total=t.delta.c.total + 1)
        )
    await later(store, place.clock, 4 * DAY)
    assert await grains(store) == {Grain.PANE: 12, Grain.HOUR: 12}
    await later(store, place.clock, 30 * DAY)
    assert await grains(store) == {Grain.PANE: 12}
    async with store.read() as unit:
        assert await unit.views.windows(WindowQuery(model.id, "default"), None, 10) == []


async def spoil(store: SqlStore, *starts: datetime) -> None:
    """Damage one row at each of these times."""
    d = t.delta.c
    async with store.write() as unit:
        first = select(func.min(d.id)).where(d.pane.in_(starts)).group_by(d.pane)
        await unit.session.connection.execute(
            update(t.delta).where(d.id.in_(first)).values(total=d.total + 1)
        )


async def test_a_damaged_sum_of_more_rows_than_a_portion_holds_up_nothing(
    store: SqlStore, model: Model, place: Place
) -> None:
    grid_set, many = await active(store, model), PANES + 5
    for number in range(many):
        await store.commit([batch(model, grid_set, f"k{number}", pane(NINE, 1))])
    await send(store, model, "healthy", pane(NINE + HOUR, 7))
    await close_all(store)
    await spoil(store, NINE)
    await later(store, place.clock, 4 * DAY)
    assert await grains(store) == {Grain.PANE: many, Grain.HOUR: 7}
    await later(store, place.clock, 30 * DAY)
    assert await grains(store) == {Grain.PANE: many}
    async with store.read() as unit:
        assert await unit.views.windows(WindowQuery(model.id, "default"), None, 10) == []


async def test_damaged_sums_of_more_rows_than_a_portion_hold_up_nothing(
    store: SqlStore, place: Place
) -> None:
    daily = await declared(store, "daily", window=DAY, retention=RETENTION, final_after=FINAL)
    days = [MIDNIGHT - number * DAY for number in range(12, 1, -1)]
    hours = [day + number * HOUR for day in days for number in range(24)]
    assert len(hours) - 24 > PANES
    await send(store, daily, "k", *(pane(hour, 1) for hour in hours))
    await close_all(store)
    await later(store, place.clock, 5 * DAY)
    assert await grains(store) == {Grain.HOUR: 264}
    await spoil(store, *days[:-1])
    await later(store, place.clock, 10 * DAY)
    assert await grains(store) == {Grain.HOUR: 240, Grain.DAY: 24}
