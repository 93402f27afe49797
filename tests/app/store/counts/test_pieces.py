"""Stretches of a series that are read at once: the same as one by one."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, update

from app.domain.model import Model
from app.domain.verdicts.against import PIECE, together
from app.domain.verdicts.judgement import Gathered, WindowKey, WindowRow
from app.domain.window import PANE
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.store.aged import DAY, FINAL, RETENTION, hours_of, later, send
from tests.app.store.made import HOUR, NINE, close_all, declared

Span = tuple[datetime, datetime]
HALVES = [(NINE + n * HOUR, NINE + n * HOUR + 2 * PANE) for n in reversed(range(8))]
HOURS = [(NINE + n * HOUR, NINE + (n + 1) * HOUR) for n in (6, 3, 1)]


@pytest.fixture
async def model(store: SqlStore) -> Model:
    made = await declared(store, retention=RETENTION, final_after=FINAL)
    await send(store, made, "k", *hours_of(NINE, 8))
    return made


def said(one: Gathered) -> tuple[object, ...]:
    vector = None if one.vector is None else one.vector.tolist()
    return one.rows, one.grid_set, vector, one.damaged


async def both(store: SqlStore, model: Model, spans: list[Span]) -> Gathered:
    """Read at once, which takes one query, and says what each by itself does."""
    key = WindowKey(model.id, "default", "", PIECE, NINE)
    asked: list[str] = []
    async with store.read() as unit:
        sync = unit.session.connection.sync_connection  # type: ignore[attr-defined]
        event.listen(sync, "before_cursor_execute", lambda *given: asked.append(given[2]))
        found = await unit.windows.gather_pieces(key, spans)
        assert len(asked) == 1
        single = [
            await unit.windows.gather(
                WindowRow(0, WindowKey(model.id, "default", "", PIECE, start), end, None, 0)
            )
            for start, end in spans
        ]
    assert said(found) == said(together(single))
    return found


async def test_what_lies_between_them_is_left_out(store: SqlStore, model: Model) -> None:
    assert (await both(store, model, HALVES)).rows == 8 * 2 * 3
    assert (await both(store, model, HOURS)).rows == 3 * 12
    assert (await both(store, model, [(NINE - HOUR, NINE)])).rows == 0


async def test_nothing_is_known_where_panes_were_merged_beyond_one(
    store: SqlStore, model: Model, place: Place
) -> None:
    await close_all(store)
    await later(store, place.clock, 4 * DAY)
    assert (await both(store, model, HOURS)).rows == 3 * 12
    assert (await both(store, model, [*HOURS, (NINE, NINE + 2 * PANE)])).rows == 3 * 12
    crooked = (NINE + 4 * HOUR, NINE + 5 * HOUR + timedelta(minutes=30))
    assert (await both(store, model, [crooked])).vector is None


async def test_damage_is_said(store: SqlStore, model: Model) -> None:
    async with store.write() as unit:
        d = t.delta.c
        await unit.session.connection.execute(  # type: ignore[attr-defined]
            update(t.delta).where(d.pane == NINE).values(total=d.total + 1)
        )
    assert (await both(store, model, HALVES)).damaged
    assert not (await both(store, model, HOURS)).damaged
