"""Windows by rows: cut when the watermark has passed, restated within borders that stay."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import select

from app.domain.monitors.monitor import Monitor
from app.domain.retention import Grain, Retention, Rung
from app.domain.segments.segment import Segmentation
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts.judgement import WindowSummary
from app.steps.ask import declare_monitor, delete_monitor
from app.steps.close import Closed, Closer
from app.steps.cut import AGAIN_AFTER
from app.steps.dry_run import Question, dry_run
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, keyed, rows, world
from tests.app.store.aged import grains, retain

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
W = t.window
MINE = Monitor("mine", 0, rows=250, pages=False)
"""A pane of the tests has a hundred rows."""


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=QUARTER)
        await made.reference()
        await declare_monitor(store, "/test", MODEL, MINE)
        yield made


async def send(w: World, *hours: int, **made: object) -> None:
    for hour in hours:
        await w.send(START + hour * HOUR, seed=hour, **made)


async def windows(w: World, version: str = "default") -> Sequence[WindowSummary]:
    """Those of the monitor, oldest first."""
    async with w.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        query = WindowQuery(model.id, version, monitor="mine", frame="rows/250")
        found = await unit.views.windows(query, None, 500)
    return sorted(found, key=lambda one: one.key.start)


def spans(found: Sequence[WindowSummary]) -> list[tuple[int, int]]:
    """Begin and end in panes after the start."""
    return [((one.key.start - START) // QUARTER, (one.end - START) // QUARTER) for one in found]


def mine(closed: Sequence[Closed]) -> list[tuple[datetime, int]]:
    made = [one.revision for one in closed if one.revision.window.frame == "rows/250"]
    return [(one.window.start, one.number) for one in made]


async def borders(w: World) -> int:
    async with w.store.read() as unit:
        rows = await unit.session.connection.execute(select(t.row_border))  # type: ignore[attr-defined]
        return len(rows.all())


async def test_windows_end_with_the_pane_that_has_enough(w: World) -> None:
    await send(w, 0)
    assert await w.close() == [], "the watermark has not passed the first of them"
    assert await windows(w) == []
    await send(w, 1, 2, 3)
    closed = await w.close()
    assert mine(closed) == [(START + n * 3 * QUARTER, 1) for n in range(4)]
    found = await windows(w)
    assert spans(found) == [(0, 3), (3, 6), (6, 9), (9, 12)]
    assert {(one.rows, one.state) for one in found} == {(300, "ok")}
    assert await w.close() == []
    await send(w, 4)
    assert mine(await w.close()) == [(START + 12 * QUARTER, 1), (START + 15 * QUARTER, 1)]


async def test_late_rows_restate_the_window_that_holds_them_and_move_no_border(w: World) -> None:
    await send(w, 0, 1, 2, 3)
    await w.close()
    before = spans(await windows(w))
    await w.send(START + HOUR, key="late", count=400, shift=3.0)
    again = await w.close()
    assert mine(again) == [(START + 3 * QUARTER, 2), (START + 6 * QUARTER, 2)]
    found = await windows(w)
    assert spans(found) == before
    assert [one.rows for one in found] == [300, 500, 500, 300]
    assert [one.state for one in found] == ["ok", "drift", "drift", "ok"]
    w.clock.forward(31 * DAY)
    outcome = await w.send(START, key="too late", count=50)
    assert (outcome.receipt.counted, outcome.receipt.late) == (0, 50)
    w.clock.forward(HOUR)
    rest = [(START + 12 * QUARTER, 1), (START + 15 * QUARTER, 1)]
    assert mine(await w.close()) == rest, "the last of them as it is, after thirty days"


async def test_the_order_of_arrival_decides_nothing(w: World) -> None:
    for version, order in (("a", (0, 1, 2, 3, 4)), ("b", (2, 0, 3, 1, 4))):
        for hour in order:
            key = f"{version}{hour}"
            await send(w, hour, key=key, version=version, count=240 + hour * 40)
    await w.close()
    one, two = [await windows(w, version) for version in ("a", "b")]
    assert spans(one) == spans(two)
    assert len(one) > 3
    assert [each.rows for each in one] == [each.rows for each in two]


async def test_two_closers_make_one_window_of_each(w: World) -> None:
    await send(w, 0, 1, 2, 3)
    other = World(w.store, w.clock, w.intake, Closer(w.store, "/test", "0"), w.pool)
    cutters = [World(w.store, w.clock, w.intake, w.closer, w.pool) for _ in range(4)]
    opened = await asyncio.gather(*(one.cut() for one in cutters))
    assert sum(opened) >= 4
    closed = await asyncio.gather(w.close(), other.close(), w.close())
    assert sorted(at for some in closed for at in mine(some)) == [
        (START + n * 3 * QUARTER, 1) for n in range(4)
    ]
    assert spans(await windows(w)) == [(0, 3), (3, 6), (6, 9), (9, 12)]
    assert await borders(w) == 1


async def test_each_segment_has_windows_of_its_own(store: SqlStore, place: Place) -> None:
    """A third of the rows in each: they wait about three times as long."""
    async with world(store, place.clock) as w:
        await w.declare(lateness=QUARTER, segments=Segmentation((("c",),)))
        await w.reference()
        await declare_monitor(store, "/test", MODEL, MINE)
        await send(w, 0, 1, 2, 3)
        await w.close()
    async with store.read() as unit:
        rows = await unit.session.connection.execute(select(W).where(W.c.frame == "rows/250"))  # type: ignore[attr-defined]
        found = [(one.segment, one.start_at, one.end_at) for one in rows]
    whole = [one for one in found if not one[0]]
    parts = {segment: [one[1:] for one in found if one[0] == segment] for segment, *_ in found}
    assert len(whole) == 4
    assert len(parts) == 4
    for segment, made in parts.items():
        assert made[0][0] == START
        assert all(one[1] == two[0] for one, two in itertools.pairwise(made))
        assert segment == "" or made[0][1] > START + 4 * QUARTER


async def test_a_window_is_thirty_days_long_at_most(w: World) -> None:
    await w.send(START, count=40)
    w.clock.forward(31 * DAY)
    closed = await w.close()
    (found,) = await windows(w)
    assert (found.key.start, found.end, found.rows) == (START, START + 30 * DAY, 40)
    assert found.state == "insufficient_data"
    assert mine(closed) == [(START, 1)]
    w.clock.forward(30 * DAY)
    await w.send(START + 55 * DAY, count=40)
    w.clock.forward(HOUR)
    assert mine(await w.close()) == [(START + 30 * DAY, 1)], "it began where the last one ended"


async def test_a_backlog_longer_than_what_is_read_at_once_has_the_same_windows(w: World) -> None:
    """A row in every pane for 80 days, so that each window has 250 panes."""
    w.clock.forward(81 * DAY)
    panes = 80 * DAY // QUARTER
    made = rows(START, count=panes)
    times = [START + n * QUARTER for n in range(panes)]
    made.columns["at"] = pl.Series(times, dtype=pl.Datetime("us", "UTC"))  # type: ignore[index]
    await w.intake.ingest(keyed(made, "backlog"))
    while await w.cut():
        pass
    async with w.store.read() as unit:
        query = select(W.c.start_at, W.c.end_at).where(W.c.frame == "rows/250")
        found = await unit.session.connection.execute(query.order_by(W.c.start_at))  # type: ignore[attr-defined]
        cut = [((a - START) // QUARTER, (b - START) // QUARTER) for a, b in found]
    assert cut == [(n * 250, n * 250 + 250) for n in range(panes // 250)]


async def test_they_begin_with_the_declaration_and_end_with_it(w: World) -> None:
    await delete_monitor(w.store, "/test", MODEL, "mine")
    await send(w, 0, 1)
    assert await borders(w) == 0
    await declare_monitor(w.store, "/test", MODEL, MINE)
    await send(w, 2, 3)
    await w.close()
    assert spans(await windows(w)) == [(7, 10), (10, 13)], "the pane that came last is in it"
    await declare_monitor(w.store, "/test", MODEL, replace(MINE, enabled=False))
    assert await borders(w) == 0
    await send(w, 4, 5)
    await w.close()
    assert len(await windows(w)) == 2
    await declare_monitor(w.store, "/test", MODEL, MINE)
    await send(w, 6, 7)
    await w.close()
    assert spans(await windows(w))[2:] == [(23, 26), (26, 29)]


@pytest.mark.parametrize("aged", [Retention(panes=DAY), Retention(panes=DAY, hours=DAY)])
async def test_slow_ones_are_judged_though_what_is_old_is_merged(
    store: SqlStore, place: Place, aged: Retention
) -> None:
    """The second begins within an hour, and ends five days later."""
    async with world(store, place.clock) as w:
        await w.declare(lateness=timedelta(0), final_after=2 * HOUR, retention=aged, window=HOUR)
        await w.reference()
        await declare_monitor(store, "/test", MODEL, MINE)
        await send(w, 0)
        await send(w, 1, 2, 3, count=20)
        await w.close()
        await w.close()
        assert spans(await windows(w)) == [(0, 3)]
        w.clock.forward(5 * DAY)
        await w.send(START + 5 * DAY, count=3)
        await w.close()
        assert {Grain.HOUR, Grain.PANE} <= set(await merged(w))
        async with store.read() as unit:
            model = await unit.models.find(MODEL)
            assert model is not None
            told = await unit.ageing.due(model)
        held = {rung: told[rung].things for rung in (Rung.HOURS, Rung.DAYS)}
        assert held == {Rung.HOURS: 0, Rung.DAYS: 0}, "what is held back is not due"
        await w.send(START + 5 * DAY + HOUR)
        w.clock.forward(HOUR)
        await w.close()
        await w.close()
        second = (await windows(w))[1]
        assert (second.key.start, second.rows) == (START + 3 * QUARTER, 100 + 60 + 3 + 100)
        assert second.state == "ok"
        w.clock.forward(3 * DAY)
        assert (await merged(w))[Grain.PANE] == 400, "nothing but the last hour waits any more"


async def merged(w: World) -> dict[Grain, int]:
    """Retain all that is due; the rows in sums of each grain."""
    await retain(w.store)
    return await grains(w.store)


async def test_a_declaration_that_comes_again_changes_nothing(w: World) -> None:
    await w.send(START, count=200)
    await declare_monitor(w.store, "/test", MODEL, MINE)
    await w.declare(lateness=QUARTER)
    await declare_monitor(w.store, "/test", MODEL, replace(MINE, name="another", rows=9_000))
    await send(w, 1, 2)
    await w.close()
    assert spans(await windows(w))[:2] == [(0, 5), (5, 8)], "what was counted before is in it"


async def test_what_was_looked_at_is_looked_at_again_when_time_moves_on(w: World) -> None:
    await send(w, 0, 1)
    await w.send(START + 2 * HOUR, count=4)
    assert await w.cut() == 2
    assert await w.cut() == 0
    await w.send(START + HOUR, key="late", count=1_200)
    assert await w.cut() == 0, "the watermark is in the same pane"
    w.clock.forward(AGAIN_AFTER)
    assert await w.cut() > 0
    assert await w.cut() == 0
    await send(w, 3, count=1_200)
    assert await w.cut() > 0, "it has moved on"


async def test_models_without_them_keep_no_borders(w: World) -> None:
    await delete_monitor(w.store, "/test", MODEL, "mine")
    await send(w, 0, 1, 2)
    await w.close()
    assert (await borders(w), await windows(w)) == (0, [])


async def test_a_dry_run_of_them_is_what_was_said(w: World) -> None:
    await send(w, 0, 1)
    await w.send(START + 2 * HOUR, shift=2.0)
    await send(w, 3, 4)
    await w.close()
    lived = await windows(w)
    for name, proposed in (("mine", None), ("other", replace(MINE, name="other", rows=251))):
        asked = Question(MODEL, name, proposed, start=START, end=START + DAY)
        tried = (await dry_run(w.store, asked)).rehearsal
        assert (tried.looked_at, tried.judged) == (len(lived), len(lived))
        assert tried.features["x"].drifted == sum("x" in one.drifted for one in lived)
        assert tried.spanned == lived[-1].end - START
        assert not tried.left
