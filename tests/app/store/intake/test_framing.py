"""Windows beside a model's own: what intake opens, and how they age."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.model import Model
from app.domain.monitors.monitor import Monitor
from app.domain.retention import Grain
from app.domain.telling.reports import WindowQuery
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.store.aged import DAY, FINAL, RETENTION, grains, hours_of, later, send
from tests.app.store.made import HOUR, NINE, close_all, declared, pane

QUARTERS = Monitor("quarters", 0, window=timedelta(minutes=30), step=timedelta(minutes=15))
DAYS = Monitor("days", 0, window=DAY)


@pytest.fixture
async def model(store: SqlStore) -> Model:
    made = await declared(store, retention=RETENTION, final_after=FINAL)
    async with store.write() as unit:
        for monitor in (QUARTERS, DAYS):
            await unit.monitors.put(made, monitor)
        await unit.monitors.refit(made)
    return made


async def held(store: SqlStore, model: Model, frame: str) -> dict[int, tuple[int, int]]:
    """Rows and revision of each window of a frame, by its start in minutes after nine."""
    query = WindowQuery(model.id, "default", frame=frame)
    async with store.read() as unit:
        found = await unit.views.windows(query, None, 500)
    return {(w.key.start - NINE) // timedelta(minutes=1): (w.rows, w.revision) for w in found}


async def test_one_batch_opens_each_window_once(store: SqlStore, model: Model) -> None:
    await send(store, model, "k", pane(NINE, 3), pane(NINE + timedelta(minutes=15), 4, 2))
    await send(store, model, "l", pane(NINE, 2, 3))
    assert await held(store, model, "30/15") == {-15: (5, 0), 0: (9, 0), 15: (4, 0)}
    assert await held(store, model, "1440/1440") == {-540: (9, 0)}
    assert await held(store, model, "default") == {0: (9, 0)}


async def test_marks_lie_on_closed_windows_that_are_not_final(
    store: SqlStore, model: Model, place: Place
) -> None:
    await send(store, model, "k", pane(NINE, 3))
    await close_all(store)
    await send(store, model, "l", pane(NINE, 2, 3), pane(NINE + HOUR, 1))
    async with store.read() as unit:
        rows = select(t.window.c.frame, t.restatement.c.rows).join(
            t.window, t.window.c.id == t.restatement.c.window_id
        )
        marks = (await unit.session.connection.execute(rows)).all()
    assert sorted(tuple(mark) for mark in marks) == [
        ("1440/1440", 3),
        ("30/15", 2),
        ("30/15", 2),
        ("default", 2),
    ]
    await close_all(store)
    assert (await held(store, model, "30/15"))[0] == (5, 2)
    assert await held(store, model, "1440/1440") == {-540: (6, 2)}
    # the hour that came later is younger, so that its rows count; the older windows are final
    place.clock.forward(FINAL - HOUR)
    await send(store, model, "m", pane(NINE + HOUR, 1, 5))
    await close_all(store)
    assert await held(store, model, "1440/1440") == {-540: (7, 3)}
    place.clock.forward(2 * HOUR)
    await send(store, model, "n", pane(NINE + 2 * HOUR, 1, 5))
    await close_all(store)
    assert await held(store, model, "1440/1440") == {-540: (7, 3)}, "final: it is left as it was"


async def test_all_of_it_ages_and_goes(store: SqlStore, model: Model, place: Place) -> None:
    await send(store, model, "k", *hours_of(NINE, 2))
    await close_all(store)
    assert await later(store, place.clock, 4 * DAY) == {"sealed", "hours"}
    assert await grains(store) == {Grain.HOUR: 24}
    await later(store, place.clock, 40 * DAY)
    assert await grains(store) == {}
    for frame in ("default", "30/15", "1440/1440"):
        assert await held(store, model, frame) == {}
    async with store.read() as unit:
        found = await unit.models.by_id(model.id)
    assert found is not None
    assert found.removed_until == NINE + 2 * HOUR, "the model's own windows say what is removed"


async def test_a_window_whose_panes_were_merged_beyond_it_is_not_judged_on_the_rest(
    store: SqlStore, model: Model, place: Place
) -> None:
    """Panes are merged by the hour, which such a window may begin or end within."""
    await send(store, model, "k", *hours_of(NINE, 1))
    async with store.read() as unit:
        (backlog,) = await unit.windows.backlogs()
        due = await unit.windows.open(backlog, NINE + 2 * HOUR, 50)
    await close_all(store)
    assert await later(store, place.clock, 4 * DAY) == {"sealed", "hours"}
    async with store.read() as unit:
        crooked = next(one.window for one in due if one.window.key.start == NINE - HOUR / 4)
        straight = next(one.window for one in due if one.window.key.frame == "default")
        assert (await unit.windows.gather(crooked)).vector is None
        assert (await unit.windows.gather(straight)).rows == 12
