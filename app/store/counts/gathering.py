"""What a stretch of time holds: the sum of the deltas of its panes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import ColumnElement, and_, exists, or_, select

from app.domain.batch import CountVector
from app.domain.retention import Grain
from app.domain.verdicts.judgement import Gathered, Sighting, WindowKey
from app.store import tables as t
from app.store.counts import encoding
from app.store.transactions.cache import PaneKey
from app.store.transactions.session import AnyRow, Session

OFF_LOOP_BYTES = 100_000
D, S = t.delta.c, t.series.c


async def gather(session: Session, key: WindowKey, end: datetime) -> Gathered:
    """Return the rows and counts of ``[key.start, end)``; damaged counts are said, not summed."""
    query = (
        select(S.grid_set_id, t.grid_set.c.number, t.grid_set.c.cells, D.rows, D.total, D.counts)
        .join(t.series, S.id == D.series_id)
        .join(t.grid_set, t.grid_set.c.id == S.grid_set_id)
        .where(_within(key, end))
    )
    rows = (await session.connection.execute(query)).all()
    counted = sum(row.rows for row in rows)
    sets = {row.number: row.cells for row in rows}
    if len(sets) != 1:
        return Gathered(rows=counted, grid_set=None, vector=None)
    number, cells = sets.popitem()
    try:
        vector = await added(rows, cells)
    except encoding.DamagedCounts:
        return Gathered(rows=counted, grid_set=None, vector=None, damaged=True)
    return Gathered(rows=counted, grid_set=number, vector=vector)


async def added(rows: Sequence[AnyRow], cells: int) -> CountVector:
    """Return the sum of deltas of one size, off the event loop where that takes long."""
    if sum(len(row.counts) for row in rows) > OFF_LOOP_BYTES:
        return await asyncio.to_thread(add_up, rows, cells)
    return add_up(rows, cells)


async def panes(session: Session, key: WindowKey, end: datetime) -> Sequence[PaneKey]:
    """Return the panes that hold rows of ``[key.start, end)``, each with its series."""
    query = (
        select(D.series_id, D.pane)
        .join(t.series, S.id == D.series_id)
        .where(_within(key, end))
        .distinct()
    )
    return [(row.series_id, row.pane) for row in await session.connection.execute(query)]


async def sightings(session: Session, key: WindowKey, end: datetime) -> tuple[Sighting, ...]:
    """Return the columns that batches of ``[key.start, end)`` lacked, or had beyond the schema."""
    c = t.sighting.c
    query = (
        select(c.column, c.kind)
        .where(c.model_id == key.model_id, c.version == key.version)
        .where(c.pane >= key.start, c.pane < end)
        .distinct()
        .order_by(c.kind, c.column)
    )
    rows = await session.connection.execute(query)
    return tuple(Sighting(row.column, row.kind) for row in rows)


async def straddled(session: Session, key: WindowKey, end: datetime) -> bool:
    """Whether rows of ``[key.start, end)`` may lie in sums that reach beyond it."""
    near = (D.pane > key.start - Grain.DAY.width) & (D.pane < end)
    over = or_(*((D.minutes == grain) & (D.pane > key.start - grain.width) for grain in Grain))
    query = select(
        exists()
        .select_from(t.delta.join(t.series, S.id == D.series_id))
        .where(_series(key), near, over, ~_inside(key.start, end))
    )
    return bool((await session.connection.execute(query)).scalar_one())


def _within(key: WindowKey, end: datetime) -> ColumnElement[bool]:
    """What lies wholly inside; a window that can still change has no rows in anything larger."""
    return _series(key) & (D.pane >= key.start) & (D.pane < end) & _inside(key.start, end)


def _series(key: WindowKey) -> ColumnElement[bool]:
    return and_(S.model_id == key.model_id, S.version == key.version, S.segment == key.segment)


def _inside(start: datetime, end: datetime) -> ColumnElement[bool]:
    return or_(
        *(
            (D.minutes == grain) & (D.pane >= start) & (D.pane <= end - grain.width)
            for grain in Grain
        )
    )


def add_up(rows: Sequence[AnyRow], cells: int) -> CountVector:
    total = np.zeros(cells, dtype=np.int64)
    for row in rows:
        if encoding.unpack_add(row.counts, total) != row.total:
            raise encoding.DamagedCounts("a delta does not hold what was written")
    return total
