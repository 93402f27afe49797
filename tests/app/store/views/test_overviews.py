"""Many models at once: each by its last judged window, and the last ones as a strip."""

from dataclasses import replace

import pytest

from app.domain.model import Model, VersionRole
from app.domain.monitors.monitor import Monitor, Severity, default_monitor
from app.domain.telling.overview import ModelLine
from app.domain.verdicts.judgement import Judgement
from app.store import SqlStore
from drift_core import State
from tests.app.store.made import (
    HOUR,
    NINE,
    active,
    batch,
    close_all,
    declared,
    pane,
    revision,
    verdict,
    waiting,
)


@pytest.fixture
async def model(store: SqlStore) -> Model:
    return await declared(store)


async def send(store: SqlStore, model: Model, hours: int, version: str = "default") -> None:
    grids = await active(store, model)
    batches = [
        batch(model, grids, f"{version}-{n}", pane(NINE + n * HOUR, 10 + n), version=version)
        for n in range(hours)
    ]
    async with store.write() as unit:
        await unit.batches.commit(batches)


async def fleet(store: SqlStore) -> list[ModelLine]:
    async with store.read() as unit:
        return list(await unit.views.fleet())


async def test_a_model_is_shown_by_its_last_judged_window(store: SqlStore, model: Model) -> None:
    await declared(store, "another")
    await send(store, model, 3)
    await close_all(store)
    another, flights = await fleet(store)
    assert (another.name, another.latest, another.version) == ("another", None, None)
    assert (flights.name, flights.champion, flights.version) == ("flights", "default", "default")
    assert flights.baseline == 1
    assert flights.latest is not None
    assert (flights.latest.start, flights.latest.rows) == (NINE + 2 * HOUR, 12)
    assert (flights.latest.state, flights.latest.page) == ("drift", True)


async def test_before_a_new_champion_is_judged_the_one_before_it_is_shown(
    store: SqlStore, model: Model
) -> None:
    await send(store, model, 1)
    await close_all(store)
    async with store.write() as unit:
        await unit.models.put_version(model.id, "next", VersionRole.CHAMPION, {})
    (line,) = await fleet(store)
    assert (line.champion, line.version) == ("next", "default")
    assert line.latest is not None
    await send(store, model, 2, "next")
    await close_all(store)
    (line,) = await fleet(store)
    assert (line.champion, line.version) == ("next", "next")
    assert line.latest is not None
    assert line.latest.start == NINE + HOUR


async def test_a_shadow_is_not_shown_in_place_of_a_judged_champion(
    store: SqlStore, model: Model
) -> None:
    await send(store, model, 1)
    await send(store, model, 3, "shadow")
    await close_all(store)
    (line,) = await fleet(store)
    assert (line.champion, line.version) == ("default", "default")


async def test_strips_hold_the_last_windows_oldest_first(store: SqlStore, model: Model) -> None:
    await send(store, model, 4)
    await close_all(store)
    lines = await fleet(store)
    async with store.read() as unit:
        strips = await unit.views.strips(lines, 3)
        every = await unit.views.strips(lines, 30)
        drifted = await unit.views.drifted([one.verdict or 0 for one in strips[model.id]])
        nothing = await unit.views.strips([], 3)
    assert [one.start for one in strips[model.id]] == [NINE + n * HOUR for n in (1, 2, 3)]
    assert len(every[model.id]) == 4
    assert list(drifted.values()) == [["dep/delay %"]] * 3
    assert not nothing


async def test_deleted_models_are_not_shown(store: SqlStore, model: Model) -> None:
    async with store.write() as unit:
        await unit.models.hide(model.id)
    assert await fleet(store) == []


TWO_HOURS = Monitor("slow", 1, window=2 * HOUR)
QUALITY = Monitor("quality", 1, severity=Severity.P3, pages=False)


async def ask(store: SqlStore, model: Model, *monitors: Monitor) -> None:
    async with store.write() as unit:
        for monitor in monitors:
            await unit.monitors.put(model, monitor)
        await unit.monitors.refit(model)


async def say(store: SqlStore, *said: tuple[Monitor, State]) -> None:
    """Judge every window that is open, by the monitors that look at its frame."""
    async with store.read() as unit:
        due = await waiting(unit)
    for one in due:
        async with store.write() as unit:
            window = await unit.windows.claim(one.window.id)
            assert window is not None
            mine = [(m, state) for m, state in said if m.frame_name(HOUR) == window.key.frame]
            judgements = tuple(Judgement(m, 1, verdict(state, page=False)) for m, state in mine)
            await unit.windows.save(window, await revision(unit, window, judgements))


async def test_a_model_is_as_bad_as_the_worst_of_its_monitors_says(
    store: SqlStore, model: Model
) -> None:
    await send(store, model, 2)
    usual = default_monitor(HOUR)
    await say(store, (usual, State.OK), (QUALITY, State.DRIFT))
    (line,) = await fleet(store)
    assert line.latest is not None
    assert (line.latest.state, line.latest.monitor) == ("drift", "quality")
    assert line.latest.severity is Severity.P3
    assert line.asked == {"default", "quality"}
    async with store.read() as unit:
        assert await unit.views.standing(model.id) == line
        assert await unit.views.standing(model.id + 1) is None
        (strip,) = (await unit.views.strips([line], 30)).values()
    assert [(one.state, one.monitor) for one in strip] == [("drift", "quality")] * 2


async def test_of_equals_the_gravest_speaks(store: SqlStore, model: Model) -> None:
    await send(store, model, 1)
    await say(store, (default_monitor(HOUR), State.DRIFT), (QUALITY, State.DRIFT))
    (line,) = await fleet(store)
    assert line.latest is not None
    assert line.latest.monitor == "default"


async def test_without_the_usual_monitor_the_others_speak(store: SqlStore, model: Model) -> None:
    await send(store, model, 1)
    await say(store, (default_monitor(HOUR), State.DRIFT), (QUALITY, State.OK))
    async with store.write() as unit:
        assert await unit.monitors.retire(model.id, "default")
    (line,) = await fleet(store)
    assert line.latest is not None
    assert (line.latest.state, line.latest.monitor) == ("ok", "quality")
    async with store.read() as unit:
        (strip,) = (await unit.views.strips([line], 30)).values()
    assert [one.state for one in strip] == ["ok"]
    await ask(store, model, replace(QUALITY, enabled=False))
    (line,) = await fleet(store)
    assert (line.latest, line.asked) == (None, frozenset())


async def test_a_monitor_of_other_windows_speaks_by_its_own(store: SqlStore, model: Model) -> None:
    await ask(store, model, TWO_HOURS)
    await send(store, model, 4)
    await say(store, (default_monitor(HOUR), State.OK), (TWO_HOURS, State.DRIFT))
    (line,) = await fleet(store)
    assert line.latest is not None
    assert (line.latest.monitor, line.latest.end - line.latest.start) == ("slow", 2 * HOUR)
    async with store.read() as unit:
        (strip,) = (await unit.views.strips([line], 30)).values()
    assert {one.end - one.start for one in strip} == {2 * HOUR}


async def test_a_monitor_that_has_said_nothing_yet_makes_no_model_unjudged(
    store: SqlStore, model: Model
) -> None:
    await send(store, model, 1)
    await say(store, (default_monitor(HOUR), State.OK))
    await ask(store, model, TWO_HOURS)
    (line,) = await fleet(store)
    assert line.latest is not None
    assert (line.latest.state, line.latest.monitor) == ("ok", "default")
