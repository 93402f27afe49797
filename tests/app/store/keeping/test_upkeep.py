"""Folding keeps every sum, however many write and fold at once; pruning keeps what may change."""

import asyncio
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from app.domain.model import Model
from app.domain.telling.reports import WindowQuery
from app.domain.window import PANE
from app.store import SqlStore, tables
from app.store.keeping.upkeep import FOLD_BYTES, alike, bounded
from tests.app.conftest import Place
from tests.app.store.made import HOUR, NINE, active, batch, close_all, pane, vector


class Sized(NamedTuple):
    """A delta, as far as folding chooses by it."""

    bytes: int


async def post(store: SqlStore, model: Model, count: int, start: int = 0) -> None:
    grid_set = await active(store, model)
    for number in range(start, start + count):
        async with store.write() as unit:
            await unit.batches.commit([batch(model, grid_set, f"k{number}", pane(NINE, 3, number))])


async def fold(store: SqlStore, panes: int = 20) -> int:
    async with store.write() as unit:
        return await unit.upkeep.fold(panes)


async def rows_in(store: SqlStore, table: str) -> int:
    async with store.read() as unit:
        query = select(func.count()).select_from(tables.metadata.tables[table])
        return int((await unit.session.connection.execute(query)).scalar_one())


async def exact(store: SqlStore, model: Model, count: int) -> None:
    async with store.read() as unit:
        counts = await unit.views.counts(WindowQuery(model.id, "default"), NINE)
        (tally,) = await unit.views.tallies()
    assert counts is not None
    assert (counts.vector == vector(*(pane(NINE, 3, i) for i in range(count)))).all()
    assert (tally.received, tally.counted, tally.batches) == (3 * count, 3 * count, count)


async def test_crowded_panes_and_tallies_are_folded(store: SqlStore, model: Model) -> None:
    await post(store, model, 31)
    assert await fold(store) == 0
    await post(store, model, 9, 31)
    assert await fold(store) == 2
    assert await rows_in(store, "delta") == 1
    assert await rows_in(store, "tally") == 1
    await exact(store, model, 40)


async def test_panes_of_processes_that_died_are_found(
    store: SqlStore, model: Model, place: Place
) -> None:
    await post(store, model, 40)
    await store.close()
    other = SqlStore(place.url, clock=place.clock)
    assert await fold(other) == 2
    await exact(other, model, 40)
    await other.close()


async def test_a_closed_window_is_folded_whole(store: SqlStore, model: Model) -> None:
    grid_set = await active(store, model)
    for number in range(5):
        async with store.write() as unit:
            panes = (pane(NINE, 3, number), pane(NINE + PANE, 2, number))
            await unit.batches.commit([batch(model, grid_set, f"k{number}", *panes)])
    await close_all(store)
    assert await fold(store) == 2
    assert await rows_in(store, "delta") == 2
    assert await fold(store) == 0


async def test_a_damaged_pane_stays_as_it_is_and_holds_up_no_other(
    store: SqlStore, model: Model
) -> None:
    grid_set = await active(store, model)
    for number in range(2):
        async with store.write() as unit:
            panes = (pane(NINE, 3, number), pane(NINE + PANE, 2, number))
            await unit.batches.commit([batch(model, grid_set, f"k{number}", *panes)])
    await close_all(store)
    async with store.write() as unit:
        first = tables.delta.c.pane == NINE
        await unit.session.connection.execute(
            tables.delta.update().where(first).values(total=tables.delta.c.total + 1)
        )
    assert await fold(store) == 1
    assert await rows_in(store, "delta") == 3


async def test_writers_and_folders_at_once_keep_every_sum(
    store: SqlStore, model: Model, place: Place
) -> None:
    other = SqlStore(place.url, clock=place.clock) if place.is_postgres else store
    done = asyncio.Event()

    async def folding(through: SqlStore) -> int:
        folds = 0
        while not done.is_set():
            place.clock.forward(timedelta(minutes=2))
            folds += await fold(through)
            await asyncio.sleep(0)
        return folds

    async def writing() -> None:
        await asyncio.gather(
            *(post(s, model, 40, 40 * i) for i, s in enumerate((store, other, store)))
        )
        done.set()

    folds, more, _ = await asyncio.gather(folding(store), folding(other), writing())
    if other is not store:
        await other.close()
    assert folds + more > 0
    await exact(store, model, 120)


def test_a_trickle_does_not_rewrite_a_large_delta() -> None:
    small = [Sized(10)] * 31
    assert alike([*small, Sized(50_000)]) == small
    assert alike([Sized(1), Sized(100), Sized(100)]) == [Sized(100), Sized(100)]
    assert alike([]) == []


def test_a_fold_is_bounded_by_bytes() -> None:
    assert bounded([Sized(FOLD_BYTES // 4)] * 9) == [Sized(FOLD_BYTES // 4)] * 4
    assert bounded([Sized(FOLD_BYTES)] * 9) == [Sized(FOLD_BYTES)] * 2
    assert bounded([Sized(1)] * 40) == [Sized(1)] * 40


async def test_receipts_are_kept_while_their_windows_can_change(
    store: SqlStore, model: Model, place: Place
) -> None:
    await post(store, model, 3)
    horizon = model.settings.final_after + model.settings.window + model.settings.lateness

    async def prune(at_least: timedelta, limit: int = 100) -> int:
        async with store.write() as unit:
            return await unit.upkeep.prune_receipts(at_least, limit)

    place.clock.forward(horizon)
    assert await prune(timedelta(days=1)) == 0
    place.clock.forward(HOUR)
    assert await prune(timedelta(days=90)) == 0
    assert await prune(timedelta(days=1), 2) == 2
    assert await prune(timedelta(days=1), 2) == 1
    assert await rows_in(store, "receipt") == 0
