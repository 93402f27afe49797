"""Verdicts that were given, by their ids, with what they were made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import Select, and_, func, select

from app.domain.model import WHOLE, Baseline, StoredGridSet
from app.domain.retention import Stage
from app.domain.telling.reports import StoredCounts
from app.domain.verdicts.judgement import REFERENCE, Sighting, WindowKey
from app.domain.verdicts.selection import Selection
from app.domain.verdicts.verdict import Asked, Evidence, GivenVerdict, digest_of
from app.store import tables as t
from app.store.counts import encoding, gathering
from app.store.declared.monitor_documents import monitor_document, monitor_of
from app.store.declared.references import References
from app.store.declared.segments import Segments
from app.store.transactions.session import AnyRow, Session
from app.store.windows import judged_rows
from app.store.windows.counterparts import Counterparts

W, R, J, M = t.window.c, t.revision.c, t.judgement.c, t.monitor.c
B, G, O = t.baseline.c, t.grid_set.c, t.model.c  # noqa: E741  the owner of all of it


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What monitors said of revisions."""

    session: Session

    async def id_of(self, window: WindowKey, revision: int, monitor: str) -> int | None:
        """Return the id of what a monitor said of a revision; None where it said nothing."""
        query = (
            _given(J.id)
            .where(W.model_id == window.model_id, W.version == window.version)
            .where(W.segment == window.segment, W.frame == window.frame)
            .where(W.start_at == window.start, R.number == revision)
            .where(J.monitor == monitor, J.comparison == REFERENCE)
        )
        found: int | None = (await self.session.connection.execute(query)).scalar_one_or_none()
        return found

    async def get(self, verdict: int) -> GivenVerdict | None:
        row = await self._row(verdict)
        if row is None:
            return None
        said = await judged_rows.verdicts(self.session, [verdict])
        return GivenVerdict(
            id=verdict,
            model=row.model,
            window=_key(row),
            end=row.end_at,
            revision=judged_rows.revision_in(row),
            monitor=row.monitor,
            asked=_asked(row),
            declaration=row.declaration,
            level=row.level,
            page_level=row.page_level,
            comparison=row.comparison,
            fingerprint=row.fingerprint,
            grid_digest=row.grid_digest,
            features=tuple(said[verdict]),
            kept=row.counts is not None,
            against=await Counterparts(self.session).given(row),
        )

    async def evidence(self, verdict: int) -> Evidence | None:
        """What it was made from; whatever cannot be read is named."""
        row = await self._row(verdict)
        if row is None:
            return None
        damaged: list[str] = []
        vector = None
        grids = await self._grids(row.model_id, row.grid_set, damaged)
        if row.counts is not None and grids is not None:
            try:
                vector = encoding.unpack(row.counts, grids.grids.size)
            except encoding.DamagedCounts:
                damaged.append("counts")
        beside = Counterparts(self.session)
        against = await beside.given(row)
        baseline = await self._baseline(row, against.baseline if against else row.baseline, damaged)
        own = None if baseline is None else baseline.grid_set
        same = grids is not None and own == grids.number
        removed = row.counts is None and row.digest is not None and row.stage == Stage.BARE
        return Evidence(
            counts=StoredCounts(row.grid_set, row.baseline, vector, removed),
            digest=None if vector is None else encoding.digest(vector),
            sightings=await self._sightings(row),
            grids=grids,
            baseline=baseline,
            reference_grids=grids if same else await self._grids(row.model_id, own, damaged),
            damaged=tuple(damaged),
            traffic=await beside.stored(row),
        )

    async def count(self, chosen: Selection) -> int:
        found = await self.session.connection.execute(_chosen(_given(func.count()), chosen))
        return int(found.scalar_one())

    async def ids(self, chosen: Selection, after: int, limit: int) -> Sequence[int]:
        query = _chosen(_given(J.id), chosen).where(J.id > after).order_by(J.id).limit(limit)
        found: Sequence[int] = (await self.session.connection.execute(query)).scalars().all()
        return found

    async def _row(self, verdict: int) -> AnyRow | None:
        query = _wide().where(J.id == verdict)
        row: AnyRow | None = (await self.session.connection.execute(query)).one_or_none()
        return row

    async def _sightings(self, row: AnyRow) -> tuple[Sighting, ...]:
        if row.sightings is None:
            return await gathering.sightings(self.session, _key(row), row.end_at)
        return tuple(Sighting(column, kind) for column, kind in row.sightings)

    async def _baseline(
        self, row: AnyRow, number: int | None, damaged: list[str]
    ) -> Baseline | None:
        if number is None:
            return None
        try:
            found = await References(self.session).baseline(row.model_id, number)
            if found is None or row.segment == WHOLE:
                return found
            return await Segments(self.session).reference(row.model_id, found, row.segment)
        except encoding.DamagedCounts:
            damaged.append("reference")
            return None

    async def _grids(
        self, model_id: int, number: int | None, damaged: list[str]
    ) -> StoredGridSet | None:
        if number is None:
            return None
        try:
            return await References(self.session).grid_set(model_id, number)
        except (ValueError, ArithmeticError, LookupError, TypeError, zstandard.ZstdError):
            damaged.append("grid set")
            return None


def _given(*columns: Any) -> Select[Any]:  # noqa: ANN401  columns and functions
    """Return verdicts of models that are there."""
    return (
        select(*columns)
        .select_from(t.judgement)
        .join(t.revision, R.id == J.revision_id)
        .join(t.window, W.id == R.window_id)
        .join(t.model, O.id == W.model_id)
        .where(O.hidden_at.is_(None))
    )


def _chosen(query: Select[Any], chosen: Selection) -> Select[Any]:
    if chosen.model is not None:
        query = query.where(O.name == chosen.model)
    if chosen.since is not None:
        query = query.where(W.start_at >= chosen.since)
    if chosen.until is not None:
        query = query.where(W.start_at < chosen.until)
    return query


def _wide() -> Select[Any]:
    said = and_(M.model_id == W.model_id, M.name == J.monitor, M.version == J.monitor_version)
    window = (W.model_id, W.version, W.segment, W.frame, W.start_at, W.end_at, W.stage)
    revision = (R.number, R.cause, R.rows, R.grid_set, R.digest, R.counts, R.sightings)
    judged = (column for column in J if column.name not in {"id", "revision_id"})
    return (
        _given(
            J.id.label("judgement_id"),
            O.name.label("model"),
            *window,
            *revision,
            *judged,
            M.declaration.label("asked"),
            M.created_at.label("asked_at"),
            B.fingerprint,
            G.digest.label("grid_digest"),
        )
        .outerjoin(t.monitor, said)
        .outerjoin(t.baseline, and_(B.model_id == W.model_id, B.number == J.baseline))
        .outerjoin(t.grid_set, and_(G.model_id == W.model_id, G.number == R.grid_set))
    )


def _key(row: AnyRow) -> WindowKey:
    return WindowKey(row.model_id, row.version, row.segment, row.frame, row.start_at)


def _asked(row: AnyRow) -> Asked | None:
    if row.asked is None:
        return None
    monitor = monitor_of(row.monitor, row.monitor_version, row.asked)
    moment: datetime = row.asked_at
    return Asked(monitor, digest_of(monitor_document(monitor)), moment)
