"""What ends from outside is told as fully as what ends by itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from app.domain.alerts.delivery import Target
from app.domain.model import VersionRole
from app.domain.monitors.monitor import TRAFFIC, Against, AgainstKind, Monitor
from app.domain.retrainings.retraining import Signal
from app.domain.telling.operations import AlertChoice, Episode
from app.steps.ask import declare_monitor, delete_monitor
from app.steps.declare import put_version, remove_model
from app.steps.declare_retraining import remove_retraining
from app.steps.watch_traffic import TrafficWatch
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.steps.orchestra import SOURCE, loop
from tests.app.steps.test_grouped import told
from tests.app.steps.world import HOUR, MODEL, START, World, world

MONITOR = Monitor("default", 0, also=(Against(AgainstKind.PREVIOUS),))
End = Callable[[World], Awaitable[object]]


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        await declare_monitor(store, SOURCE, MODEL, MONITOR)
        async with store.write() as unit:
            await unit.targets.put(Target("hook", "webhook", {"url": "https://example.com/"}))
        yield made


async def step_down(w: World) -> None:
    await put_version(w.store, SOURCE, (MODEL, "next"), VersionRole.CHAMPION, {})


async def switch_off(w: World) -> None:
    await declare_monitor(w.store, SOURCE, MODEL, replace(MONITOR, enabled=False))


async def remove_monitor(w: World) -> None:
    await delete_monitor(w.store, SOURCE, MODEL, "default")


async def remove(w: World) -> None:
    await remove_model(w.store, SOURCE, MODEL)


def of_the_change(data: dict[str, Any]) -> dict[str, Any]:
    """What differs between the beginning and the end of an alert in one window."""
    apart = {"state", "reason", "group", "members"}
    return {name: value for name, value in data.items() if name not in apart}


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (step_down, "not_champion"),
        (switch_off, "monitor_disabled"),
        (remove_monitor, "monitor_deleted"),
        (remove, "model_deleted"),
    ],
)
async def test_an_end_from_outside_tells_all_of_the_last_window(
    w: World, end: End, reason: str
) -> None:
    await w.send(START)
    await w.send(START + HOUR, shift=2.0)
    await w.send(START + 2 * HOUR, count=2)
    await w.close()
    await end(w)
    first, last = await told(w)
    assert (last["state"], last["reason"]) == ("resolved", reason)
    assert of_the_change(last) == of_the_change(first)
    assert last["features"][0]["summary"].startswith("x drifted: PSI ")
    assert last["also"] == {"previous": "drift"}


async def test_it_is_over_since_the_window_that_was_looked_at_last(w: World) -> None:
    for hour in range(3):
        await w.send(START + hour * HOUR, shift=2.0, seed=hour)
    await w.send(START + 3 * HOUR, count=2)
    await w.close()
    await step_down(w)
    first, last = await told(w)
    assert (first["since"], last["since"]) == ("2026-03-02T03:00:00Z", "2026-03-02T05:00:00Z")
    assert last["since"] == last["window"]["start"] == last["members"][0]["since"]
    assert [one["feature"] for one in last["features"]] == ["x"]
    async with w.store.read() as unit:
        found = await unit.views.chosen_alerts(AlertChoice(), 0, 10)
        episodes = await unit.views.episodes(found)
    assert list(episodes.values()) == [Episode(START, START + 2 * HOUR)]


async def test_of_a_window_that_is_not_kept_any_more_what_is_known_is_told(w: World) -> None:
    await w.send(START, shift=2.0)
    await w.send(START + HOUR, count=2)
    await w.close()
    async with w.store.write() as unit:
        await unit.session.connection.execute(delete(t.window))  # type: ignore[attr-defined]
    await step_down(w)
    first, last = await told(w)
    assert last.keys() == first.keys()
    assert last["window"] == {"start": first["window"]["start"]}
    assert (last["baseline"], last["verdict"], last["features"]) == (None, None, [])
    assert last["members"][0]["features"] == ["x"]


async def test_an_end_of_traffic_has_no_window_and_is_a_moment_of_its_own(w: World) -> None:
    watch = TrafficWatch(w.store, SOURCE)
    silent = replace(TRAFFIC, version=0, maximum_silence=HOUR)
    await declare_monitor(w.store, SOURCE, MODEL, silent)
    for number in range(2):
        await w.send(START, key=f"rows {number}", seed=number)
        await watch.once()
        w.clock.forward(timedelta(minutes=1))
    arrived = w.clock.now - timedelta(minutes=1)
    for _ in range(90):
        await watch.once()
        w.clock.forward(timedelta(minutes=1))
    await declare_monitor(w.store, SOURCE, MODEL, replace(silent, enabled=False))
    first, last = await told(w)
    assert (first["state"], last["state"], last["reason"]) == (
        "firing",
        "resolved",
        "monitor_disabled",
    )
    assert last.keys() == first.keys() - {"silence"}
    assert last["features"] == []
    async with w.store.read() as unit:
        found = await unit.views.chosen_alerts(AlertChoice(monitor="traffic"), 0, 10)
        (episode,) = (await unit.views.episodes(found)).values()
    assert episode == Episode(arrived, w.clock.now)
    assert last["since"] == f"{w.clock.now:%Y-%m-%dT%H:%M:%S}Z"


async def test_an_end_of_failed_retrainings_has_no_window_either(
    store: SqlStore, place: Place
) -> None:
    async with loop(store, place.clock) as made:
        await made.drift()
        await made.say(Signal.FAILED)
        place.clock.forward(HOUR)
        await remove_retraining(store, SOURCE, MODEL)
        mine = [one for one in await told(made.w) if one.get("monitor") == "retraining"]
    first, last = mine[::2]  # each goes to two targets
    assert (last["state"], last["reason"]) == ("resolved", "policy_removed")
    assert last.keys() == first.keys() - {"retraining"}
    assert first["since"] < last["since"]
