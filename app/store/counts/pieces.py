"""What several stretches of one series hold, read at once: a calendar cuts time into many."""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, select

from app.domain.retention import Grain
from app.domain.verdicts.judgement import Gathered, WindowKey
from app.store import tables as t
from app.store.counts import encoding
from app.store.counts.gathering import add_up
from app.store.transactions.session import AnyRow, Session

Span = tuple[datetime, datetime]
D, S, G = t.delta.c, t.series.c, t.grid_set.c


async def gather_pieces(session: Session, key: WindowKey, spans: Sequence[Span]) -> Gathered:
    """Return what spans hold together, with a single query; they do not overlap.

    ``key`` names the series. All that lies from the first to the last is read, so that they
    should lie close together.
    """
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    query = (
        select(D.pane, D.minutes, G.number, G.cells, D.rows, D.total, D.counts)
        .join(t.series, S.id == D.series_id)
        .join(t.grid_set, G.id == S.grid_set_id)
        .where(and_(S.model_id == key.model_id, S.version == key.version, S.segment == key.segment))
        .where(D.pane > first - Grain.DAY.width, D.pane < last)
        .order_by(D.pane, D.minutes, D.id)
    )
    rows = (await session.connection.execute(query)).all()
    return await asyncio.to_thread(_together, rows, spans)


def _together(rows: Sequence[AnyRow], spans: Sequence[Span]) -> Gathered:
    """Return the sum; where a span holds rows, and some are merged beyond it, nothing is known."""
    panes = [row.pane for row in rows]
    every, whole = list[AnyRow](), True
    for start, end in spans:
        near = rows[bisect_right(panes, start - Grain.DAY.width) : bisect_left(panes, end)]
        over = [row for row in near if _end(row) > start]
        inside = [row for row in over if row.pane >= start and _end(row) <= end]
        whole &= not inside or len(inside) == len(over)
        every += inside
    counted = sum(row.rows for row in every)
    sets = {row.number: row.cells for row in every}
    if len(sets) != 1 or not whole:
        return Gathered(counted, None, None)
    number, cells = sets.popitem()
    try:
        return Gathered(counted, number, add_up(every, cells))
    except encoding.DamagedCounts:
        return Gathered(counted, None, None, damaged=True)


def _end(row: AnyRow) -> datetime:
    moment: datetime = row.pane + timedelta(minutes=row.minutes)
    return moment
