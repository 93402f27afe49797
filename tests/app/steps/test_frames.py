"""Monitors on windows of other widths: opened by intake, closed by the watermark, restated."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.domain.errors import Conflict
from app.domain.monitors.frame import MOST_FRAMES
from app.domain.monitors.monitor import Monitor
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts.judgement import WindowSummary
from app.domain.window import WindowStatus
from app.steps.ask import declare_monitor, delete_monitor
from app.steps.close import Closed
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
FINE = Monitor("fine", 0, window=QUARTER, pages=False)
SLIDING = Monitor("sliding", 0, window=3 * HOUR, step=HOUR, pages=False)


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        yield made


async def ask(w: World, *monitors: Monitor) -> None:
    for monitor in monitors:
        await declare_monitor(w.store, "/test", MODEL, monitor)


async def send(w: World, *hours: int, **made: object) -> None:
    for hour in hours:
        await w.send(START + hour * HOUR, seed=hour, **made)


async def windows(w: World, monitor: str) -> Sequence[WindowSummary]:
    """Those of a monitor, oldest first."""
    async with w.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        frame = await unit.monitors.frame_of(model.id, monitor)
        assert frame is not None
        query = WindowQuery(model.id, "default", monitor=monitor, frame=frame)
        found = await unit.views.windows(query, None, 500)
    return sorted(found, key=lambda one: one.key.start)


async def frames_of(w: World) -> object:
    async with w.store.read() as unit:
        found = await unit.session.connection.execute(select(t.model.c.frames))  # type: ignore[attr-defined]
        return found.scalar_one()


def starts(closed: Sequence[Closed], frame: str) -> list[datetime]:
    return [c.revision.window.start for c in closed if c.revision.window.frame == frame]


async def test_windows_of_every_frame_hold_the_same_rows(w: World) -> None:
    await ask(w, FINE, SLIDING)
    await send(w, 0, 1, 2, 3)
    closed = await w.close()
    assert starts(closed, "default") == [START + n * HOUR for n in range(3)]
    assert starts(closed, "15/15") == [START + n * QUARTER for n in range(14)]
    assert starts(closed, "180/60") == [START + n * HOUR for n in (-2, -1, 0)]
    by_end = [c.revision.end for c in closed]
    assert by_end == sorted(by_end), "one version's windows come in the order of their ends"
    own, fine, sliding = [await windows(w, one) for one in ("default", "fine", "sliding")]
    assert [one.rows for one in own] == [400] * 4
    assert [one.rows for one in fine] == [100] * 16
    assert [one.rows for one in sliding] == [400, 800, 1_200, 1_200, 800, 400]
    assert [one.status for one in sliding] == [*[WindowStatus.CLOSED] * 3, *[WindowStatus.OPEN] * 3]
    assert {one.state for one in sliding[:3]} == {"ok"}
    judged = {j.monitor.name for c in closed for j in c.revision.judgements}
    assert judged == {"default", "quality", "fine", "sliding"}


async def test_late_rows_restate_every_closed_window_that_holds_them(w: World) -> None:
    await ask(w, FINE, SLIDING)
    await send(w, 0, 1, 2, 3)
    await w.close()
    await w.send(START + HOUR, key="late", count=4)
    again = await w.close()
    assert {c.revision.number for c in again} == {2}
    assert starts(again, "default") == [START + HOUR]
    assert starts(again, "15/15") == [START + HOUR + n * QUARTER for n in range(4)]
    assert sorted(starts(again, "180/60")) == [START + n * HOUR for n in (-1, 0)]
    assert [one.rows for one in await windows(w, "sliding")] == [400, 804, 1_204, 1_204, 800, 400]
    assert await w.close() == []


async def test_each_monitor_alerts_on_its_own_windows(w: World) -> None:
    await ask(w, replace(SLIDING, pages=True, fire_after=1))
    await send(w, 0, 1)
    await send(w, 2, shift=3.0)
    await send(w, 3)
    told = [(a.monitor, c.revision.window.start) for c in await w.close() for a in c.announced]
    assert told == [("default", START + 2 * HOUR), ("sliding", START)]


async def test_a_frame_opens_windows_from_its_declaration_until_nobody_asks(w: World) -> None:
    await send(w, 0)
    assert await frames_of(w) is None
    await ask(w, FINE)
    assert await frames_of(w) == [[15, 15]]
    await send(w, 1)
    assert [one.key.start for one in await windows(w, "fine")] == [
        START + HOUR + n * QUARTER for n in range(4)
    ]
    await ask(w, replace(FINE, enabled=False))
    assert await frames_of(w) is None
    await send(w, 2)
    assert len(await windows(w, "fine")) == 4
    await ask(w, FINE, replace(FINE, name="other"))
    await delete_monitor(w.store, "/test", MODEL, "fine")
    assert await frames_of(w) == [[15, 15]], "another monitor shares it"
    await delete_monitor(w.store, "/test", MODEL, "other")
    assert await frames_of(w) is None
    await send(w, 3)
    closed = await w.close()
    assert {len(c.revision.judgements) for c in closed if c.revision.window.frame == "15/15"} == {0}


async def test_a_batch_counted_while_a_frame_was_declared_opens_its_windows(w: World) -> None:
    """Intake remembers models for a while; a declaration turns away what was counted before."""
    await send(w, 0)
    await w.send(START, key="again", count=4)  # from here on the model is remembered
    w.clock.forward(timedelta(seconds=1))
    await ask(w, FINE)
    await w.send(START, key="more", count=4)
    assert [one.rows for one in await windows(w, "fine")] == [102] * 4


async def test_a_model_has_so_many_frames(w: World) -> None:
    for number in range(MOST_FRAMES):
        await ask(w, Monitor(f"m{number}", 0, window=(number + 2) * HOUR, pages=False))
    with pytest.raises(Conflict):
        await ask(w, Monitor("one more", 0, window=30 * HOUR))
    await ask(w, Monitor("m0", 0, window=30 * HOUR, pages=False), Monitor("own", 0, window=HOUR))


async def test_another_width_of_the_model_moves_its_monitors(w: World) -> None:
    await ask(w, Monitor("hourly", 0, window=HOUR, pages=False))
    assert await frames_of(w) is None
    await w.declare(window=DAY)
    assert await frames_of(w) == [[60, 60]]
    await send(w, 0)
    assert [one.rows for one in await windows(w, "hourly")] == [400]


async def test_rows_that_are_late_for_the_models_own_windows_are_late_for_all(w: World) -> None:
    await ask(w, SLIDING)
    await send(w, 0, 1)
    await w.close()
    before = [(one.key.start, one.rows) for one in await windows(w, "sliding")]
    w.clock.forward(31 * DAY)
    outcome = await w.send(START, key="too late", count=50)
    assert (outcome.receipt.counted, outcome.receipt.late) == (0, 50)
    assert [(one.key.start, one.rows) for one in await windows(w, "sliding")] == before
