"""Many models at once: each by its last judged window, and the last ones as a strip."""

import pytest

from app.domain.model import Model, VersionRole
from app.domain.telling.overview import ModelLine
from app.store import SqlStore
from tests.app.store.made import HOUR, NINE, active, batch, close_all, declared, pane


@pytest.fixture
async def model(store: SqlStore) -> Model:
    return await declared(store)


async def send(store: SqlStore, model: Model, hours: int, version: str = "default") -> None:
    grids = await active(store, model)
    batches = [
        batch(model, grids, f"{version}-{n}", pane(NINE + n * HOUR, 10 + n), version=version)
        for n in range(hours)
    ]
    async with store.write() as unit:
        await unit.batches.commit(batches)


async def fleet(store: SqlStore) -> list[ModelLine]:
    async with store.read() as unit:
        return list(await unit.views.fleet())


async def test_a_model_is_shown_by_its_last_judged_window(store: SqlStore, model: Model) -> None:
    await declared(store, "another")
    await send(store, model, 3)
    await close_all(store)
    another, flights = await fleet(store)
    assert (another.name, another.latest, another.version) == ("another", None, None)
    assert (flights.name, flights.champion, flights.version) == ("flights", "default", "default")
    assert flights.baseline == 1
    assert flights.latest is not None
    assert (flights.latest.start, flights.latest.rows) == (NINE + 2 * HOUR, 12)
    assert (flights.latest.state, flights.latest.page) == ("drift", True)


async def test_before_a_new_champion_is_judged_the_one_before_it_is_shown(
    store: SqlStore, model: Model
) -> None:
    await send(store, model, 1)
    await close_all(store)
    async with store.write() as unit:
        await unit.models.put_version(model.id, "next", VersionRole.CHAMPION, {})
    (line,) = await fleet(store)
    assert (line.champion, line.version) == ("next", "default")
    assert line.latest is not None
    await send(store, model, 2, "next")
    await close_all(store)
    (line,) = await fleet(store)
    assert (line.champion, line.version) == ("next", "next")
    assert line.latest is not None
    assert line.latest.start == NINE + HOUR


async def test_a_shadow_is_not_shown_in_place_of_a_judged_champion(
    store: SqlStore, model: Model
) -> None:
    await send(store, model, 1)
    await send(store, model, 3, "shadow")
    await close_all(store)
    (line,) = await fleet(store)
    assert (line.champion, line.version) == ("default", "default")


async def test_strips_hold_the_last_windows_oldest_first(store: SqlStore, model: Model) -> None:
    await send(store, model, 4)
    await close_all(store)
    lines = await fleet(store)
    async with store.read() as unit:
        strips = await unit.views.strips(lines, 3)
        every = await unit.views.strips(lines, 30)
        drifted = await unit.views.drifted([one.verdict or 0 for one in strips[model.id]])
        nothing = await unit.views.strips([], 3)
    assert [one.start for one in strips[model.id]] == [NINE + n * HOUR for n in (1, 2, 3)]
    assert len(every[model.id]) == 4
    assert list(drifted.values()) == [["dep/delay %"]] * 3
    assert not nothing


async def test_deleted_models_are_not_shown(store: SqlStore, model: Model) -> None:
    async with store.write() as unit:
        await unit.models.hide(model.id)
    assert await fleet(store) == []
