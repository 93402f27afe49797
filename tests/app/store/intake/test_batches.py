"""Intake: counted once, all or nothing, and never a row unaccounted for."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.batch import (
    Counted,
    CountedBatch,
    Findings,
    Gone,
    InFlight,
    Outcome,
    Recount,
    Repeated,
    Reused,
)
from app.domain.model import Model, VersionRole
from app.domain.telling.reports import WindowQuery
from app.domain.window import PANE
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.store.made import (
    GRIDS,
    HOUR,
    NINE,
    NOW,
    OTHER_GRIDS,
    active,
    batch,
    close_all,
    declared,
    pane,
    reference,
    rejection,
    vector,
)


async def commit(store: SqlStore, *group: CountedBatch) -> Sequence[Outcome]:
    async with store.write() as unit:
        return await unit.batches.commit(group)


async def conserved(store: SqlStore) -> dict[str, int]:
    """The law of every test: received = counted + duplicate + late + rejected; the sums."""
    async with store.read() as unit:
        found = await unit.views.tallies()
        for one in found:
            assert one.received == one.counted + one.duplicate + one.late + one.rejected
    names = ("received", "counted", "duplicate", "late", "rejected")
    return {name: sum(getattr(one, name) for one in found) for name in names}


async def held(store: SqlStore, model: Model, version: str = "default") -> int:
    """Rows that the deltas hold."""
    async with store.read() as unit:
        query = WindowQuery(model.id, version)
        return (await unit.views.held(query, NINE - 1000 * HOUR, NINE + 1000 * HOUR)).rows


async def test_a_batch_is_counted_and_its_receipt_kept(store: SqlStore, model: Model) -> None:
    one, other = pane(NINE, 10, 1), pane(NINE + PANE, 7, 2)
    findings = Findings({"dep/delay %": 2}, ("carrier",), ("a/b $é",))
    sent = batch(model, await active(store, model), "k", one, other, findings=findings)
    (outcome,) = await commit(store, sent)
    assert isinstance(outcome, Counted)
    assert (outcome.receipt.received, outcome.receipt.counted, outcome.receipt.late) == (17, 17, 0)
    async with store.read() as unit:
        assert await unit.batches.receipt(model.id, "k") == outcome.receipt
        assert await unit.batches.receipt(model.id, "other") is None
        (summary,) = await unit.views.windows(WindowQuery(model.id, "default"), None, 10)
        counts = await unit.views.counts(WindowQuery(model.id, "default"), NINE)
    assert (summary.key.start, summary.end, summary.rows) == (NINE, NINE + HOUR, 17)
    assert counts is not None
    assert (counts.vector == vector(one, other)).all()
    assert (await conserved(store))["counted"] == 17


async def test_the_same_batch_again_adds_nothing(store: SqlStore, model: Model) -> None:
    sent = batch(model, await active(store, model))
    (first,) = await commit(store, sent)
    (again,) = await commit(store, sent)
    assert isinstance(first, Counted)
    assert again == Repeated(first.receipt)
    (other,) = await commit(
        store, replace(sent, envelope=replace(sent.envelope, fingerprint=b"x" * 16))
    )
    assert other == Reused()
    assert await held(store, model) == 10
    assert await conserved(store) == {
        "received": 20, "counted": 10, "duplicate": 10, "late": 0, "rejected": 0,
    }  # fmt: skip


async def test_twins_in_one_group_are_counted_once(store: SqlStore, model: Model) -> None:
    sent = batch(model, await active(store, model))
    liar = replace(sent, envelope=replace(sent.envelope, fingerprint=b"x" * 16))
    outcomes = await commit(store, sent, sent, liar, replace(sent))
    assert [type(outcome) for outcome in outcomes] == [Counted, Repeated, Reused, Repeated]
    assert await held(store, model) == 10
    assert (await conserved(store))["duplicate"] == 20


async def test_a_group_is_summed_into_one_delta_per_pane(store: SqlStore, model: Model) -> None:
    grid_set = await active(store, model)
    panes = [pane(NINE, 5, seed) for seed in range(30)]
    await commit(store, *(batch(model, grid_set, f"k{i}", p) for i, p in enumerate(panes)))
    async with store.read() as unit:
        counts = await unit.views.counts(WindowQuery(model.id, "default"), NINE)
        deltas = await unit.session.connection.exec_driver_sql("select rows, batches from delta")
        assert deltas.all() == [(150, 30)]
    assert counts is not None
    assert (counts.vector == vector(*panes)).all()


async def test_segments_are_counted_beside_the_whole(store: SqlStore, model: Model) -> None:
    part = pane(NINE, 4, 2, segment="origin=JFK")
    sent = batch(model, await active(store, model), "k", pane(NINE, 10), part)
    (outcome,) = await commit(store, sent)
    assert isinstance(outcome, Counted)
    assert outcome.receipt.counted == 10
    async with store.read() as unit:
        query = WindowQuery(model.id, "default", "origin=JFK")
        (summary,) = await unit.views.windows(query, None, 10)
        assert summary.rows == 4


async def test_panes_that_lose_rows_are_refused(store: SqlStore, model: Model) -> None:
    sent = batch(model, await active(store, model))
    with pytest.raises(ValueError, match="exactly its rows"):
        await commit(store, replace(sent, rows=11))
    assert await held(store, model) == 0


async def test_rows_counted_on_another_grid_set_are_counted_again(
    store: SqlStore, model: Model
) -> None:
    old = await active(store, model)
    async with store.write() as unit:
        grids = await unit.models.add_grid_set(model.id, OTHER_GRIDS)
        made = await unit.models.add_baseline(
            model.id, reference(grids.number, "f2", OTHER_GRIDS.size)
        )
        await unit.models.activate(model.id, made.number)
    stale, fresh = batch(model, old, "k"), batch(model, grids.id, "l")
    assert [type(o) for o in await commit(store, stale, fresh)] == [Recount, Counted]
    async with store.read() as unit:
        assert await unit.batches.receipt(model.id, "k") is None
    assert (await conserved(store))["received"] == 10


async def test_a_deleted_model_takes_nothing_and_frees_its_name(
    store: SqlStore, model: Model
) -> None:
    grid_set = await active(store, model)
    other = await declared(store, "other")
    await commit(store, batch(model, grid_set, "before"))
    async with store.write() as unit:
        await unit.models.hide(model.id)
    sent = [batch(model, grid_set, "k"), batch(other, await active(store, other), "k")]
    assert [type(o) for o in await commit(store, *sent)] == [Gone, Counted]
    again = await declared(store)
    assert again.id != model.id
    for _ in range(50):
        async with store.write() as unit:
            if not await unit.models.purge():
                break
    async with store.read() as unit:
        assert await unit.batches.receipt(model.id, "before") is None
        assert {one.model for one in await unit.views.tallies()} == {"other"}
        assert await unit.models.find("flights") == again


async def test_one_model_is_summed_alone(store: SqlStore, model: Model) -> None:
    other = await declared(store, "other")
    sent = [batch(one, await active(store, one), "k") for one in (model, other)]
    await commit(store, *sent)
    async with store.read() as unit:
        both = await unit.views.tallies()
        (mine,) = await unit.views.tallies(other.id)
    assert [one.model for one in both] == ["flights", "other"]
    assert mine == both[1]


async def test_rows_for_a_closed_window_restate_it(store: SqlStore, model: Model) -> None:
    grid_set = await active(store, model)
    first, second = pane(NINE, 10, 1), pane(NINE, 3, 2)
    await commit(store, batch(model, grid_set, "k", first))
    await close_all(store)
    (outcome,) = await commit(store, batch(model, grid_set, "l", second))
    assert isinstance(outcome, Counted)
    assert outcome.receipt.late == 0
    async with store.read() as unit:
        assert await unit.windows.backlogs() == []
        (due,) = await unit.windows.restated(10)
        assert due.restated
    (revision,) = await close_all(store)
    assert (revision.number, revision.gathered.rows) == (2, 13)
    assert (revision.gathered.vector == vector(first, second)).all()
    async with store.read() as unit:
        assert await unit.windows.restated(10) == []


async def test_rows_for_a_final_window_are_late(
    store: SqlStore, model: Model, place: Place
) -> None:
    grid_set = await active(store, model)
    await commit(store, batch(model, grid_set, "k"))
    await close_all(store)
    place.clock.forward(model.settings.final_after)
    sent = batch(model, grid_set, "l", pane(NINE, 4), pane(NINE + HOUR, 6))
    (outcome,) = await commit(store, sent)
    assert isinstance(outcome, Counted)
    assert (outcome.receipt.counted, outcome.receipt.late) == (6, 4)
    async with store.read() as unit:
        assert await unit.batches.receipt(model.id, "l") == outcome.receipt
        assert await unit.windows.restated(10) == []
    assert await held(store, model) == 16
    assert (await conserved(store))["late"] == 4


async def test_the_first_version_is_champion_and_others_shadows(
    store: SqlStore, model: Model
) -> None:
    grid_set = await active(store, model)
    await commit(store, batch(model, grid_set, "k", version="b"))
    await commit(store, batch(model, grid_set, "l", version="a"))
    async with store.read() as unit:
        roles = {v.name: v.role for v in await unit.models.versions(model.id)}
    assert roles == {"b": VersionRole.CHAMPION, "a": VersionRole.SHADOW}


async def test_progress_is_read_per_source(store: SqlStore, model: Model, place: Place) -> None:
    grid_set = await active(store, model)
    await commit(store, batch(model, grid_set, "k", pane(NINE)))
    place.clock.forward(timedelta(seconds=5))
    await commit(store, batch(model, grid_set, "l", pane(NINE + HOUR), source="s3"))
    async with store.write() as unit:
        await unit.rejections.add([rejection(model.name, source="broken", rows=9)])
    async with store.read() as unit:
        found = await unit.windows.progress(model.id, "default")
        assert await unit.windows.progress(model.id, "other") == []
    assert [(s.source, s.latest_event, s.last_commit) for s in found] == [
        ("http", NINE + PANE / 2, NOW),
        ("s3", NINE + HOUR + PANE / 2, NOW + timedelta(seconds=5)),
    ]
    assert (await conserved(store))["rejected"] == 9


async def test_odd_columns_are_noted_once_per_window(store: SqlStore, model: Model) -> None:
    grid_set = await active(store, model)
    odd = Findings(absent=("carrier",), unknown=("naïve / $",))
    for key in ("k", "l"):
        panes = (pane(NINE), pane(NINE + PANE), pane(NINE + HOUR))
        await commit(store, batch(model, grid_set, key, *panes, findings=odd))
    async with store.read() as unit:
        report = await unit.views.window(WindowQuery(model.id, "default"), NINE)
    assert report is not None
    assert [(s.column, s.kind) for s in report.sightings] == [
        ("carrier", "absent"),
        ("naïve / $", "unknown"),
    ]


async def test_concurrent_twins_on_two_replicas_are_counted_once(
    store: SqlStore, model: Model, place: Place
) -> None:
    """Two stores on PostgreSQL; on SQLite, which serves one process, two tasks on one."""
    other = SqlStore(place.url, clock=place.clock) if place.is_postgres else store
    grid_set = await active(store, model)
    batches = [batch(model, grid_set, f"k{i:02}", pane(NINE, 3, i)) for i in range(40)]

    async def send(through: SqlStore, order: Sequence[CountedBatch]) -> list[CountedBatch]:
        counted: list[CountedBatch] = []
        waiting = list(order)
        for _ in range(200):
            group, waiting = waiting[:7], waiting[7:]
            for one, outcome in zip(group, await commit(through, *group), strict=True):
                assert isinstance(outcome, Counted | Repeated | InFlight)
                if isinstance(outcome, InFlight):
                    waiting.append(one)
                elif isinstance(outcome, Counted):
                    counted.append(one)
            if not waiting:
                return counted
        raise AssertionError("in flight for ever")

    orders = [batches, batches[::-1], batches[20:] + batches[:20], batches[::2] + batches[1::2]]
    found = await asyncio.gather(
        *(send(store if i % 2 else other, order) for i, order in enumerate(orders))
    )
    if other is not store:
        await other.close()
    assert sorted(b.envelope.key for each in found for b in each) == [f"k{i:02}" for i in range(40)]
    async with store.read() as unit:
        counts = await unit.views.counts(WindowQuery(model.id, "default"), NINE)
    assert counts is not None
    assert (counts.vector == vector(*(p for b in batches for p in b.panes))).all()
    assert await conserved(store) == {
        "received": 480, "counted": 120, "duplicate": 360, "late": 0, "rejected": 0,
    }  # fmt: skip


async def test_a_key_that_another_transaction_writes_is_in_flight(
    store: SqlStore, model: Model, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("on SQLite only one transaction writes at a time")
    grid_set = await active(store, model)
    await commit(store, batch(model, grid_set, "opens the window"))
    mine, free = batch(model, grid_set, "k"), batch(model, grid_set, "l")
    async with store.write() as unit:
        assert isinstance((await unit.batches.commit([mine]))[0], Counted)
        outcomes = await commit(store, mine, free, mine)
        assert [type(o) for o in outcomes] == [InFlight, Counted, InFlight]
    assert isinstance((await commit(store, mine))[0], Repeated)
    assert (await conserved(store))["received"] == 40


async def test_many_panes_and_wide_counts_survive(store: SqlStore, model: Model) -> None:
    panes = [pane(NINE + PANE * i, 1 + i % 3, i) for i in range(1500)]
    await commit(store, batch(model, await active(store, model), "k", *panes))
    async with store.read() as unit:
        windows = await unit.views.windows(WindowQuery(model.id, "default"), None, 1000)
        sums = await unit.views.held(WindowQuery(model.id, "default"), NINE, NINE + PANE * 1500)
    assert len(windows) == 375
    assert (sums.vector == vector(*panes)).all()
    assert sums.vector is not None
    assert sums.vector.size == GRIDS.size
