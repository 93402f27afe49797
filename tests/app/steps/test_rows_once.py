"""Each row counts once where a model asks for it, whatever batch, source or replica brings it."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from app.domain.batch import Counted, Envelope, Receipt, Table
from app.domain.counts.adding import add
from app.domain.errors import Invalid
from app.domain.model import Feature, Kind, Model, Role, Schema, Settings
from app.domain.rows.profile import tally
from app.domain.telling.reports import WindowQuery
from app.steps.declare import declare_model
from app.steps.ingest import Posted
from app.steps.maintain import maintain
from app.steps.register import register
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, World, world
from tests.app.store.intake.test_batches import conserved
from tests.app.store.made import NOW

DAY = timedelta(days=1)
HORIZON = 7 * DAY
TIME = Feature("at", Kind.IGNORED, Role.TIMESTAMP)
COLUMNS = (
    Feature("id", Kind.IGNORED, Role.ID),
    Feature("x", Kind.NUMERIC),
    Feature("c", Kind.CATEGORICAL),
)
SETTINGS = Settings(window=HOUR, row_horizon=HORIZON)
START = NOW - 5 * HOUR


def table(numbers: Sequence[int], start: datetime = START, *, timed: bool = True) -> Table:
    """Rows by number; a row is the same wherever it stands."""
    columns: dict[str, pl.Series | list[object]] = {
        "id": pl.Series([f"row-{number}" for number in numbers], dtype=pl.String),
        "x": pl.Series([float(number * 7919 % 101) for number in numbers], dtype=pl.Float64),
        "c": pl.Series(["abc"[number % 3] for number in numbers], dtype=pl.String),
    }
    if timed:
        times = [start + timedelta(seconds=10 * number) for number in numbers]
        columns["at"] = pl.Series(times, dtype=pl.Datetime("us", "UTC"))
    return Table(columns, len(numbers))


@asynccontextmanager
async def working(store: SqlStore, place: Place, *, timed: bool = True) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        schema = Schema((TIME, *COLUMNS) if timed else COLUMNS)
        await declare_model(store, MODEL, SETTINGS, schema)
        await register(store, made.pool, MODEL, table(range(3_000, 4_000), timed=timed), None)
        yield made


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with working(store, place) as made:
        yield made


async def send(w: World, key: str, rows: Table, source: str = "http") -> Receipt:
    posted = Posted(MODEL, rows, key, None, source, key.encode().ljust(32, b"."))
    return (await w.intake.ingest(posted)).receipt


def parts(receipt: Receipt) -> tuple[int, int, int]:
    return receipt.counted, receipt.duplicate, receipt.late


async def cells(store: SqlStore) -> tuple[int, list[int]]:
    """Rows and counts that are held of the model."""
    async with store.read() as unit:
        model = await unit.models.find(MODEL)
        assert isinstance(model, Model)
        found = await unit.views.held(
            WindowQuery(model.id, "default"), NOW - 100 * DAY, NOW + 100 * DAY
        )
    return found.rows, [] if found.vector is None else found.vector.tolist()


async def test_rows_cut_into_other_batches_count_once(w: World) -> None:
    first = await send(w, "all", table(range(100)))
    assert (parts(first), first.rows_deduplicated) == ((100, 0, 0), True)
    expected = await cells(w.store)
    shuffled = list(range(100))
    random.Random(1).shuffle(shuffled)
    for index in range(0, 100, 7):
        again = await send(w, f"part-{index}", table(shuffled[index : index + 7]), "s3")
        assert again.counted == 0
        assert again.duplicate == again.received
    assert await cells(w.store) == expected
    assert await conserved(w.store) == {
        "received": 200, "counted": 100, "duplicate": 100, "late": 0, "rejected": 0,
    }  # fmt: skip


async def test_a_batch_is_counted_without_its_duplicates_exactly(w: World, store: SqlStore) -> None:
    await send(w, "odd", table(range(1, 1_000, 2)))
    receipt = await send(w, "all", table(range(1_000)))
    assert parts(receipt) == (500, 500, 0)
    mixed = await cells(store)
    async with store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        assert await unit.batches.receipt(model.id, "all") == receipt
    await declare_model(store, MODEL, replace(SETTINGS, row_horizon=None), None)
    whole = await send(w, "twice", table(range(1_000)))
    assert whole.rows_deduplicated is None
    rows, vector = await cells(store)
    assert (rows, vector) == (2 * mixed[0], [2 * count for count in mixed[1]])


async def test_a_row_twice_in_one_batch_or_group_counts_once(w: World) -> None:
    twice = await send(w, "twice", table([1, 2, 3, 2, 1]))
    assert parts(twice) == (3, 2, 0)
    sent = [send(w, f"group-{i}", table(range(10, 40))) for i in range(6)]
    receipts = await asyncio.gather(*sent)
    assert sum(one.counted for one in receipts) == 30
    assert sum(one.duplicate for one in receipts) == 150
    assert (await cells(w.store))[0] == 33


async def test_a_window_that_would_hold_duplicates_only_is_not_opened(w: World) -> None:
    await send(w, "k", table(range(10)))
    await send(w, "l", table(range(10)))
    async with w.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        windows = await unit.views.windows(WindowQuery(model.id, "default"), None, 9)
    assert [window.rows for window in windows] == [10]


async def test_the_same_id_at_another_time_is_another_row(w: World) -> None:
    await send(w, "k", table([1, 2]))
    assert parts(await send(w, "l", table([1, 2], START + timedelta(seconds=1)))) == (2, 0, 0)


async def test_rows_older_than_the_horizon_are_late(w: World, place: Place) -> None:
    midnight = NOW.replace(hour=0)
    old = table([0, 1], midnight - HORIZON - timedelta(seconds=15))
    assert parts(await send(w, "old", old)) == (0, 0, 2)
    edge = table([5, 6], midnight - HORIZON)
    assert parts(await send(w, "edge", edge)) == (2, 0, 0)
    assert parts(await send(w, "edge again", edge)) == (0, 2, 0)
    place.clock.forward(DAY)
    assert parts(await send(w, "edge late", edge)) == (0, 0, 2)


async def test_without_times_an_id_counts_once_on_whatever_day(
    store: SqlStore, place: Place
) -> None:
    async with working(store, place, timed=False) as w:
        assert parts(await send(w, "k", table(range(50), timed=False))) == (50, 0, 0)
        for _ in range(7):
            place.clock.forward(DAY)
            await maintain(store, timedelta(days=31))
            again = await send(w, f"{place.clock()}", table(range(40, 50), timed=False))
            assert parts(again) == (0, 10, 0)
        place.clock.forward(4 * DAY)
        await maintain(store, timedelta(days=31))
        assert parts(await send(w, "forgotten", table(range(10), timed=False))) == (10, 0, 0)


async def test_rows_without_an_id_are_refused(w: World) -> None:
    rows = table(range(3))
    without = {**rows.columns, "id": pl.Series(["a", None, "c"])}
    with pytest.raises(Invalid) as caught:
        await send(w, "k", Table(without, 3))
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [(1, "id")]
    assert (await conserved(w.store))["rejected"] == 3


async def test_ids_need_a_column(store: SqlStore) -> None:
    with pytest.raises(Invalid) as caught:
        await declare_model(store, MODEL, SETTINGS, Schema((TIME, COLUMNS[1])))
    assert caught.value.faults[0].pointer == "/deduplicate_rows"
    with pytest.raises(Invalid):
        await declare_model(store, MODEL, SETTINGS, None)
    await declare_model(store, MODEL, SETTINGS, Schema(COLUMNS))
    model, _ = await declare_model(store, MODEL, SETTINGS, None)
    assert model.settings.row_horizon == HORIZON


async def test_beyond_the_cap_rows_count_and_the_receipt_says_so(place: Place) -> None:
    small = SqlStore(place.url, clock=place.clock, row_ids=40)
    async with working(small, place) as w:
        assert (await send(w, "k", table(range(30)))).rows_deduplicated
        await maintain(small, timedelta(days=31))
        async with small.read() as unit:
            assert (await unit.views.row_ids()).limit == 40
        receipt = await send(w, "l", table(range(100)))
        assert (parts(receipt), receipt.rows_deduplicated) == ((100, 0, 0), False)
        async with small.read() as unit:
            (tally,) = await unit.views.tallies()
        assert (tally.counted, tally.unchecked) == (130, 100)
    await small.close()


async def test_days_are_made_ahead_and_dropped_whole(
    w: World, store: SqlStore, place: Place
) -> None:
    async def days() -> set[str]:
        async with store.read() as unit:
            rows = await unit.session.connection.exec_driver_sql(
                "select tablename from pg_tables where tablename like 'seen_2%%'"
                if place.is_postgres
                else "select name from sqlite_master where type = 'table' and name like 'seen_2%'"
            )
            return {row[0] for row in rows}

    await maintain(store, timedelta(days=31))
    assert await days() == {"seen_20260302", "seen_20260303"}
    await send(w, "k", table([1, 2], NOW - HORIZON))
    assert "seen_20260223" in await days()
    place.clock.forward(3 * DAY)
    await maintain(store, timedelta(days=31))
    assert await days() == {f"seen_2026030{i}" for i in (2, 3, 5, 6)}


async def test_two_replicas_with_the_same_rows_at_once_count_each_once(
    w: World, store: SqlStore, place: Place
) -> None:
    """Two stores on PostgreSQL; on SQLite, which serves one process, two intakes on one."""
    other = SqlStore(place.url, clock=place.clock) if place.is_postgres else store

    async def replay(through: World, name: str, seed: int) -> int:
        numbers = list(range(1_200))
        draw = random.Random(seed)
        draw.shuffle(numbers)
        counted = 0
        while numbers:
            size = draw.randint(1, 90)
            part, numbers = numbers[:size], numbers[size:]
            counted += (await send(through, f"{name}-{len(numbers)}", table(part))).counted
        return counted

    async with world(other, place.clock) as second:
        found = await asyncio.gather(
            *(replay(w if i % 2 else second, f"replay-{i}", i) for i in range(6))
        )
    assert sum(found) == 1_200
    held = await cells(store)
    if other is not store:
        await other.close()
    await declare_model(store, MODEL, replace(SETTINGS, row_horizon=None), None)
    await send(w, "once more", table(range(1_200)))
    assert await cells(store) == (2_400, [2 * count for count in held[1]])
    assert np.sum(held[1]) == 2 * 1_200


async def test_rows_of_an_object_count_once_in_the_transaction_that_publishes_it(
    w: World, store: SqlStore
) -> None:
    await send(w, "k", table(range(100)))
    standing = await store.ground(MODEL)
    assert standing is not None
    ground = standing.ground
    assert ground.active is not None
    assert ground.model.schema is not None
    envelope = Envelope(
        ground.model.id,
        "object",
        bytes(16),
        "default",
        "bucket",
        True,
        standing.now,
        ground.declared_at,
        ground.row_key,
    )
    pieces = [
        tally(table(some), ground.model.schema, ground.active, envelope, SETTINGS)
        for some in (range(50, 150), range(140, 200))
    ]
    async with store.write() as unit:
        (outcome,) = await unit.batches.commit([add(*pieces)])
    assert isinstance(outcome, Counted)
    assert parts(outcome.receipt) == (100, 60, 0)
    assert (await cells(store))[0] == 200
