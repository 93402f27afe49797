"""From rows to an announced alert: windows close once, late rows restate, the present is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.alerts.alert import AlertKey, AlertState, Change, Reason, Step
from app.domain.alerts.delivery import Target, Topic
from app.domain.alerts.event import FIRING, RESOLVED
from app.domain.model import VersionRole
from app.domain.monitors.monitor import Severity
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts.judgement import Cause
from app.steps.close import A_TURN, Announced, Closed
from app.steps.declare import put_version, remove_model
from app.steps.register import activate, register
from app.store import SqlStore
from drift_core import State, WindowVerdict
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, rows, world

DAY = timedelta(days=1)


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        async with store.write() as unit:
            await unit.targets.put(Target("hook", "webhook", {"url": "https://example.com/"}))
        yield made


def said(closed: Closed) -> WindowVerdict:
    """The verdict of the default monitor."""
    (found,) = (one for one in closed.revision.judgements if one.monitor.name == "default")
    return found.verdict


def told_of(closed: Closed) -> Change | None:
    """What was announced, by the one monitor that pages."""
    return closed.announced[0].change if closed.announced else None


async def told(w: World) -> list[tuple[str, dict[str, object]]]:
    """Every event in the outbox, oldest first."""
    async with w.store.write() as unit:
        claimed = await unit.outbox.claim(100, timedelta(minutes=1))
    return [(one.event_type, json.loads(one.body)["data"]) for one in claimed]


async def test_a_window_closes_when_the_next_rows_are_past_its_lateness(w: World) -> None:
    await w.send(START)
    assert await w.close() == []
    await w.send(START + HOUR)
    (closed,) = await w.close()
    assert closed.revision.window.start == START
    assert closed.revision.gathered.rows == 400
    assert said(closed).state is State.OK
    assert await w.close() == []


async def test_an_alert_fires_once_stays_and_resolves_after_two_calm_windows(w: World) -> None:
    changes = []
    for hour, shift in enumerate([0, 2, 2, 0, 0, 0, 0]):
        await w.send(START + hour * HOUR, shift=float(shift), seed=hour)
        changes += [told_of(closed) for closed in await w.close()]
    assert changes == [None, Change.FIRING, None, None, Change.RESOLVED, None]
    # deliveries of one alert to one target are made in order, so the resolve waits
    ((kind, data),) = await told(w)
    assert kind in (FIRING, RESOLVED)
    assert data["model"] == MODEL


async def test_the_event_names_window_baseline_and_worst_features(w: World) -> None:
    await w.send(START, shift=2.0)
    await w.send(START + HOUR)
    (closed,) = await w.close()
    assert closed.announced == (Announced("default", Change.FIRING, 1),)
    ((kind, data),) = await told(w)
    assert kind == FIRING
    assert data["window"]["start"] == "2026-03-02T03:00:00Z"  # type: ignore[index]
    assert [feature["feature"] for feature in data["features"]] == ["x"]  # type: ignore[attr-defined]


async def test_an_alert_goes_to_those_that_take_alerts(w: World) -> None:
    async with w.store.write() as unit:
        for topic in Topic:
            await unit.targets.put(Target(topic, "airflow", {}, takes=frozenset({topic})))
    await w.send(START, shift=2.0)
    await w.send(START + HOUR)
    (closed,) = await w.close()
    assert sum(told.deliveries for told in closed.announced) == 2
    async with w.store.read() as unit:
        sent = await unit.views.deliveries(None, None, None, 10)
    assert {one.target for one in sent} == {"hook", "alerts"}


async def test_alerts_go_by_severity_and_their_end_to_all_who_heard_of_them(w: World) -> None:
    paged = Target("paged", "pagerduty", {}, severities=frozenset({Severity.P1, Severity.P2}))
    grave = Target("grave", "pagerduty", {}, severities=frozenset({Severity.P1}))
    async with w.store.write() as unit:
        await unit.targets.put(paged)
        await unit.targets.put(grave)
    for hour, shift in enumerate([2.0, 0.0, 0.0, 0.0]):
        await w.send(START + hour * HOUR, shift=shift, seed=hour)
    async with w.store.write() as unit:
        await unit.targets.put(replace(paged, severities=grave.severities))
        await unit.targets.put(replace(grave, severities=None))
    await w.close()
    async with w.store.read() as unit:
        sent = await unit.views.deliveries(None, None, None, 20)
    heard = {(one.target, one.event_type) for one in sent}
    assert heard == {
        *((name, kind) for name in ("hook", "grave") for kind in (FIRING, RESOLVED)),
    }


async def test_late_rows_restate_a_closed_window_as_a_numbered_revision(w: World) -> None:
    await w.send(START)
    await w.send(START + HOUR)
    await w.close()
    await w.send(START, key="late", count=100, seed=3)
    (again,) = await w.close()
    assert (again.revision.number, again.revision.cause) == (2, Cause.LATE_ROWS)
    assert again.revision.gathered.rows == 500
    assert await w.close() == []
    async with w.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        report = await unit.views.window(WindowQuery(model.id, "default"), START)
    assert report is not None
    assert [(r.number, r.rows) for r in report.revisions] == [(1, 400), (2, 500)]


async def test_a_restatement_that_changes_the_present_is_told_and_one_that_does_not_is_not(
    w: World,
) -> None:
    for hour in range(3):
        await w.send(START + hour * HOUR, seed=hour)
    assert [told_of(c) for c in await w.close()] == [None, None]
    # the older window: firing then, calm since, so the present alert still fires one look later
    await w.send(START, key="late", count=4_000, shift=3.0)
    (restated,) = await w.close()
    assert said(restated).page
    assert told_of(restated) is Change.FIRING
    ((_, data),) = await told(w)
    assert (data["reason"], data["since"]) == ("evidence", "2026-03-02T03:00:00Z")
    await w.send(START, key="later", count=10, shift=3.0)
    assert [told_of(c) for c in await w.close()] == [None]


async def test_rows_for_a_final_window_are_late_and_change_nothing(w: World) -> None:
    await w.send(START)
    await w.send(START + HOUR)
    await w.close()
    w.clock.forward(30 * DAY)
    outcome = await w.send(START, key="too late", count=50)
    assert (outcome.receipt.counted, outcome.receipt.late) == (0, 50)
    assert all(c.revision.window.start != START for c in await w.close())


async def test_only_the_champion_pages(w: World) -> None:
    await w.send(START, version="default")
    await w.send(START, version="next", shift=3.0)
    await w.send(START + HOUR, version="next", shift=3.0)
    closed = [c for c in await w.close() if c.revision.window.version == "next"]
    assert [(said(c).page, told_of(c)) for c in closed] == [(True, None)]
    assert await told(w) == []


async def test_a_champion_that_steps_down_stops_alerting(w: World) -> None:
    await w.send(START, shift=3.0)
    await w.send(START + HOUR)
    await w.close()
    await put_version(w.store, "/test", (MODEL, "next"), VersionRole.CHAMPION, {})
    async with w.store.read() as unit:
        alerts = await unit.views.alerts(None, None, 0, 10)
    assert [alert.state for alert in alerts] == ["resolved"]


async def test_a_deleted_model_resolves_its_alert_and_says_so(w: World) -> None:
    await w.send(START, shift=3.0)
    await w.send(START + HOUR)
    await w.close()
    await told(w)
    await remove_model(w.store, "/test", MODEL)
    async with w.store.read() as unit:
        assert await unit.models.find(MODEL) is None
        deliveries = await unit.views.deliveries(None, None, None, 10)
    assert sorted(d.event_type for d in deliveries) == sorted([FIRING, RESOLVED])


async def test_two_closers_judge_a_window_once(w: World) -> None:
    await w.send(START, shift=3.0)
    await w.send(START + HOUR)
    (due,) = await w.closer.due()
    assert await w.closer.close(due) is not None
    assert await w.closer.close(due) is None
    assert len(await told(w)) == 1


async def test_a_constant_reference_that_starts_to_vary_is_drift_in_its_first_window(
    store: SqlStore, place: Place
) -> None:
    async with world(store, place.clock) as made:
        await made.declare()
        constant = rows(START - HOUR, 2_000)
        still = {**constant.columns, "x": constant.columns["x"] * 0.0}  # type: ignore[operator]
        table = type(constant)(still, constant.rows)
        await register(store, made.pool, MODEL, table, None)
        await made.send(START)
        await made.send(START + HOUR)
        (closed,) = await made.close()
        assert said(closed).features["x"].state is State.DRIFT


async def test_a_second_baseline_is_compared_with_from_its_activation_on(w: World) -> None:
    moved = await register(w.store, w.pool, MODEL, rows(START - HOUR, 4_000, 0.3, 11), None)
    assert (moved.created, moved.baseline.number, moved.baseline.activated_at) == (True, 2, None)
    again = await register(w.store, w.pool, MODEL, rows(START - HOUR, 4_000, 0.3, 11), None)
    assert (again.created, again.baseline.number) == (False, 2)
    await w.send(START)
    await w.send(START + HOUR)
    assert [c.revision.judgements[0].baseline for c in await w.close()] == [1]
    await activate(w.store, MODEL, 2)
    await w.send(START + 2 * HOUR)
    assert [c.revision.judgements[0].baseline for c in await w.close()] == [2]


async def test_rows_on_two_grid_sets_are_not_compared(w: World) -> None:
    await w.send(START)
    far = await register(w.store, w.pool, MODEL, rows(START - HOUR, 4_000, 40.0, 12), None)
    assert far.baseline.grid_set == 2, "a reference far away must found a grid set of its own"
    await activate(w.store, MODEL, far.baseline.number)
    await w.send(START, key="second", count=300)
    await w.send(START + HOUR, shift=40.0)
    first, *_ = await w.close()
    assert (said(first).state, said(first).reason) == (
        State.INSUFFICIENT_DATA,
        "grid",
    )


async def test_damaged_counts_are_an_error_and_hold_up_no_other_window(w: World) -> None:
    for hour in range(3):
        await w.send(START + hour * HOUR, seed=hour)
    async with w.store.write() as unit:
        await unit.session.connection.exec_driver_sql(  # type: ignore[attr-defined]
            "update delta set total = total + 1 where id = (select min(id) from delta)"
        )
    first, second = await w.close()
    assert (said(first).state, said(first).reason) == (
        State.ERROR,
        "counts damaged",
    )
    assert said(second).state is State.OK


async def test_a_year_of_history_does_not_hold_up_another_version(w: World) -> None:
    for day in range(30):
        await w.send(START - (40 - day) * DAY, count=2, seed=day)
    await w.send(START, version="next")
    await w.send(START + HOUR, version="next")
    due = await w.closer.due()
    assert len(due) <= 2 * A_TURN
    assert "next" in {one.window.key.version for one in due[:2]}
    own = [one.window.end for one in due if one.window.key.version == "default"]
    assert own == sorted(own)
    rounds = 0
    while await w.close():
        rounds += 1
        assert rounds < 5
    async with w.store.read() as unit:
        left = [one.first_end for one in await unit.windows.backlogs()]
    assert left == [START - 11 * DAY + HOUR, START + 2 * HOUR]


async def test_an_alert_keeps_its_names_while_it_clears_and_tells_them_when_it_resolves(
    w: World,
) -> None:
    shown = []
    for hour, shift in enumerate([2, 0, 0, 0]):
        await w.send(START + hour * HOUR, shift=float(shift), seed=hour)
        await w.close()
        async with w.store.read() as unit:
            shown += [(a.state, a.worst) for a in await unit.views.alerts(None, None, 0, 10)]
    assert shown == [("firing", ("x",)), ("firing", ("x",)), ("resolved", ("x",))]
    ((kind, data),) = await told(w)
    assert kind == RESOLVED, "the firing was never delivered, so it is superseded"
    assert [feature["feature"] for feature in data["features"]] == ["x"]  # type: ignore[attr-defined]


async def test_of_two_first_baselines_at_once_one_founds_the_grid_set(
    store: SqlStore, place: Place
) -> None:
    async with world(store, place.clock) as made:
        await made.declare()
        both = await asyncio.gather(*(made.reference(seed=seed) for seed in (1, 2)))
        assert sorted(one.baseline.number for one in both) == [1, 2]
        assert {one.baseline.grid_set for one in both} == {1}
        assert [one.baseline.activated_at is not None for one in both].count(True) == 1
        same = await asyncio.gather(*(made.reference(seed=3) for _ in range(3)))
        assert sorted(one.created for one in same) == [False, False, True]


async def test_no_alert_fires_for_a_version_that_steps_down_meanwhile(
    w: World, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("on SQLite only one transaction writes at a time")
    await w.send(START, shift=3.0)
    await w.send(START + HOUR)
    (due,) = await w.closer.due()
    async with w.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        window = await unit.windows.claim(due.window.id)
        assert window is not None
        crown = asyncio.create_task(
            put_version(w.store, "/test", (MODEL, "next"), VersionRole.CHAMPION, {})
        )
        await asyncio.sleep(0.2)
        assert not crown.done(), "who closes a window decides who is champion until it is closed"
        step = Step(START, 1, AlertState.FIRING, Reason.EVIDENCE, 0, START)
        key = AlertKey(model.id, "default", "", "default", START)
        await unit.alerts.replace(key, [step], ("x",))
    await crown
    async with w.store.read() as unit:
        assert [a.state for a in await unit.views.alerts(None, None, 0, 10)] == ["resolved"]


async def test_windows_that_could_not_judge_a_feature_do_not_resolve_an_alert(w: World) -> None:
    """Numbers drift, then windows so small that only the three levels can be judged."""
    for hour, count in enumerate([400, 70, 70, 70]):
        await w.send(START + hour * HOUR, count=count, shift=3.0, seed=hour)
    first, *later = await w.close()
    assert told_of(first) is Change.FIRING
    for closed in later:
        verdict = said(closed)
        assert verdict.features["c"].state is State.OK
        assert verdict.features["x"].state is State.INSUFFICIENT_DATA
        assert verdict.state is State.INSUFFICIENT_DATA
        assert "1 of 2 features; x: few_rows" in (verdict.reason or "")
        assert told_of(closed) is None
    async with w.store.read() as unit:
        (alert,) = await unit.views.alerts(None, None, 0, 10)
    assert (alert.state, alert.reason, alert.worst) == ("firing", "not_judged", ("x",))
