"""A dry run says what the live rule then does, window by window."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from app.domain.criteria import Criteria, Limit, Rule, RuleKind
from app.domain.judgement import Judgement
from app.domain.monitor import ROLES, Monitor, MonitorKind
from app.domain.reports import AlertStep
from app.steps import dry_run
from app.steps.ask import declare_monitor
from app.steps.declare import remove_model
from app.steps.dry_run import Question, Tried
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world

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
