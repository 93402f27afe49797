"""A dry run says what the live rule then does, window by window."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.domain.monitors.criteria import Criteria, Limit, Rule, RuleKind
from app.domain.monitors.monitor import ROLES, Monitor, MonitorKind
from app.domain.monitors.past import Left
from app.domain.segments.segment import Segmentation
from app.domain.telling.reports import AlertStep
from app.domain.verdicts.judgement import Judgement
from app.steps import dry_run
from app.steps.ask import declare_monitor
from app.steps.declare import remove_model
from app.steps.dry_run import Question, Tried
from app.steps.register import activate, register
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, rows, world
from tests.app.store.aged import DAY, RETENTION, later

BEGIN = START - 24 * HOUR
SHIFTS = (0, 0.3, 3, 3, 0, 2, 0, 0, 0, 3, 3, 0, 0)
KNOWN = ("state", "warning", "page", "reason", "p_value", "p_adjusted", "rules")


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        yield made


async def history(w: World) -> dict[tuple[str, datetime], Judgement]:
    """Send and judge hours of which some drift, with late rows; return the last judgements."""
    said = {}
    for hour, shift in enumerate(SHIFTS):
        await w.send(BEGIN + hour * HOUR, shift=shift, seed=hour)
        for closed in [*await w.close(), *(await late(w) if hour == 8 else [])]:
            for one in closed.revision.judgements:
                said[one.monitor.name, closed.revision.window.start] = one
    return said


async def late(w: World) -> Sequence[object]:
    await w.send(BEGIN + HOUR, key="late", count=300, shift=4, seed=99)
    return await w.close()


async def steps_of(w: World, monitor: str) -> Sequence[AlertStep]:
    async with w.store.read() as unit:
        for one in await unit.views.alerts(None, None, 0, 100):
            found = await unit.views.alert(one.id)
            if one.monitor == monitor and found is not None:
                return sorted(found[1], key=lambda step: step.window)
    return []


async def tried(w: World, proposed: Monitor, **more: object) -> Tried:
    return await dry_run.dry_run(w.store, Question(MODEL, proposed.name, proposed, **more))  # type: ignore[arg-type]


async def judgements(w: World, plan: dry_run.Plan) -> Mapping[datetime, Judgement]:
    found = {}
    async for block in dry_run.judged(w.store, plan):
        found |= {window.start: one for window, one in block if one is not None}
    return found


def same(one: Judgement, other: Judgement) -> None:
    """Two judgements say the same, to the bit."""
    a, b = one.verdict, other.verdict
    assert (a.state, a.warning, a.page, a.reason) == (b.state, b.warning, b.page, b.reason)
    assert one.monitor.page_level == other.monitor.page_level
    assert list(a.features) == list(b.features)
    for name, found in a.features.items():
        twin = b.features[name]
        assert [getattr(found, k) for k in KNOWN] == [getattr(twin, k) for k in KNOWN]
        effects = {n: (e.value, e.effect, e.p_value) for n, e in found.estimates.items()}
        assert effects == {n: (e.value, e.effect, e.p_value) for n, e in twin.estimates.items()}


PROPOSED = {
    "twice of three": Monitor("mine", 0, fire_after=2, fire_of=3, resolve_after=1),
    "own limits": Monitor(
        "mine",
        0,
        criteria=Criteria(limits=(Limit("psi", 0.1, 0.5),), overrides=(("c", ()),)),
        rule=Rule(RuleKind.SHARE, 0.4),
    ),
    "quality": Monitor(
        "mine", 0, kind=MonitorKind.DATA_QUALITY, roles=ROLES[MonitorKind.DATA_QUALITY]
    ),
    "sliding": Monitor("mine", 0, window=3 * HOUR, step=HOUR, fire_after=2),
    "quarters": Monitor("mine", 0, window=timedelta(minutes=15), pages=False),
    "changed default": Monitor("default", 0, include=("x",), resolve_after=1),
}


@pytest.mark.parametrize("proposed", PROPOSED.values(), ids=PROPOSED)
async def test_it_is_what_the_live_rule_then_does(w: World, proposed: Monitor) -> None:
    """The same rows, once judged after the fact and once with the monitor in place."""
    await history(w)
    dry = await tried(w, proposed)
    said = await judgements(w, dry.plan)
    await remove_model(w.store, "/test", MODEL)
    await w.declare(lateness=timedelta(minutes=15))
    await w.reference()
    await declare_monitor(w.store, "/test", MODEL, proposed)
    really = await history(w)
    live = {start: one for (name, start), one in really.items() if name == proposed.name}
    assert sorted(said) == sorted(live)
    for start, one in live.items():
        same(said[start], one)
    steps = [(s.start, s.state, s.reason.value, s.since) for s in dry.rehearsal.steps]
    stored = [(s.window, s.state, s.reason, s.since) for s in await steps_of(w, proposed.name)]
    assert not proposed.pages or steps == stored
    assert dry.rehearsal.looked_at == len(live) > 8


async def test_windows_that_cannot_be_judged_again_are_named(w: World, place: Place) -> None:
    await w.declare(lateness=timedelta(minutes=15), final_after=2 * DAY, retention=RETENTION)
    await w.send(BEGIN)
    await w.send(BEGIN + HOUR)
    again = await register(w.store, w.pool, MODEL, rows(START, 4_000, 40.0), None)
    await activate(w.store, MODEL, again.baseline.number)
    await w.send(BEGIN + HOUR, key="on the other grid set", shift=40.0)
    for hour in (2, 3):
        await w.send(BEGIN + hour * HOUR, shift=40.0)
        await w.close()
    own = await tried(w, Monitor("mine", 0))
    sliding = await tried(w, Monitor("mine", 0, window=2 * HOUR, step=HOUR))
    assert own.rehearsal.baselines == {1, 2}, "each hour with the reference of its grid set"
    assert (own.rehearsal.looked_at, own.rehearsal.judged) == (3, 2)
    assert (own.rehearsal.left, own.rehearsal.fired) == ({Left.GRID: 1}, 0)
    assert (sliding.rehearsal.looked_at, sliding.rehearsal.left) == (3, {Left.GRID: 2})

    await later(w.store, place.clock, 5 * DAY)
    merged = await tried(w, Monitor("mine", 0, window=timedelta(minutes=30)))
    assert (merged.rehearsal.looked_at, merged.rehearsal.left) == (2, {Left.MERGED: 6})
    assert (await tried(w, Monitor("mine", 0))).rehearsal.judged == 2
    await later(w.store, place.clock, 7 * DAY)
    bare = await tried(w, Monitor("mine", 0))
    assert bare.rehearsal.left == {Left.GRID: 1, Left.REMOVED: 2}
    assert bare.rehearsal.judged == 0


@pytest.mark.parametrize("width", [HOUR, 2 * HOUR])
async def test_the_newest_windows_are_looked_at_where_there_are_too_many(
    w: World, width: timedelta
) -> None:
    for hour in range(6):
        await w.send(BEGIN + hour * HOUR, seed=hour)
        await w.close()
    question = Question(MODEL, "mine", Monitor("mine", 0, window=width, step=HOUR))
    every = await dry_run.dry_run(w.store, question)
    some = await dry_run.dry_run(w.store, question, most=3)
    assert (every.plan.limited, some.plan.limited) == (False, True)
    assert every.rehearsal.looked_at > some.rehearsal.looked_at > 0
    assert some.rehearsal.last == every.rehearsal.last
    assert some.rehearsal.first == some.plan.start


async def test_nothing_is_written(w: World) -> None:
    await history(w)
    before = await sizes(w)
    await tried(w, Monitor("mine", 0, fire_after=1))
    assert await sizes(w) == before


async def sizes(w: World) -> Mapping[str, int]:
    tables = (t.window, t.revision, t.judgement, t.monitor, t.alert, t.alert_step, t.event)
    async with w.store.read() as unit:
        found = {}
        for table in tables:
            query = select(func.count()).select_from(table)
            rows = await unit.session.connection.execute(query)  # type: ignore[attr-defined]
            found[table.name] = rows.scalar_one()
    return found


async def test_a_segment_is_tried_as_it_is_judged(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as w:
        await w.declare(lateness=timedelta(minutes=15), segments=Segmentation((("c",),)))
        await w.reference()
        live = {}
        for hour, shift in enumerate((0, 1, 0, 2, 0)):
            await w.send(BEGIN + hour * HOUR, count=1_200, shift=shift, seed=hour)
            for closed in await w.close():
                (one,) = [j for j in closed.revision.judgements if j.monitor.name == "default"]
                live[closed.revision.window.segment, closed.revision.window.start] = one
        for segment in ("", "c=a"):
            dry = await dry_run.dry_run(store, Question(MODEL, "default", segment=segment))
            said = await judgements(w, dry.plan)
            mine = {start: one for (of, start), one in live.items() if of == segment}
            assert len(said) == len(mine) == 4
            for start, one in mine.items():
                same(said[start], one)
            assert dry.rehearsal.page_level == one.monitor.page_level
            assert dry.rehearsal.fired == 1
