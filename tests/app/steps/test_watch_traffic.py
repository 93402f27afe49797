"""A model falls silent and is told once; its rows come back, and that is told, too."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.alerts.alert import AlertState, Change
from app.domain.alerts.delivery import Target
from app.domain.alerts.event import FIRING
from app.domain.alerts.traffic import HISTORY, Hour, Mark, Seen
from app.domain.model import VersionRole
from app.domain.monitors.monitor import TRAFFIC, Severity
from app.domain.telling.operations import AlertChoice
from app.steps.ask import declare_monitor, delete_monitor
from app.steps.declare import put_version, remove_model
from app.steps.watch_traffic import Told, TrafficWatch
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(maximum_silence=timedelta(hours=2))
        await made.reference()
        async with store.write() as unit:
            await unit.targets.put(Target("hook", "webhook", {"url": "https://example.com/"}))
        yield made


@pytest.fixture
def watch(store: SqlStore) -> TrafficWatch:
    return TrafficWatch(store, "/leeway")


async def told(w: World) -> list[tuple[str, dict[str, object]]]:
    async with w.store.write() as unit:
        claimed = await unit.outbox.claim(100, timedelta(minutes=1))
    return [(one.event_type, json.loads(one.body)["data"]) for one in claimed]


async def _minutes(w: World, watch: TrafficWatch, count: int) -> list[Told]:
    found: list[Told] = []
    for _ in range(count):
        w.clock.forward(MINUTE)
        found += await watch.once()
    return found


async def test_a_silence_beyond_the_declared_limit_is_told_once_and_its_end_too(
    w: World, watch: TrafficWatch
) -> None:
    await w.send(START)
    assert await _minutes(w, watch, 1) == []
    await w.send(START, key="second", seed=2)
    assert await _minutes(w, watch, 121) == []
    assert await _minutes(w, watch, 30) == [Told(MODEL, Change.FIRING, 1)]
    ((kind, data),) = await told(w)
    assert kind == FIRING
    assert (data["monitor"], data["severity"], data["reason"]) == ("traffic", "P1", "silent")
    assert data["silence"]["minutes"] == 121  # type: ignore[index]
    await w.send(START, key="third", seed=3)
    assert await _minutes(w, watch, 5) == [Told(MODEL, Change.RESOLVED, 1)]
    async with w.store.read() as unit:
        (alert,) = await unit.views.alerts(None, None, 0, 10)
    assert (alert.monitor, alert.version, alert.state) == ("traffic", "*", "resolved")
    assert alert.reason == "rows_arrived"


async def test_history_alone_tells_a_silence(w: World, watch: TrafficWatch) -> None:
    await w.declare()
    await w.send(START)
    await _minutes(w, watch, 1)
    await w.send(START, key="second", seed=2)
    await _minutes(w, watch, 1)
    async with w.store.write() as unit:
        (one,) = await unit.traffic.due(unit.now)
        before = one.mark
        assert before is not None
        assert before.arrived_at is not None
        for hours in range(1, HISTORY // HOUR):
            at = before.arrived_at.replace(minute=0) - hours * HOUR
            seen = Seen(before, Hour(at, 60, 60, 600))
            assert await unit.traffic.note(one.model_id, before, seen)
    assert await _minutes(w, watch, 14) == []
    assert await _minutes(w, watch, 5) == [Told(MODEL, Change.FIRING, 1)]
    ((_, data),) = await told(w)
    assert 100 < data["silence"]["usual_rows"] < 200  # type: ignore[index]


async def test_repeats_and_refused_rows_are_no_traffic(w: World, watch: TrafficWatch) -> None:
    await w.send(START)
    await _minutes(w, watch, 1)
    await w.send(START, key="second", seed=2)
    found: list[Told] = []
    for _ in range(5):
        found += await _minutes(w, watch, 30)
        await w.send(START, key="second", seed=2)
    assert [one.change for one in found] == [Change.FIRING]


async def test_two_replicas_tell_it_once(w: World, watch: TrafficWatch) -> None:
    await w.send(START)
    await _minutes(w, watch, 1)
    await w.send(START, key="second", seed=2)
    found: list[Told] = []
    for _ in range(130):
        w.clock.forward(MINUTE)
        both = await asyncio.gather(watch.once(), watch.once())
        found += [one for several in both for one in several]
    assert [one.change for one in found] == [Change.FIRING]
    async with w.store.read() as unit:
        now = unit.now
        hours = await unit.traffic.hours(1, now - 3 * HOUR, now + HOUR)
    assert sum(hour.looks for hour in hours) == 130


async def test_time_without_a_service_is_no_silence(w: World, watch: TrafficWatch) -> None:
    await w.send(START)
    await _minutes(w, watch, 1)
    await w.send(START, key="second", seed=2)
    await _minutes(w, watch, 2)
    w.clock.forward(10 * HOUR)
    assert await watch.once() == []
    assert await _minutes(w, watch, 10) == []


async def ask(w: World, **changes: Any) -> None:
    await declare_monitor(w.store, "/leeway", MODEL, replace(TRAFFIC, **changes))


async def test_its_monitor_says_how_long_how_grave_and_where_to(
    w: World, watch: TrafficWatch
) -> None:
    async with w.store.write() as unit:
        await unit.targets.put(Target("other", "webhook", {"url": "https://example.org/"}))
    wanted = {"maximum_silence": timedelta(minutes=20), "severity": Severity.P3}
    await ask(w, **wanted, targets=("other",))
    await w.send(START)
    await _minutes(w, watch, 1)
    await w.send(START, key="second", seed=2)
    assert await _minutes(w, watch, 21) == []
    assert await _minutes(w, watch, 1) == [Told(MODEL, Change.FIRING, 1)]
    async with w.store.read() as unit:
        (sent,) = await unit.views.deliveries(None, None, None, 10)
        (alert,) = await unit.views.alerts(None, None, 0, 10)
        firing = await unit.views.firing()
        as_grave = [
            len(await unit.views.chosen_alerts(AlertChoice(severity=one), 0, 9)) for one in Severity
        ]
    ((_, data),) = await told(w)
    assert (sent.target, data["severity"], data["silence"]["minutes"]) == ("other", "P3", 21)  # type: ignore[index]
    assert (alert.severity, [one.severity for one in firing]) == (Severity.P3, [Severity.P3])
    assert as_grave == [0, 0, 1, 0]
    await w.send(START, key="third", seed=3)
    assert await _minutes(w, watch, 1) == [Told(MODEL, Change.RESOLVED, 1)]


async def test_who_switches_it_off_hears_its_end_and_nothing_more(
    w: World, watch: TrafficWatch
) -> None:
    await w.send(START)
    await _minutes(w, watch, 1)
    await w.send(START, key="second", seed=2)
    assert len(await _minutes(w, watch, 125)) == 1
    await ask(w, enabled=False)
    said = [(data["state"], data["reason"]) for _, data in await told(w)]
    assert said[-1] == ("resolved", "monitor_disabled")
    assert await _minutes(w, watch, 30) == []
    await ask(w)
    assert await _minutes(w, watch, 1) == [Told(MODEL, Change.FIRING, 1)]
    await delete_monitor(w.store, "/leeway", MODEL, "traffic")
    assert (await told(w))[-1][1]["reason"] == "monitor_deleted"
    await w.reference(seed=8)
    assert await _minutes(w, watch, 30) == []
    async with w.store.read() as unit:
        (alert,) = await unit.views.alerts(None, None, 0, 10)
        (watched,) = await unit.traffic.due(unit.now)
    assert alert.state == "resolved"
    assert watched.mark is not None
    assert unit.now - watched.mark.looked_at < HOUR, "it goes on learning"


async def test_a_promotion_leaves_the_traffic_alert_alone(w: World, watch: TrafficWatch) -> None:
    await w.send(START)
    await _minutes(w, watch, 1)
    await w.send(START, key="second", seed=2)
    await _minutes(w, watch, 125)
    await put_version(w.store, "/leeway", (MODEL, "next"), VersionRole.CHAMPION, {})
    async with w.store.read() as unit:
        (alert,) = await unit.views.alerts(None, AlertState.FIRING.value, 0, 10)
    assert alert.monitor == "traffic"
    await remove_model(w.store, "/leeway", MODEL)
    async with w.store.read() as unit:
        assert await unit.traffic.due(unit.now + HOUR) == []


async def test_marks_of_the_future_do_no_harm(w: World) -> None:
    async with w.store.write() as unit:
        later = Mark(5, unit.now + HOUR, None)
        assert await unit.traffic.note(1, None, Seen(later, None))
        assert not await unit.traffic.note(1, None, Seen(later, None))
