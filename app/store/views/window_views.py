"""Windows as they are shown: lists, one window, its counts, one feature over time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select

from app.domain.model import WHOLE
from app.domain.retention import Grain, Stage
from app.domain.sources.sequence import missing
from app.domain.telling.reports import (
    Compared,
    FeaturePoint,
    StoredCounts,
    StoredRevision,
    StoredVerdict,
    Unbroken,
    WindowQuery,
    WindowReport,
)
from app.domain.verdicts.judgement import Gathered, WindowKey, WindowSummary
from app.domain.window import WindowStatus, is_final
from app.store import tables as t
from app.store.counts import encoding, gathering
from app.store.intake.sequences import Sequences
from app.store.transactions.session import AnyRow, Session
from app.store.views import lines
from app.store.windows import judged_rows, remembered
from app.store.windows.drifted import drifted

W, R, J, V = t.window.c, t.revision.c, t.judgement.c, t.verdict.c


@dataclass(frozen=True)
class WindowViews:
    """Queries about windows."""

    session: Session

    async def windows(
        self, query: WindowQuery, before: datetime | None, limit: int
    ) -> Sequence[WindowSummary]:
        """Newest first, those that start before ``before``."""
        chosen = lines.newest(query.as_of is None, before is None)
        rows = await self._read(chosen, query, before=before, most=limit)
        return await self._summaries(rows, query)

    async def last_judged(self, query: WindowQuery) -> datetime | None:
        """When the newest window begins that the monitor had judged by the asked moment."""
        rows = await self._read(lines.last_judged(query.as_of is None), query)
        return rows[0].start_at if rows else None

    async def drifting(self, query: WindowQuery, until: datetime, most: int) -> Unbroken:
        """Since when windows drift one after the other, up to the one that begins ``until``."""
        chosen = lines.drifting(query.as_of is None)
        (row,) = await self._read(chosen, query, until=until, most=most)
        return Unbroken(row.since, row.windows)

    async def window(self, query: WindowQuery, start: datetime) -> WindowReport | None:
        row = await self._line(query, start)
        if row is None:
            return None
        summary = (await self._summaries([row], query))[0]
        features: tuple[StoredVerdict, ...] = ()
        if row.judgement_id is not None:
            found = await remembered.verdicts(self.session, [row.judgement_id])
            features = tuple(found[row.judgement_id])
        sightings = await gathering.sightings(self.session, summary.key, summary.end)
        revisions = await self._revisions(row.window_id, query)
        compared = await self._compared(row.revision_id, query.monitor)
        return WindowReport(summary, features, revisions, sightings, compared)

    async def counts(
        self, query: WindowQuery, start: datetime, revision: int | None = None
    ) -> StoredCounts | None:
        """What a revision (or the latest, as of ``query.as_of``) was judged on."""
        row = await self._line(query, start)
        if row is None:
            return None
        number = row.number if revision is None else revision
        if number is not None:
            return await self._judged_on(row.window_id, number, query)
        if row.stage != Stage.LIVE:
            # nothing joined since it was judged last, and its panes may be hours by now
            found = await self._judged_on(row.window_id, row.latest, query)
            return None if found is None else replace(found, baseline=None)
        held = await self.held(query, start, row.end_at)
        return StoredCounts(held.grid_set, None, held.vector)

    async def _judged_on(
        self, window_id: int, number: int, query: WindowQuery
    ) -> StoredCounts | None:
        chosen = (
            select(R.grid_set, J.baseline, R.counts, R.digest, t.grid_set.c.cells)
            .select_from(t.revision)
            .join(t.window, W.id == R.window_id)
            .outerjoin(t.judgement, lines.BY)
            .outerjoin(
                t.grid_set,
                and_(t.grid_set.c.model_id == W.model_id, t.grid_set.c.number == R.grid_set),
            )
            .where(R.window_id == window_id, R.number == number)
        )
        rows = await self._read(chosen, query)
        if not rows:
            return None
        found = rows[0]
        vector = None if found.counts is None else encoding.unpack(found.counts, found.cells)
        removed = vector is None and found.digest is not None
        return StoredCounts(found.grid_set, found.baseline, vector, removed)

    async def points(
        self, query: WindowQuery, feature: str, before: datetime | None, limit: int
    ) -> Sequence[FeaturePoint]:
        """One feature over judged windows, newest first."""
        chosen = lines.newest(query.as_of is None, before is None, of_feature=True)
        rows = await self._read(chosen, query, before=before, most=limit, feature=feature)
        ids = [row.judgement_id for row in rows]
        found = await remembered.verdicts(self.session, ids, feature)
        return [
            FeaturePoint(row.start_at, row.end_at, row.number, row.rows, found[row.judgement_id][0])
            for row in rows
        ]

    async def held(self, query: WindowQuery, start: datetime, end: datetime) -> Gathered:
        """What the panes of ``[start, end)`` hold now."""
        key = WindowKey(query.model_id, query.version, query.segment, query.frame, start)
        return await gathering.gather(self.session, key, end)

    async def _line(self, query: WindowQuery, start: datetime) -> AnyRow | None:
        rows = await self._read(lines.one(query.as_of is None), query, start=start)
        return rows[0] if rows else None

    async def _read(
        self, chosen: Select[Any], query: WindowQuery, **more: object
    ) -> Sequence[AnyRow]:
        asked = {name: getattr(query, name) for name in lines.ASKED}
        rows: Sequence[AnyRow] = (await self.session.connection.execute(chosen, asked | more)).all()
        return rows

    async def _summaries(self, rows: Sequence[AnyRow], query: WindowQuery) -> list[WindowSummary]:
        judged = [row.judgement_id for row in rows if row.judgement_id is not None]
        names = await drifted(self.session, judged)
        uncounted = [row for row in rows if row.revision_id is None]
        counted = await self._rows(uncounted) if uncounted else {}
        whole = query.segment == WHOLE
        numbered = await Sequences(self.session).lines(query.model_id) if whole else ()
        return [
            _summary(
                row,
                query,
                _status(row, query.as_of, self.session.now),
                counted.get(row.window_id, 0),
                names.get(row.judgement_id, ()),
                missing(numbered, row.version, row.start_at, row.end_at),
            )
            for row in rows
        ]

    async def _rows(self, windows: Sequence[AnyRow]) -> dict[int, int]:
        """Return the rows that windows hold now."""
        live = [row.window_id for row in windows if row.stage == Stage.LIVE]
        sealed = [row.window_id for row in windows if row.stage != Stage.LIVE]
        judged = (
            select(W.id, R.rows.label("held"))
            .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
            .where(W.id.in_(sealed))
        )
        held = (await self.session.connection.execute(judged)).all() if sealed else []
        return await self._live_rows(live) | {row.id: int(row.held) for row in held}

    async def _live_rows(self, window_ids: Sequence[int]) -> dict[int, int]:
        series, delta = t.series.c, t.delta.c
        same = (series.version == W.version) & (series.segment == W.segment)
        inside = (delta.pane >= W.start_at) & (delta.pane < W.end_at)
        query = (
            select(W.id, func.sum(delta.rows).label("held"))
            .join(t.series, and_(series.model_id == W.model_id, same))
            .join(t.delta, and_(delta.series_id == series.id, inside))
            .where(W.id.in_(window_ids), delta.minutes == Grain.PANE)
            .group_by(W.id)
        )
        return {row.id: int(row.held) for row in await self.session.connection.execute(query)}

    async def _compared(self, revision_id: int | None, monitor: str) -> tuple[Compared, ...]:
        """Return what a monitor says of a revision against each thing."""
        query = (
            select(J.id, J.comparison, J.state, J.reason)
            .where(J.revision_id == revision_id, J.monitor == monitor)
            .order_by(J.id)
        )
        rows = (await self.session.connection.execute(query)).all()
        names = await drifted(self.session, [row.id for row in rows])
        return tuple(
            Compared(row.comparison, row.state, row.reason, tuple(names.get(row.id, ())))
            for row in rows
        )

    async def _revisions(self, window_id: int, query: WindowQuery) -> tuple[StoredRevision, ...]:
        chosen = (
            select(*lines.OF_REVISION, R.grid_set, R.digest, *lines.OF_JUDGEMENT)
            .select_from(t.revision)
            .outerjoin(t.judgement, lines.BY)
            .where(R.window_id == window_id)
            .order_by(R.number)
        )
        if query.as_of is not None:
            chosen = chosen.where(R.judged_at <= query.as_of)
        rows = await self._read(chosen, query)
        return tuple(judged_rows.revision_in(row) for row in rows)


def _status(row: AnyRow, as_of: datetime | None, now: datetime) -> WindowStatus:
    moment = as_of or now
    if as_of is None and row.stage != Stage.LIVE:
        return WindowStatus.FINAL
    if row.closed_at is None or row.closed_at > moment:
        return WindowStatus.OPEN
    final = is_final(row.closed_at, row.final_after, moment)
    return WindowStatus.FINAL if final else WindowStatus.CLOSED


def _summary(
    row: AnyRow,
    query: WindowQuery,
    status: WindowStatus,
    held: int,
    names: Sequence[str],
    lost: int | None,
) -> WindowSummary:
    counted = row.revision_id is not None
    judged = row.judgement_id is not None
    return WindowSummary(
        key=WindowKey(row.model_id, row.version, row.segment, row.frame, row.start_at),
        monitor=query.monitor,
        end=row.end_at,
        status=status,
        revision=row.number if counted else 0,
        rows=row.rows if counted else held,
        state=row.state,
        warning=bool(row.warning),
        page=bool(row.page),
        reason=row.reason,
        drifted=tuple(names) if judged else (),
        baseline=row.baseline,
        cause=row.cause,
        judged_at=row.judged_at if judged else None,
        monitor_version=row.monitor_version,
        expected=None if row.expected is None else int(row.expected),
        verdict=row.judgement_id,
        lost=lost,
    )
