"""Windows: found when due, claimed, gathered and judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, literal, select, update

from app.domain.alerts.alert import Look
from app.domain.monitors.monitor import BASE_FRAME
from app.domain.verdicts.judgement import (
    REFERENCE,
    Gathered,
    Revision,
    Sighting,
    WindowKey,
    WindowRow,
)
from app.domain.window import SourceProgress
from app.ports.windows import Backlog, Due
from app.store import tables as t
from app.store.counts import gathering, pieces
from app.store.intake import tallies
from app.store.sources.backfills import awaited
from app.store.transactions import locks
from app.store.transactions.session import AnyRow, Session
from app.store.windows import revisions
from drift_core import State

W = t.window.c


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows and their revisions."""

    session: Session

    async def any(self, model_id: int) -> bool:
        """Whether the model has windows, so that their width is fixed."""
        query = select(exists().where(W.model_id == model_id))
        return bool((await self.session.connection.execute(query)).scalar_one())

    async def progress(self, model_id: int, version: str) -> Sequence[SourceProgress]:
        return await tallies.progress(self.session, model_id, version)

    async def backlogs(self) -> Sequence[Backlog]:
        """What waits to be judged, of models with an active baseline."""
        query = (
            select(W.model_id, W.version, t.model.c.lateness, func.min(W.end_at).label("first_end"))
            .join(t.model, t.model.c.id == W.model_id)
            .where(W.closed_at.is_(None), t.model.c.hidden_at.is_(None))
            .where(t.model.c.active_baseline.is_not(None))
            .group_by(W.model_id, W.version, t.model.c.lateness)
            .order_by(W.model_id, W.version)
        )
        rows = (await self.session.connection.execute(query)).all()
        sources = await tallies.progress_of(self.session, {row.model_id for row in rows})
        return [
            Backlog(
                row.model_id,
                row.version,
                row.lateness,
                row.first_end,
                sources[row.model_id, row.version],
            )
            for row in rows
        ]

    async def open(self, backlog: Backlog, until: datetime, limit: int) -> Sequence[Due]:
        """Windows of a backlog that end no later than ``until``, in the order of their ends."""
        query = (
            _windows()
            .where(W.model_id == backlog.model_id, W.version == backlog.version)
            .where(W.closed_at.is_(None), W.end_at <= until, ~awaited(self.session.now))
            .order_by(W.end_at, W.start_at.desc(), W.id)
            .limit(limit)
        )
        rows = await self.session.connection.execute(query)
        return [Due(window_row(row), row.lateness, restated=False) for row in rows]

    async def restated(self, limit: int) -> Sequence[Due]:
        """Closed windows that took rows since they were judged, in the order of their starts."""
        marked = exists().where(t.restatement.c.window_id == W.id)
        query = _windows().where(marked, ~awaited(self.session.now))
        query = query.order_by(W.start_at, W.id).limit(limit)
        rows = await self.session.connection.execute(query)
        return [Due(window_row(row), row.lateness, restated=True) for row in rows]

    async def claim(self, window_id: int) -> WindowRow | None:
        """Lock the window's series against intake and other closers, and read it again.

        None where the window is gone, or where the series stays busy: try again later.
        """
        query = _windows().where(W.id == window_id)
        found = (await self.session.connection.execute(query)).one_or_none()
        if found is None:
            return None
        if not await locks.try_exclude(self.session, found.model_id, found.version):
            return None
        again = (await self.session.connection.execute(query)).one_or_none()
        return None if again is None else window_row(again)

    async def gather(self, window: WindowRow) -> Gathered:
        """What the window's panes hold; where some were merged beyond it, nothing can be said."""
        gathered = await gathering.gather(self.session, window.key, window.end)
        # the model's own windows decide when panes are merged, and hold theirs until then
        if window.key.frame != BASE_FRAME and await self.straddled(window):
            return Gathered(gathered.rows, None, None)
        return gathered

    async def gather_pieces(
        self, key: WindowKey, spans: Sequence[tuple[datetime, datetime]]
    ) -> Gathered:
        return await pieces.gather_pieces(self.session, key, spans)

    async def straddled(self, window: WindowRow) -> bool:
        return await gathering.straddled(self.session, window.key, window.end)

    async def save(self, window: WindowRow, revision: Revision) -> None:
        """Store a revision with its counts and its values in plain columns; close the window."""
        await revisions.write(self.session, window.id, revision)
        await self.session.connection.execute(
            update(t.window)
            .where(W.id == window.id)
            .values(
                revision=revision.number,
                closed_at=func.coalesce(W.closed_at, literal(self.session.now, W.closed_at.type)),
            )
        )
        # whoever adds a mark waits for the lock that we hold, so these are all in the gathered sum
        await self.session.connection.execute(
            t.restatement.delete().where(t.restatement.c.window_id == window.id)
        )
        for pane in await gathering.panes(self.session, window.key, window.end):
            self.session.cache.close(pane)

    async def looks(self, key: WindowKey, monitor: str) -> Sequence[Look]:
        """What a monitor said of the latest revisions of a series from ``key.start`` on."""
        r, j = t.revision.c, t.judgement.c
        query = (
            select(W.start_at, r.number, j.state, j.page)
            .join(t.revision, (r.window_id == W.id) & (r.number == W.revision))
            .join(t.judgement, j.revision_id == r.id)
            .where(
                W.model_id == key.model_id,
                W.version == key.version,
                W.segment == key.segment,
                W.frame == key.frame,
                W.start_at >= key.start,
                j.monitor == monitor,
                j.comparison == REFERENCE,
            )
            .order_by(W.start_at)
        )
        return [_look(row) for row in await self.session.connection.execute(query)]

    async def sightings(self, window: WindowRow) -> Sequence[Sighting]:
        return await gathering.sightings(self.session, window.key, window.end)


def window_row(row: AnyRow) -> WindowRow:
    key = WindowKey(row.model_id, row.version, row.segment, row.frame, row.start_at)
    return WindowRow(row.id, key, row.end_at, row.closed_at, row.revision)


def _windows() -> Select[Any]:
    return (
        select(t.window, t.model.c.lateness)
        .join(t.model, t.model.c.id == W.model_id)
        .where(t.model.c.hidden_at.is_(None))
    )


def _look(row: AnyRow) -> Look:
    judged = row.state in (State.OK.value, State.DRIFT.value)
    return Look(row.start_at, row.number, row.page if judged else None)
