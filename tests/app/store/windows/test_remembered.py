"""What a process remembers of verdicts is what it would read, and never of what may go."""

import pytest
from sqlalchemy import delete

from app.domain.model import Model
from app.domain.telling.overview import Cell
from app.domain.telling.reports import WindowQuery
from app.ports import Unit
from app.store import SqlStore
from app.store import tables as t
from app.store.transactions.said import Recent
from tests.app.store.made import HOUR, NINE, active, batch, close_all, judged, pane, waiting

NAMES = ["carrier", "dep/delay %"]
MOVED, CALM = "dep/delay %", "carrier"


@pytest.fixture
async def query(store: SqlStore, model: Model) -> WindowQuery:
    """A series of three windows that were judged."""
    grids = await active(store, model)
    async with store.write() as unit:
        panes = [pane(NINE + n * HOUR) for n in range(3)]
        await unit.batches.commit([batch(model, grids, "k", *panes)])
    await close_all(store)
    return WindowQuery(model.id, "default")


async def ids(unit: Unit, query: WindowQuery) -> list[int]:
    return [one.verdict or 0 for one in await unit.views.windows(query, None, 9)]


async def test_what_is_asked_again_is_answered_alike(store: SqlStore, query: WindowQuery) -> None:
    for _ in range(2):
        async with store.read() as unit:
            mine = await ids(unit, query)
            drifted = await unit.views.drifted(mine)
            points = await unit.views.points(query, MOVED, None, 9)
            report = await unit.views.window(query, NINE)
        assert len(mine) == 3
        assert drifted == {one: [MOVED] for one in mine}
        assert [point.start for point in points] == [NINE + n * HOUR for n in (2, 1, 0)]
        assert {point.verdict.feature for point in points} == {MOVED}
        assert report is not None
        assert [one.feature for one in report.features] == NAMES


async def test_cells_of_features_that_were_not_asked_for_before_are_read(
    store: SqlStore, query: WindowQuery
) -> None:
    async with store.read() as unit:
        mine = await ids(unit, query)
        first = await unit.views.cells(mine[:2], [MOVED], "psi")
        every = await unit.views.cells(mine, [*NAMES, "never judged"], "psi")
        again = await unit.views.cells(mine, [*NAMES, "never judged"], "psi")
        other = await unit.views.cells(mine, [MOVED], "ks")
    assert {verdict: set(said) for verdict, said in first.items()} == {
        one: {MOVED} for one in mine[:2]
    }
    assert every == again
    for one in mine:
        assert every[one][MOVED] == Cell(one, MOVED, "drift", False, 0.3)
        assert every[one]["never judged"] is None
        assert other[one][MOVED] == Cell(one, MOVED, "drift", False, None)


async def test_what_was_removed_is_not_told_from_memory(
    store: SqlStore, query: WindowQuery
) -> None:
    async with store.read() as unit:
        assert await unit.views.window(query, NINE) is not None
        assert len(await unit.views.points(query, MOVED, None, 9)) == 3
    async with store.write() as unit:
        session = unit.session
        await session.connection.execute(delete(t.window).where(t.window.c.start_at == NINE))
    async with store.read() as unit:
        assert await unit.views.window(query, NINE) is None
        assert len(await unit.views.points(query, MOVED, None, 9)) == 2
        assert len(await ids(unit, query)) == 2


class Undo(Exception):
    """Ends a transaction before it is committed."""


async def say_and_undo(store: SqlStore, query: WindowQuery) -> None:
    """Judge a window, look at what was said, and roll all of it back."""
    async with store.write() as unit:
        (due,) = await waiting(unit)
        window = await unit.windows.claim(due.window.id)
        assert window is not None
        await judged(unit, window)
        (mine,) = await ids(unit, query)
        assert await unit.views.drifted([mine]) == {mine: [MOVED]}
        raise Undo(mine)


async def test_what_was_rolled_back_is_not_remembered(store: SqlStore, model: Model) -> None:
    grids = await active(store, model)
    async with store.write() as unit:
        await unit.batches.commit([batch(model, grids, "k", pane())])
    with pytest.raises(Undo) as undone:
        await say_and_undo(store, WindowQuery(model.id, "default"))
    async with store.read() as unit:
        assert await unit.views.drifted([undone.value.args[0]]) == {}


def test_what_was_not_asked_for_longest_goes_first() -> None:
    kept: Recent[str, int] = Recent(10)
    kept.keep("a", 1, 4)
    kept.keep("b", 2, 4)
    assert kept.get("a") == 1
    kept.keep("c", 3, 4)
    assert (kept.get("a"), kept.get("b"), kept.get("c"), kept.size) == (1, None, 3, 8)
    kept.keep("a", 4, 1)
    assert (kept.get("a"), kept.size) == (4, 5)
    kept.keep("too large", 5, 11)
    assert (kept.get("too large"), kept.get("c"), kept.size) == (None, 3, 5)
