"""What has ended from outside does not come back with late rows of before."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.alerts.delivery import Target
from app.domain.model import VersionRole
from app.domain.monitors.monitor import Monitor
from app.steps.ask import declare_monitor
from app.steps.declare import put_version
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.test_close import told_of
from tests.app.steps.world import HOUR, MODEL, START, World, world

DEFAULT = Monitor("default", 0)


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        async with store.write() as unit:
            await unit.targets.put(Target("hook", "webhook", {"url": "https://example.com/"}))
        yield made


async def ask(w: World, **change: object) -> None:
    await declare_monitor(w.store, "/test", MODEL, replace(DEFAULT, **change))  # type: ignore[arg-type]


async def crown(w: World, name: str) -> None:
    await put_version(w.store, "/test", (MODEL, name), VersionRole.CHAMPION, {})


async def shown(w: World) -> tuple[str, str]:
    async with w.store.read() as unit:
        (alert,) = await unit.views.alerts(None, None, 0, 10, monitor="default")
    return alert.state, alert.reason


async def changes(w: World) -> list[str | None]:
    return [told_of(closed) for closed in await w.close()]


async def fired(w: World) -> None:
    await w.send(START, shift=3.0)
    await w.send(START + HOUR)
    assert await changes(w) == ["firing"]


async def test_a_monitor_that_was_switched_off_and_on(w: World) -> None:
    await fired(w)
    await ask(w, enabled=False)
    assert await shown(w) == ("resolved", "monitor_disabled")
    await ask(w)
    await w.send(START, key="late", shift=3.0, count=100)
    assert await changes(w) == [None], "nobody is paged for what was ended"
    assert (await shown(w))[0] == "resolved"
    await w.send(START + 2 * HOUR)
    assert await changes(w) == [None]
    await w.send(START + 2 * HOUR, key="drift", shift=3.0)
    await w.send(START + 3 * HOUR)
    assert await changes(w) == ["firing"], "what begins anew is told"


async def test_a_window_that_closed_while_nobody_asked(w: World) -> None:
    await ask(w, enabled=False)
    await w.send(START, shift=3.0)
    await w.send(START + HOUR)
    await w.close()
    await ask(w)
    await w.send(START, key="late", shift=3.0, count=100)
    assert await changes(w) == [None]


async def test_a_champion_that_steps_down_and_is_back(w: World) -> None:
    await fired(w)
    await crown(w, "next")
    assert await shown(w) == ("resolved", "not_champion")
    await crown(w, "default")
    await w.send(START, key="late", shift=3.0, count=100)
    assert await changes(w) == [None]


async def test_a_champion_that_is_declared_once_more_is_as_before(w: World) -> None:
    for hour in range(2):
        await w.send(START + hour * HOUR)
    assert await changes(w) == [None]
    await crown(w, "default")
    await w.send(START, key="late", shift=3.0, count=4_000)
    assert await changes(w) == ["firing"], "late rows that change the present are told"


async def test_nothing_pends_from_before(w: World) -> None:
    await ask(w, fire_after=2)
    await w.send(START, shift=3.0)
    await w.send(START + HOUR, shift=3.0)
    await w.close()
    assert (await shown(w))[0] == "pending"
    await ask(w, fire_after=2, enabled=False)
    assert await shown(w) == ("inactive", "monitor_disabled")
    await ask(w, fire_after=2)
    await w.send(START + 2 * HOUR)
    assert await changes(w) == [None]
    assert (await shown(w))[0] == "pending", "this is the first of two"


async def test_other_windows_from_another_frame_on(w: World) -> None:
    wide = {"name": "wide", "include": ("x",)}
    await ask(w, **wide)
    await w.send(START, shift=3.0)
    await w.send(START + HOUR)
    await w.close()
    await ask(w, **wide, enabled=False)
    day = timedelta(days=1)
    await ask(w, **wide, window=day)
    await w.send(START + 5 * HOUR, shift=3.0)
    w.clock.forward(day)
    await w.send(START + day)
    await w.close()
    async with w.store.read() as unit:
        (alert,) = await unit.views.alerts(None, None, 0, 10, monitor="wide")
    assert alert.state == "firing", "the day that began before is judged"
