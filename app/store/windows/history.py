"""Windows of the past: the counts of their revisions, or sums of what is stored of their time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from app.domain.monitors.by_rows import Span
from app.domain.monitors.past import Left, PastWindow
from app.domain.retention import Grain
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts.judgement import Gathered, Sighting
from app.store import tables as t
from app.store.counts import encoding
from app.store.counts.rolling import roll
from app.store.transactions.session import AnyRow, Session

W, R, D, S, G = t.window.c, t.revision.c, t.delta.c, t.series.c, t.grid_set.c


@dataclass(frozen=True, slots=True)
class History:
    """Reads what was counted; writes nothing."""

    session: Session

    async def extent(self, series: WindowQuery) -> tuple[datetime, datetime] | None:
        """Return the starts of the first and the last stored sum of counts; None: there is none."""
        query = (
            select(func.min(D.pane).label("first"), func.max(D.pane).label("last"))
            .join(t.series, S.id == D.series_id)
            .where(_of(series))
        )
        row = (await self.session.connection.execute(query)).one()
        return None if row.first is None else (row.first, row.last)

    async def newest(
        self, series: WindowQuery, start: datetime, end: datetime, most: int
    ) -> datetime | None:
        """Return where the newest ``most`` closed windows begin; None where there are no more."""
        query = _closed(select(W.start_at), series, start, end)
        query = query.order_by(W.start_at.desc()).offset(most - 1).limit(2)
        found = (await self.session.connection.execute(query)).scalars().all()
        return found[0] if len(found) > 1 else None

    async def closed(
        self, series: WindowQuery, start: datetime, end: datetime, limit: int
    ) -> Sequence[PastWindow]:
        """Return closed windows that begin in ``[start, end)`` with their latest counts."""
        columns = (R.number, R.rows, R.grid_set, R.counts, R.digest, G.cells)
        query = (
            _closed(select(W.start_at, W.end_at, *columns), series, start, end)
            .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .outerjoin(t.grid_set, and_(G.model_id == W.model_id, G.number == R.grid_set))
            .order_by(W.start_at)
            .limit(limit)
        )
        rows = (await self.session.connection.execute(query)).all()
        return await asyncio.to_thread(lambda: [_past(row) for row in rows])

    async def summed(self, series: WindowQuery, spans: Sequence[Span]) -> Sequence[PastWindow]:
        """Return windows, in the order of their starts and ends, as sums of what is stored.

        Those without rows are left out.
        """
        begin, end = spans[0][0], spans[-1][1]
        query = (
            select(D.pane, D.minutes, G.number, G.cells, D.rows, D.total, D.counts)
            .join(t.series, S.id == D.series_id)
            .join(t.grid_set, G.id == S.grid_set_id)
            .where(_of(series), D.pane > begin - Grain.DAY.width, D.pane < end)
            .order_by(D.pane, D.minutes, D.id)
        )
        rows = (await self.session.connection.execute(query)).all()
        return await asyncio.to_thread(roll, rows, spans)

    async def sightings(
        self, series: WindowQuery, start: datetime, end: datetime
    ) -> Sequence[tuple[datetime, Sighting]]:
        """Return the columns that batches lacked, or had beyond the schema, by pane."""
        c = t.sighting.c
        query = (
            select(c.pane, c.column, c.kind)
            .where(c.model_id == series.model_id, c.version == series.version)
            .where(c.pane >= start, c.pane < end)
            .order_by(c.kind, c.column, c.pane)
        )
        rows = await self.session.connection.execute(query)
        return [(row.pane, Sighting(row.column, row.kind)) for row in rows]


def _of(series: WindowQuery) -> ColumnElement[bool]:
    return and_(
        S.model_id == series.model_id, S.version == series.version, S.segment == series.segment
    )


def _closed(
    chosen: Select[Any], series: WindowQuery, start: datetime, end: datetime
) -> Select[Any]:
    return chosen.where(
        W.model_id == series.model_id,
        W.version == series.version,
        W.segment == series.segment,
        W.frame == series.frame,
        W.start_at >= start,
        W.start_at < end,
        W.closed_at.is_not(None),
    )


def _past(row: AnyRow) -> PastWindow:
    removed = row.counts is None and row.digest is not None
    vector, damaged = None, False
    if row.counts is not None:
        try:
            vector = encoding.unpack(row.counts, row.cells)
        except encoding.DamagedCounts:
            damaged = True
    gathered = Gathered(row.rows, row.grid_set, vector, damaged)
    left = Left.REMOVED if removed else None
    return PastWindow(row.start_at, row.end_at, row.number, gathered, left)
