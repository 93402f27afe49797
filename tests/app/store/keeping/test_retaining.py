"""History grows coarser with age and goes when stated, never early; no row is lost meanwhile."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.domain.alerts.alert import AlertKey, AlertState, Reason, Step
from app.domain.batch import Counted, Repeated
from app.domain.model import Model
from app.domain.retention import Grain, Stage
from app.domain.telling.reports import WindowQuery
from app.domain.window import PANE, WindowStatus
from app.store import SqlStore
from app.store import tables as t
from tests import conserved
from tests.app.conftest import Place
from tests.app.store import processes
from tests.app.store.aged import (
    DAY,
    FINAL,
    MIDNIGHT,
    RETENTION,
    grains,
    held,
    hours_of,
    later,
    retain,
    send,
    straddled,
)
from tests.app.store.made import HOUR, NINE, NOW, active, batch, close_all, declared, pane, vector


@pytest.fixture
async def model(store: SqlStore) -> Model:
    return await declared(store, retention=RETENTION, final_after=FINAL)


async def test_ages_run_their_course(store: SqlStore, model: Model, place: Place) -> None:
    """Panes, hours, days, nothing; each step on its day and no earlier, every sum exact."""
    sent = hours_of(NINE, 2)
    await send(store, model, "k", *sent)
    await close_all(store)
    assert await retain(store) == set()
    assert await later(store, place.clock, 3 * DAY - timedelta(minutes=1)) == set()
    assert await grains(store) == {Grain.PANE: 24}
    assert await later(store, place.clock, HOUR) == {"sealed", "hours"}
    assert await grains(store) == {Grain.HOUR: 24}
    assert (await held(store, model, NINE, NINE + 2 * HOUR) == vector(*sent)).all()
    assert (await held(store, model, NINE, NINE + HOUR) == vector(*sent[:4])).all()
    assert await later(store, place.clock, 7 * DAY - 2 * HOUR) == set()
    assert await later(store, place.clock, 2 * HOUR) == {"distributions"}
    assert await later(store, place.clock, 12 * HOUR) == {"days"}
    assert await grains(store) == {Grain.DAY: 24}
    assert (await held(store, model, MIDNIGHT, MIDNIGHT + DAY) == vector(*sent)).all()
    assert await later(store, place.clock, 10 * DAY - HOUR) == set()
    assert await later(store, place.clock, HOUR) == {"counts"}
    assert await grains(store) == {}
    (balance,) = (await conserved.balances(store)).values()
    assert (balance.counted, balance.held, balance.removed) == (24, 0, 24)
    assert await later(store, place.clock, 9 * DAY + 11 * HOUR) == set()
    assert await later(store, place.clock, HOUR) == {"windows"}
    async with store.read() as unit:
        assert await unit.views.windows(WindowQuery(model.id, "default"), None, 10) == []
        found = await unit.models.by_id(model.id)
    assert found is not None
    assert found.removed_until == NINE + 2 * HOUR
    assert found.counts_removed_until == MIDNIGHT + DAY


async def test_nothing_is_touched_that_can_still_change(
    store: SqlStore, place: Place, model: Model
) -> None:
    """An open window, one that closed lately, and one with rows that no revision knows."""
    await send(store, model, "open", pane(NINE, 5))
    assert await later(store, place.clock, 100 * DAY) == set()
    await close_all(store)
    assert await later(store, place.clock, FINAL - HOUR) == set()
    outcome = await send(store, model, "again", pane(NINE, 2, 9))
    assert outcome.receipt.counted == 2
    assert await later(store, place.clock, 100 * DAY) == set()
    await close_all(store)
    assert "sealed" in await later(store, place.clock, HOUR)


async def test_a_sealed_window_takes_no_rows_whatever_is_declared(
    store: SqlStore, place: Place, model: Model
) -> None:
    """Its rows lie in sums of hours: to judge it anew on the later ones alone would be wrong."""
    await send(store, model, "k", pane(NINE, 5))
    await close_all(store)
    assert await later(store, place.clock, 4 * DAY) == {"sealed", "hours"}
    settings = model.settings
    async with store.write() as unit:
        await unit.models.declare(
            model.name, type(settings)(final_after=300 * DAY, retention=RETENTION), None
        )
    (outcome,) = await store.commit(
        [batch(model, await active(store, model), "late", pane(NINE, 2), pane(NINE + HOUR, 3))]
    )
    # a pane of an hour without any rows so far opens a window of its own
    assert isinstance(outcome, Counted)
    assert (outcome.receipt.late, outcome.receipt.counted) == (2, 3)
    async with store.read() as unit:
        query = WindowQuery(model.id, "default")
        new, old = await unit.views.windows(query, None, 10)
    assert (old.status, new.status) == (WindowStatus.FINAL, WindowStatus.OPEN)


async def test_narrow_windows_are_judged_on_their_own_panes(store: SqlStore, place: Place) -> None:
    """Rows that come for a pane beside which others were merged into the hour."""
    narrow = await declared(store, "narrow", window=PANE, retention=RETENTION, final_after=FINAL)
    await send(store, narrow, "k", pane(NINE + PANE, 5))
    await close_all(store)
    await later(store, place.clock, 4 * DAY)
    assert await grains(store) == {Grain.HOUR: 5}
    first = pane(NINE, 7, 3)
    await send(store, narrow, "first", first)
    (revision,) = await close_all(store)
    assert (revision.gathered.vector == vector(first)).all()
    both = vector(first, pane(NINE + PANE, 5))
    assert (await held(store, narrow, NINE, NINE + HOUR) == both).all()
    assert await straddled(store, narrow, NINE, NINE + PANE)
    assert not await straddled(store, narrow, NINE, NINE + HOUR)
    await later(store, place.clock, 4 * DAY)
    assert await grains(store) == {Grain.HOUR: 12}
    assert (await held(store, narrow, NINE, NINE + HOUR) == both).all()


async def test_sums_that_reach_beyond_a_span_are_said(
    store: SqlStore, model: Model, place: Place
) -> None:
    await send(store, model, "k", *hours_of(NINE, 2))
    await close_all(store)
    assert not await straddled(store, model, NINE + PANE, NINE + 2 * PANE)
    await later(store, place.clock, 4 * DAY)
    assert await straddled(store, model, NINE + PANE, NINE + 3 * HOUR)
    assert not await straddled(store, model, NINE + HOUR, NINE + 2 * HOUR)
    await later(store, place.clock, 8 * DAY)
    assert await straddled(store, model, NINE, NINE + HOUR)
    assert not await straddled(store, model, MIDNIGHT, MIDNIGHT + DAY)
    assert not await straddled(store, model, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)


async def test_a_window_answers_as_known_at_any_time(
    store: SqlStore, model: Model, place: Place
) -> None:
    """Before and after its panes were merged; when its counts are gone, that is said."""
    first, second = pane(NINE, 5), pane(NINE, 3, 2)
    await send(store, model, "k", first)
    opened = place.clock.now
    place.clock.forward(HOUR)
    await close_all(store)
    closed = place.clock.now
    place.clock.forward(HOUR)
    await send(store, model, "l", second)
    await close_all(store)

    async def known(moment: datetime) -> tuple[int, int, object, bool]:
        query = WindowQuery(model.id, "default", as_of=moment)
        async with store.read() as unit:
            report = await unit.views.window(query, NINE)
            counts = await unit.views.counts(query, NINE)
        assert report is not None
        assert counts is not None
        shown = None if counts.vector is None else counts.vector.tolist()
        return report.summary.revision, report.summary.rows, shown, counts.removed

    moments = (opened, closed, place.clock.now)
    before = [await known(moment) for moment in moments]
    assert [one[0] for one in before] == [0, 1, 2]
    assert before[1][2] == vector(first).tolist()
    await later(store, place.clock, 4 * DAY)
    assert await grains(store) == {Grain.HOUR: 8}
    assert [await known(moment) for moment in moments] == before
    await later(store, place.clock, 7 * DAY)
    assert [await known(moment) for moment in moments] == [
        (number, rows, None, True) for number, rows, _, _ in before
    ]


async def test_rows_of_removed_windows_are_recognised(
    store: SqlStore, model: Model, place: Place
) -> None:
    """By their receipt as long as it is kept; afterwards they are late, and open no window."""
    await send(store, model, "k", pane(NINE, 5))
    await close_all(store)
    assert "windows" in await later(store, place.clock, 31 * DAY)
    again = await send(store, model, "k", pane(NINE, 5))
    assert isinstance(again, Repeated)
    async with store.write() as unit:
        assert await unit.upkeep.prune_receipts(31 * DAY - HOUR, 10) == 1
    outcome = await send(store, model, "k", pane(NINE, 5))
    assert isinstance(outcome, Counted)
    assert (outcome.receipt.late, outcome.receipt.counted) == (5, 0)
    fresh = await send(store, model, "new", pane(NINE + HOUR, 4))
    assert fresh.receipt.counted == 4
    async with store.read() as unit:
        windows = await unit.views.windows(WindowQuery(model.id, "default"), None, 10)
    assert [one.key.start for one in windows] == [NINE + HOUR]


async def test_old_rows_brought_today_are_kept_as_long_as_others(
    store: SqlStore, model: Model, place: Place
) -> None:
    old = NINE - 3_000 * DAY
    sent = pane(old, 5)
    await send(store, model, "history", sent)
    await close_all(store)
    assert await later(store, place.clock, 3 * DAY - HOUR) == set()
    assert await later(store, place.clock, 2 * HOUR) == {"sealed", "hours"}
    assert await later(store, place.clock, 7 * DAY - 2 * HOUR) == set()
    assert await later(store, place.clock, 2 * HOUR) == {"days", "distributions"}
    assert await later(store, place.clock, 10 * DAY - 2 * HOUR) == set()
    day = old.replace(hour=0)
    assert (await held(store, model, day, day + DAY) == vector(sent)).all()
    assert await later(store, place.clock, 2 * HOUR) == {"counts"}


async def test_steps_of_alerts_go_with_their_windows_but_the_last(
    store: SqlStore, model: Model, place: Place
) -> None:
    starts = [NINE, NINE + HOUR]
    for start in starts:
        await send(store, model, f"{start}", pane(start, 3))
    await close_all(store)
    async with store.write() as unit:
        key = AlertKey(model.id, "default", "", "default", NINE)
        steps = [Step(s, 1, AlertState.FIRING, Reason.CLEARED, 0, NOW) for s in starts]
        await unit.alerts.replace(key, steps, ["x"])
    await later(store, place.clock, 40 * DAY)
    async with store.read() as unit:
        kept = await unit.session.connection.execute(select(t.alert_step.c.window_start))
        assert [row.window_start for row in kept] == starts[1:]


async def test_two_at_once_are_both_right(store: SqlStore, model: Model, place: Place) -> None:
    """Retention by two replicas, folding and intake; then everything that is held adds up."""
    other = SqlStore(place.url, clock=place.clock) if place.is_postgres else store
    old = NINE - 40 * DAY
    for number in range(6):
        await send(store, model, f"k{number}", *hours_of(old + 3 * number * HOUR, 3))
    await close_all(store)
    place.clock.forward(5 * DAY)
    done = asyncio.Event()

    async def keeping(through: SqlStore) -> None:
        while not done.is_set():
            async with through.write() as unit:
                await unit.upkeep.retain()
            async with through.write() as unit:
                await unit.upkeep.fold(20)
            place.clock.forward(timedelta(minutes=30))

    async def posting() -> None:
        for number in range(30):
            await send(store, model, f"late{number}", pane(old + number * PANE, 1))
            await send(store, model, f"new{number}", pane(old + DAY + number * PANE, 2, number))
        done.set()

    await asyncio.gather(keeping(store), keeping(other), posting())
    await retain(store)
    if other is not store:
        await other.close()
    assert (await grains(store))[Grain.HOUR] >= 6 * 36
    await conserved.check(store, all_receipts=False)


async def test_a_kill_at_any_moment_loses_no_row(
    store: SqlStore, model: Model, place: Place
) -> None:
    """Sums are written and what they stand for is deleted, or neither; the next one goes on."""
    sent = [part for day in range(3) for part in hours_of(MIDNIGHT - day * DAY, 9)]
    for part in range(0, len(sent), 12):
        await send(store, model, f"k{part}", *sent[part : part + 12])
    await close_all(store)
    await store.close()
    cut_short = 0
    for milliseconds in (0, 10, 25, 40, 60):
        worker = processes.start(processes.retaining, place.url)
        await asyncio.sleep(milliseconds / 1000)
        cut_short += worker.exitcode is None
        processes.killed(worker)
    assert cut_short >= 3
    again = SqlStore(place.url, clock=place.clock)
    assert sum((await grains(again)).values()) == 3 * len(sent)
    place.clock.forward(15 * DAY)
    await retain(again)
    assert await grains(again) == {Grain.DAY: 3 * len(sent)}
    whole = await held(again, model, MIDNIGHT - 2 * DAY, MIDNIGHT + DAY)
    await again.close()
    assert whole is not None
    assert (whole == vector(*sent)).all()


async def test_an_empty_service_has_nothing_to_do(store: SqlStore) -> None:
    assert await retain(store) == set()


async def test_stages_only_rise(store: SqlStore, model: Model, place: Place) -> None:
    await send(store, model, "k", pane(NINE, 5))
    await close_all(store)
    seen = []
    for _ in range(31):
        await later(store, place.clock, DAY)
        async with store.read() as unit:
            row = await unit.session.connection.execute(select(t.window.c.stage))
            seen.append(row.scalar_one_or_none())
    stages = [Stage(one) for one in seen if one is not None]
    assert stages == sorted(stages)
    assert set(stages) == {Stage.LIVE, Stage.COARSE, Stage.BARE}
    assert seen[-1] is None
