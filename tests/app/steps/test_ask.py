"""Monitors declared, changed and deleted, and what their windows and alerts become."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.alerts.alert import Change
from app.domain.alerts.delivery import Target
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.monitors.checks import MOST_MONITORS
from app.domain.monitors.criteria import Criteria, Limit
from app.domain.monitors.monitor import Monitor, MonitorKind, Severity
from app.domain.telling.reports import AlertSummary, WindowQuery, WindowReport
from app.ports.monitors import Declared
from app.steps.ask import declare_monitor, delete_monitor
from app.steps.close import Announced, Closed
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world

ONLY_X = Monitor("only-x", 0, include=("x",), severity=Severity.P3)


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        async with store.write() as unit:
            for name in ("hook", "other"):
                await unit.targets.put(Target(name, "webhook", {"url": "https://example.com/"}))
        yield made


async def ask(w: World, monitor: Monitor) -> tuple[Declared, bool]:
    return await declare_monitor(w.store, "/test", MODEL, monitor)


async def closed(w: World, *shifts: float, first: int = 0) -> list[Closed]:
    """Judge one window for each shift, and one more that stays open."""
    for hour, shift in enumerate([*shifts, 0.0], start=first):
        await w.send(START + hour * HOUR, shift=shift, seed=hour)
    return await w.close()


async def alerts(w: World) -> dict[str, AlertSummary]:
    async with w.store.read() as unit:
        return {one.monitor: one for one in await unit.views.alerts(None, None, 0, 10)}


async def report(w: World, monitor: str) -> WindowReport:
    async with w.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        found = await unit.views.window(WindowQuery(model.id, "default", monitor=monitor), START)
    assert found is not None
    return found


async def deliveries(w: World) -> Sequence[tuple[str, str]]:
    async with w.store.read() as unit:
        found = await unit.views.deliveries(None, None, None, 10)
    return sorted((one.subject, one.target) for one in found)


async def test_the_first_baseline_brings_the_usual_monitors_once(w: World) -> None:
    async with w.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        first = await unit.monitors.of(model.id)
    assert [(one.name, one.version, one.pages) for one in first] == [
        ("default", 1, True),
        ("quality", 1, False),
    ]
    await delete_monitor(w.store, "/test", MODEL, "quality")
    await w.reference(seed=8)
    async with w.store.read() as unit:
        assert [one.name for one in await unit.monitors.of(model.id)] == ["default"]


async def test_every_monitor_judges_each_window_and_the_window_counts_once(w: World) -> None:
    await ask(w, ONLY_X)
    (one,) = await closed(w, 2.0)
    assert {j.monitor.name: j.verdict.state.value for j in one.revision.judgements} == {
        "default": "drift",
        "only-x": "drift",
        "quality": "drift",
    }
    narrow, wide = await report(w, "only-x"), await report(w, "default")
    assert [verdict.feature for verdict in narrow.features] == ["x"]
    assert {verdict.feature for verdict in wide.features} == {"x", "c"}
    assert narrow.revisions[0].digest == wide.revisions[0].digest
    assert narrow.summary.key == wide.summary.key
    found = await alerts(w)
    assert {(name, a.severity.value) for name, a in found.items()} == {
        ("default", "P2"),
        ("only-x", "P3"),
    }
    assert [a.state for a in found.values()] == ["firing", "firing"]
    levels = {j.monitor.name: j.monitor.page_level for j in one.revision.judgements}
    assert levels["default"] == levels["only-x"] == pytest.approx(0.1 / 4_320)
    assert levels["quality"] is None


async def test_alerts_go_to_the_targets_that_the_monitor_names(w: World) -> None:
    await ask(w, replace(ONLY_X, targets=("other",)))
    await closed(w, 2.0)
    assert await deliveries(w) == [
        ("m/default/default", "hook"),
        ("m/default/default", "other"),
        ("m/default/only-x", "other"),
    ]
    with pytest.raises(Invalid) as refused:
        await ask(w, replace(ONLY_X, targets=("other", "nobody")))
    assert [fault.pointer for fault in refused.value.faults] == ["/targets/1"]


async def test_a_change_is_a_version_and_rewrites_nothing(w: World) -> None:
    first, created = await ask(w, ONLY_X)
    assert (first.monitor.version, created) == (1, True)
    assert await ask(w, ONLY_X) == (first, False)
    await closed(w, 2.0)
    before = await report(w, "only-x")
    lax = replace(ONLY_X, criteria=Criteria(limits=(Limit("psi", None, 99.0),)))
    changed, created = await ask(w, lax)
    assert (changed.monitor.version, created) == (2, False)
    assert await report(w, "only-x") == before
    assert before.summary.monitor_version == 1
    await closed(w, 2.0, first=1)
    await w.send(START, key="late", count=5)
    await w.close()
    again = await report(w, "only-x")
    assert [(one.number, one.monitor_version) for one in again.revisions] == [(1, 1), (2, 2)]
    assert again.features[0].estimates[-1].threshold == 99.0


async def test_a_deleted_monitor_resolves_its_alert_and_what_it_said_stays(w: World) -> None:
    await ask(w, ONLY_X)
    await closed(w, 2.0)
    await delete_monitor(w.store, "/test", MODEL, "only-x")
    found = (await alerts(w))["only-x"]
    assert (found.state, found.reason, found.severity) == (
        "resolved",
        "monitor_deleted",
        Severity.P3,
    )
    assert (await alerts(w))["default"].state == "firing"
    assert (await report(w, "only-x")).summary.state == "drift"
    with pytest.raises(NotFound):
        await delete_monitor(w.store, "/test", MODEL, "only-x")
    (later,) = await closed(w, 2.0, first=1)
    assert [one.monitor.name for one in later.revision.judgements] == ["default", "quality"]
    anew, created = await ask(w, ONLY_X)
    assert (anew.monitor.version, created) == (2, True)


@pytest.mark.parametrize("quiet", [{"enabled": False}, {"pages": False}])
async def test_a_monitor_that_pages_no_more_resolves_its_alert(
    w: World, quiet: dict[str, bool]
) -> None:
    await ask(w, ONLY_X)
    await closed(w, 2.0)
    await ask(w, replace(ONLY_X, **quiet))  # type: ignore[arg-type]
    assert (await alerts(w))["only-x"].reason == "monitor_disabled"
    (later,) = await closed(w, 2.0, first=1)
    judged = [one.monitor.name for one in later.revision.judgements]
    assert ("only-x" in judged) == (quiet != {"enabled": False})
    assert (await alerts(w))["only-x"].state == "resolved"


async def test_without_monitors_windows_close_and_nobody_says_anything(w: World) -> None:
    for name in ("default", "quality"):
        await delete_monitor(w.store, "/test", MODEL, name)
    (one,) = await closed(w, 2.0)
    assert (one.revision.judgements, one.announced) == ((), ())
    found = await report(w, "default")
    assert (found.summary.state, found.summary.revision, found.summary.rows) == (None, 1, 400)
    async with w.store.read() as unit:
        assert await unit.views.latest() == []


async def test_two_windows_of_three_make_it_fire(w: World) -> None:
    await ask(w, replace(ONLY_X, fire_after=2, fire_of=3))
    told = [
        [a for a in one.announced if a.monitor == "only-x"]
        for one in await closed(w, 2.0, 0.0, 2.0)
    ]
    assert told == [[], [], [Announced("only-x", Change.FIRING, 2)]]


async def test_quality_is_judged_beside_drift(w: World) -> None:
    await ask(w, Monitor("quality", 0, kind=MonitorKind.DATA_QUALITY, severity=Severity.P3))
    (one,) = await closed(w, 9.0)
    found = {a.monitor for a in one.announced}
    assert found == {"default", "quality"}
    x = next(v for v in (await report(w, "quality")).features if v.feature == "x")
    assert (x.state, x.rules) == ("drift", ("above_range",))
    (beyond,) = (e for e in x.estimates if e.statistic == "above_range")
    assert (beyond.threshold, beyond.null_mean) == (0.01, 0.0)


async def test_a_model_has_so_many_monitors_at_most(w: World) -> None:
    for number in range(MOST_MONITORS - 2):
        await ask(w, replace(ONLY_X, name=f"m{number}", enabled=False))
    with pytest.raises(Conflict):
        await ask(w, ONLY_X)
    await ask(w, replace(ONLY_X, name="m1"))
