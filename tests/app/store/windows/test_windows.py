"""Windows: due, claimed, judged once a revision, readable as known at any time."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from app.domain.alerts.alert import Look
from app.domain.errors import Conflict
from app.domain.model import Model
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts.judgement import Cause, Gathered, WindowRow
from app.domain.window import PANE, WindowStatus
from app.store import SqlStore
from app.store import tables as t
from app.store.counts.encoding import digest
from drift_core import State
from tests.app.conftest import Place
from tests.app.store.made import (
    HOUR,
    NINE,
    NOW,
    OTHER_GRIDS,
    active,
    batch,
    close_all,
    judged,
    pane,
    reference,
    vector,
    verdict,
    waiting,
)


async def filled(store: SqlStore, model: Model, hours: int = 3) -> None:
    grid_set = await active(store, model)
    panes = [pane(NINE + HOUR * i, 10 + i, i) for i in range(hours)]
    async with store.write() as unit:
        await unit.batches.commit([batch(model, grid_set, "k", *panes)])


async def test_windows_are_due_until_they_are_judged(store: SqlStore, model: Model) -> None:
    async with store.read() as unit:
        assert not await unit.windows.any(model.id)
    await filled(store, model)
    async with store.read() as unit:
        assert await unit.windows.any(model.id)
        (backlog,) = await unit.windows.backlogs()
        due = await unit.windows.open(backlog, NINE + 3 * HOUR, 10)
        two = await unit.windows.open(backlog, NINE + 3 * HOUR, 2)
        none = await unit.windows.open(backlog, NINE + HOUR - timedelta(microseconds=1), 10)
    starts = [one.window.key.start for one in due]
    assert starts == [NINE, NINE + HOUR, NINE + 2 * HOUR]
    assert (two, none) == (due[:2], [])
    assert (backlog.first_end, backlog.lateness) == (NINE + HOUR, model.settings.lateness)
    assert [source.source for source in backlog.sources] == ["http"]
    assert {one.lateness for one in due} == {model.settings.lateness}
    await close_all(store)
    async with store.read() as unit:
        assert await unit.windows.backlogs() == []


async def test_a_judged_window_keeps_its_counts_and_values(store: SqlStore, model: Model) -> None:
    await filled(store, model, 1)
    (revision,) = await close_all(store)
    query = WindowQuery(model.id, "default")
    async with store.read() as unit:
        (summary,) = await unit.views.windows(query, None, 10)
        report = await unit.views.window(query, NINE)
        counts = await unit.views.counts(query, NINE, 1)
        assert await unit.views.counts(query, NINE, 2) is None
        assert await unit.views.window(query, NINE + HOUR) is None
    assert (summary.status, summary.revision, summary.rows) == (WindowStatus.CLOSED, 1, 10)
    assert (summary.state, summary.page, summary.drifted) == ("drift", True, ("dep/delay %",))
    assert (summary.cause, summary.judged_at, summary.baseline) == (Cause.CLOSED, NOW, 1)
    assert report is not None
    assert report.summary == summary
    by_name = {feature.feature: feature for feature in report.features}
    (psi,) = by_name["dep/delay %"].estimates
    assert (psi.statistic, psi.value, psi.effect, psi.p_value) == ("psi", 0.31, 0.30, 1e-9)
    assert (psi.threshold, psi.n_ref, psi.n_cur) == (0.2, 100, 10)
    assert by_name["dep/delay %"].rules == ("psi", "bin:3")
    (ks,) = by_name["carrier"].estimates
    assert (ks.value, ks.reason) == (None, "no_reference_rows")
    assert by_name["carrier"].warning
    assert counts is not None
    assert (counts.vector == vector(pane(NINE, 10, 0))).all()
    (line,) = report.revisions
    assert line.digest == digest(revision.gathered.vector)
    assert line.digest == digest(vector(pane(NINE, 10, 0)))


async def test_a_window_reads_as_it_was_known(store: SqlStore, model: Model, place: Place) -> None:
    await filled(store, model, 1)
    opened = place.clock.now
    place.clock.forward(HOUR)
    await close_all(store)
    place.clock.forward(HOUR)
    grid_set = await active(store, model)
    async with store.write() as unit:
        await unit.batches.commit([batch(model, grid_set, "late", pane(NINE, 5, 9))])
    await close_all(store, verdict(State.OK, page=False))

    async def seen(moment: datetime | None) -> list[tuple[object, ...]]:
        async with store.read() as unit:
            query = WindowQuery(model.id, "default", as_of=moment)
            found = await unit.views.windows(query, None, 10)
            points = await unit.views.points(query, "dep/delay %", None, 10)
            assert [p.verdict.state for p in points] == [w.state for w in found if w.state]
        return [(w.status.value, w.revision, w.rows, w.state, w.cause) for w in found]

    assert await seen(opened - HOUR) == []
    assert [line[:2] for line in await seen(opened)] == [("open", 0)]
    assert await seen(opened + HOUR) == [("closed", 1, 10, "drift", "closed")]
    assert await seen(None) == [("closed", 2, 15, "ok", "late_rows")]
    async with store.read() as unit:
        first = await unit.views.counts(WindowQuery(model.id, "default", as_of=opened + HOUR), NINE)
        report = await unit.views.window(
            WindowQuery(model.id, "default", as_of=opened + HOUR), NINE
        )
    assert first is not None
    assert (first.vector == vector(pane(NINE, 10, 0))).all()
    assert report is not None
    assert [line.number for line in report.revisions] == [1]
    place.clock.forward(model.settings.final_after)
    assert (await seen(None))[0][0] == "final"


async def test_pages_go_back_in_time(store: SqlStore, model: Model) -> None:
    await filled(store, model)
    await close_all(store)
    query = WindowQuery(model.id, "default")
    async with store.read() as unit:
        newest = await unit.views.windows(query, None, 2)
        oldest = await unit.views.windows(query, newest[-1].key.start, 2)
        points = await unit.views.points(query, "carrier", NINE + 2 * HOUR, 1)
        assert await unit.views.points(query, "no such feature", None, 5) == []
    assert [w.key.start for w in newest] == [NINE + 2 * HOUR, NINE + HOUR]
    assert [w.key.start for w in oldest] == [NINE]
    assert [(p.start, p.rows) for p in points] == [(NINE + HOUR, 11)]


async def test_rows_on_two_grid_sets_cannot_be_compared(store: SqlStore, model: Model) -> None:
    await filled(store, model, 1)
    async with store.write() as unit:
        grids = await unit.models.add_grid_set(model.id, OTHER_GRIDS)
        made = await unit.models.add_baseline(
            model.id, reference(grids.number, "f2", OTHER_GRIDS.size)
        )
        await unit.models.activate(model.id, made.number)
    one = pane(NINE + PANE, 4)
    fitting = one.cells < OTHER_GRIDS.size
    other = type(one)(one.segment, one.pane, 4, one.cells[fitting], one.counts[fitting])
    async with store.write() as unit:
        await unit.batches.commit([batch(model, grids.id, "l", other)])
    (revision,) = await close_all(store)
    gathered = revision.gathered
    assert (gathered.rows, gathered.grid_set, gathered.vector) == (14, None, None)
    async with store.read() as unit:
        counts = await unit.views.counts(WindowQuery(model.id, "default"), NINE)
    assert counts is not None
    assert counts.vector is None


async def test_two_closers_judge_a_window_once(store: SqlStore, model: Model, place: Place) -> None:
    await filled(store, model, 1)
    other = SqlStore(place.url, clock=place.clock) if place.is_postgres else store
    async with store.read() as unit:
        (due,) = await waiting(unit)

    async def close(through: SqlStore) -> int:
        async with through.write() as unit:
            window = await unit.windows.claim(due.window.id)
            if window is None or window.revision != due.window.revision:
                return 0
            await judged(unit, window)
            return 1

    done = await asyncio.gather(*(close(s) for s in (store, other, store, other)))
    if other is not store:
        await other.close()
    assert sum(done) == 1


async def test_a_revision_number_is_taken_once(store: SqlStore, model: Model) -> None:
    await filled(store, model, 1)
    async with store.read() as unit:
        (due,) = await waiting(unit)
    await close_all(store)
    with pytest.raises(Conflict):
        async with store.write() as unit:
            await judged(unit, due.window)
    async with store.read() as unit:
        report = await unit.views.window(WindowQuery(model.id, "default"), NINE)
    assert report is not None
    assert len(report.revisions) == 1


async def test_a_closer_gives_up_where_intake_holds_on(
    store: SqlStore, model: Model, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("on SQLite only one transaction writes at a time")
    await filled(store, model, 1)
    grid_set = await active(store, model)
    async with store.read() as unit:
        (due,) = await waiting(unit)
    async with store.write() as intake:
        await intake.batches.commit([batch(model, grid_set, "l", pane(NINE, 2))])
        async with store.write() as closer:
            assert await closer.windows.claim(due.window.id) is None
    (revision,) = await close_all(store)
    assert revision.gathered.rows == 12


async def test_intake_and_closing_never_disagree(
    store: SqlStore, model: Model, place: Place
) -> None:
    """Whatever the interleaving, the last revision of each window holds every counted row."""
    grid_set = await active(store, model)
    other = SqlStore(place.url, clock=place.clock) if place.is_postgres else store

    async def post(number: int) -> None:
        async with store.write() as unit:
            starts = (NINE, NINE + PANE, NINE + HOUR)
            panes = [pane(start, 1 + number % 3, number) for start in starts]
            await unit.batches.commit([batch(model, grid_set, f"k{number}", *panes)])

    async def close() -> None:
        for _ in range(15):
            await close_all(other)
            await asyncio.sleep(0.005)

    await asyncio.gather(close(), *(post(number) for number in range(40)))
    await close_all(other)
    if other is not store:
        await other.close()
    async with store.read() as unit:
        found = await unit.views.windows(WindowQuery(model.id, "default"), None, 10)
        assert await unit.windows.restated(10) == []
    rows = sum(1 + number % 3 for number in range(40))
    assert [w.rows for w in found] == [rows, 2 * rows]
    assert all(w.state == "drift" for w in found)


async def test_looks_are_the_latest_revisions_in_order(store: SqlStore, model: Model) -> None:
    await filled(store, model)
    async with store.read() as unit:
        ids = {due.window.key.start: due.window.id for due in await waiting(unit)}
    made = await close_all(store)
    async with store.write() as unit:
        oldest = next(r for r in made if r.window.start == NINE)
        window = WindowRow(ids[NINE], oldest.window, oldest.end, unit.now, 1)
        await judged(unit, window, verdict(State.INSUFFICIENT_DATA, page=False))
        looks = await unit.windows.looks(oldest.window, "default")
        later = await unit.windows.looks(replace(oldest.window, start=NINE + PANE), "default")
    assert looks == [
        Look(NINE, 2, None),
        Look(NINE + HOUR, 1, True),
        Look(NINE + 2 * HOUR, 1, True),
    ]
    assert later == looks[1:]


async def test_metrics_read_the_last_window_of_every_version(store: SqlStore, model: Model) -> None:
    await filled(store, model)
    grid_set = await active(store, model)
    async with store.write() as unit:
        await unit.batches.commit([batch(model, grid_set, "s", version="shadow")])
        before = await unit.views.stamp()
    await close_all(store)
    async with store.read() as unit:
        found = await unit.views.latest()
        features = await unit.views.features([f.id for f in found])
        assert await unit.views.stamp() != before
        assert await unit.views.stamp() == await unit.views.stamp()
    assert [(f.model, f.version, f.start, f.rows) for f in found] == [
        ("flights", "default", NINE + 2 * HOUR, 12),
        ("flights", "shadow", NINE, 10),
    ]
    assert [len(features[f.id]) for f in found] == [2, 2]


async def test_damaged_counts_are_said_and_not_handed_out(store: SqlStore, model: Model) -> None:
    await filled(store, model, 1)
    async with store.write() as unit:
        await unit.session.connection.exec_driver_sql("update delta set total = total + 1")
    (revision,) = await close_all(store)
    assert revision.gathered == Gathered(10, None, None, damaged=True)


async def test_an_id_that_was_told_names_no_other_verdict(store: SqlStore, model: Model) -> None:
    grids = await active(store, model)
    told: list[int | None] = []
    for hour in range(2):
        start = NINE + hour * HOUR
        await store.commit([batch(model, grids, f"k{hour}", pane(start))])
        (revision,) = await close_all(store)
        async with store.write() as unit:
            told.append(await unit.verdicts.id_of(revision.window, 1, "default"))
            # as retention does: nothing is left of which the next id could be made
            await unit.session.connection.execute(delete(t.judgement))  # type: ignore[attr-defined]
    first, second = told
    assert first is not None
    assert second is not None
    assert second > first
