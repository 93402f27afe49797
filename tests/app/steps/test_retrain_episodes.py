"""A drift asks once, however many monitors and segments see it, and whatever came of its run."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.domain.alerts.group import GroupKey
from app.domain.monitors.monitor import Monitor
from app.domain.retrainings.retraining import Signal
from app.steps.ask import declare_monitor
from app.steps.ask_retraining import Retrainer
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.orchestra import SOURCE, Loop, loop
from tests.app.steps.world import HOUR, MODEL, START

DAY = timedelta(days=1)


@pytest.fixture
async def made(store: SqlStore, place: Place) -> AsyncIterator[Loop]:
    async with loop(store, place.clock, cooldown=timedelta(0)) as built:
        yield built


async def second(made: Loop, **asked: object) -> None:
    monitor = Monitor("second", 1, include=("x",), **asked)  # type: ignore[arg-type]
    await declare_monitor(made.store, SOURCE, MODEL, monitor)


async def requests(made: Loop) -> list[str]:
    """Why each run was asked for, oldest first, once whatever waits could be granted."""
    await made.look(2 * DAY)
    return [run.detail.split(";")[0] for run in reversed(await made.runs())]


async def test_two_monitors_that_see_one_drift_ask_once(made: Loop) -> None:
    await second(made)
    await made.drift()
    assert (await made.alerts()).keys() >= {"default", "second"}
    await made.say(Signal.REJECTED)
    assert await requests(made) == ["monitor default fired"]
    await Retrainer(SOURCE).by_hand(made.store, MODEL, "all the same", None)
    assert await requests(made) == ["monitor default fired", "all the same"]


@pytest.mark.parametrize("end", [Signal.REJECTED, Signal.FAILED, Signal.SUCCEEDED])
async def test_whoever_joins_an_episode_asks_for_nothing_more(made: Loop, end: Signal) -> None:
    await second(made, fire_after=2)
    await made.drift(0)
    await made.say(end)
    await made.drift(1)
    assert (await made.alerts())["second"][0] == "firing"
    assert await requests(made) == ["monitor default fired"]


async def test_an_episode_lasts_until_the_last_of_its_monitors_is_over(made: Loop) -> None:
    """The first one resolves while the second fires; then all are calm, and it begins anew."""
    await second(made, resolve_after=4)
    await made.drift(0)
    await made.say(Signal.FAILED)
    for hour in (1, 2):
        await made.drift(hour, shift=0.0)
    states = {name: state for name, (state, _) in (await made.alerts()).items()}
    assert (states["default"], states["second"]) == ("resolved", "firing")
    await made.drift(3)
    assert (await made.alerts())["default"][0] == "firing"
    assert await requests(made) == ["monitor default fired"]
    for hour in (4, 5, 6, 7):
        await made.drift(hour, shift=0.0)
    assert {
        state for name, (state, _) in (await made.alerts()).items() if name != "retraining"
    } == {"resolved"}
    await made.drift(8)
    assert await requests(made) == ["monitor default fired"] * 2


async def test_what_waits_is_granted_while_any_of_its_episode_fires(made: Loop) -> None:
    await made.declare(cooldown=DAY)
    await second(made, resolve_after=4)
    await Retrainer(SOURCE).by_hand(made.store, MODEL, "before", None)
    await made.say(Signal.FAILED)
    await made.drift(0)
    for hour in (1, 2):
        await made.drift(hour, shift=0.0)
    assert (await made.alerts())["default"][0] == "resolved"
    assert await requests(made) == ["before", "monitor second fired"]
    await made.say(Signal.FAILED)
    assert len(await requests(made)) == 2


async def test_windows_that_are_judged_anew_open_no_second_episode(made: Loop) -> None:
    """It was over; late rows have two of its windows drift again, which the first did not."""
    await made.drift(0)
    await made.say(Signal.REJECTED)
    for hour in (1, 2):
        await made.drift(hour, shift=0.0)
    assert (await made.alerts())["default"][0] == "resolved"
    await made.w.send(START, key="calm", count=20_000, seed=50)
    for hour in (1, 2):
        await made.w.send(START + hour * HOUR, key=f"late-{hour}", shift=3.0, count=4_000, seed=60)
    while await made.w.close():
        pass
    assert (await made.alerts())["default"][0] == "firing"
    assert await requests(made) == ["monitor default fired"]
    for hour in (3, 4):
        await made.drift(hour, shift=0.0)
    assert (await made.alerts())["default"][0] == "resolved"
    await made.drift(5)
    assert await requests(made) == ["monitor default fired"] * 2


async def test_a_promotion_ends_the_episode(made: Loop) -> None:
    await made.drift(0)
    await made.say(Signal.PROMOTED, version="default")
    async with made.store.read() as unit:
        assert await unit.retrainings.episodes(1, "default") == []
    await made.drift(1)
    assert await requests(made) == ["monitor default fired"] * 2


async def test_a_monitor_that_asks_for_nothing_begins_no_episode(made: Loop) -> None:
    """It fires already when the other one begins to: that one asks all the same."""
    await second(made, fire_after=2)
    await made.declare(monitors=("second",), cooldown=timedelta(0))
    await made.drift(0)
    assert (await made.alerts())["default"][0] == "firing"
    assert await made.runs() == []
    await made.drift(1)
    assert await requests(made) == ["monitor second fired"]


async def test_an_end_is_that_of_the_last_window_looked_at(made: Loop) -> None:
    await made.drift(0)
    for hour in (1, 2):
        await made.drift(hour, shift=0.0)
    async with made.store.write() as unit:
        (known,) = await unit.retrainings.episodes(1, "default")
        assert known.until == START + 2 * HOUR
        await unit.retrainings.leave(GroupKey(1, "default", "default"))
        assert await unit.retrainings.episodes(1, "default") == [known]
