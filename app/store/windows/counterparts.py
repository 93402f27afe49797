"""Traffic that windows were held against: as revisions that add up to it, or else its counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import and_, select, tuple_

from app.domain.batch import CountVector
from app.domain.retention import Stage
from app.domain.verdicts.judgement import Revision, Traffic, WindowKey
from app.domain.verdicts.verdict import GivenTraffic, StoredTraffic
from app.store import tables as t
from app.store.counts import encoding
from app.store.transactions.session import AnyRow, Session
from app.store.transactions.types import EPOCH, MICROSECOND

W, R, C, G = t.window.c, t.revision.c, t.counterpart.c, t.grid_set.c
MOST_PARTS = 8
"""Windows whose counts are read to see whether they add up to what a window was held against."""
Part = list[int]
"""The start of a window, in microseconds since 1970, and the number of its revision."""


async def write(session: Session, revision_id: int, revision: Revision) -> dict[int, int]:
    """Store all traffic that a revision was held against once; row ids, by the object's id."""
    distinct = {id(one.traffic): one.traffic for one in revision.judgements if one.traffic}
    return {
        key: await _write(session, revision_id, revision.window, traffic)
        for key, traffic in distinct.items()
    }


async def _write(session: Session, revision_id: int, window: WindowKey, traffic: Traffic) -> int:
    gathered = traffic.gathered
    vector, parts = gathered.vector, await _parts(session, window, traffic)
    plain = vector is not None and parts is None
    values: dict[str, Any] = {
        "revision_id": revision_id,
        "baseline": traffic.baseline,
        "version": traffic.version,
        "start_at": min((start for start, _ in traffic.spans), default=None),
        "end_at": max((end for _, end in traffic.spans), default=None),
        "rows": gathered.rows,
        "grid_set": gathered.grid_set,
        "digest": None if vector is None else encoding.digest(vector),
        "counts": encoding.pack(vector) if vector is not None and plain else None,
        "parts": parts,
    }
    added = await session.connection.execute(t.counterpart.insert().values(values).returning(C.id))
    made: int = added.scalar_one()
    return made


async def _parts(session: Session, window: WindowKey, traffic: Traffic) -> list[Part] | None:
    """Return the revisions that hold exactly these counts, each window of the traffic's in one."""
    gathered = traffic.gathered
    if gathered.vector is None or len(traffic.spans) > MOST_PARTS:
        return None
    starts = [start for start, _ in traffic.spans]
    query = (
        select(W.start_at, W.end_at, R.number, R.rows, R.grid_set, R.counts)
        .join(t.revision, and_(R.window_id == W.id, R.number == W.revision))
        .where(W.model_id == window.model_id, W.version == traffic.version)
        .where(W.segment == window.segment, W.frame == window.frame, W.start_at.in_(starts))
        .order_by(W.start_at)
    )
    rows = (await session.connection.execute(query)).all()
    if any((row.start_at, row.end_at) not in traffic.spans for row in rows):
        return None
    if sum(row.rows for row in rows) != gathered.rows:
        return None
    found = _added(rows, gathered.vector.size)
    if found is None or not np.array_equal(found, gathered.vector):
        return None
    return [[(row.start_at - EPOCH) // MICROSECOND, row.number] for row in rows]


def _added(rows: Iterable[AnyRow], cells: int) -> CountVector | None:
    """Return the sum of counts; None where some are gone or damaged."""
    total = np.zeros(cells, dtype=np.int64)
    for row in rows:
        if row.counts is None:
            return None
        try:
            encoding.unpack_add(row.counts, total)
        except encoding.DamagedCounts:
            return None
    return total


@dataclass(frozen=True, slots=True)
class Counterparts:
    """Reads what judgements were held against; ``row`` is that of a verdict with its window."""

    session: Session

    async def given(self, row: AnyRow) -> GivenTraffic | None:
        """Return what traffic it was; None of the reference, and of verdicts of before."""
        found = await self._one(row)
        if found is None:
            return None
        kept = found.counts is not None
        if found.parts is not None:
            parts = await self._of(row, found)
            kept = len(parts) == len(found.parts) and all(one.kept for one in parts)
        start, end = found.start_at, found.end_at
        about = (found.baseline, found.version, start, end, found.rows, found.grid_set)
        return GivenTraffic(*about, found.digest, kept)

    async def stored(self, row: AnyRow) -> StoredTraffic | None:
        """Return its counts as they are stored now."""
        found = await self._one(row)
        if found is None:
            return None
        if found.digest is None:
            return StoredTraffic(None, None, None)
        if found.parts is None:
            vector = _added([found], found.cells)
            removed = found.counts is None and row.stage == Stage.BARE
        else:
            parts = await self._of(row, found)
            whole = len(parts) == len(found.parts)
            vector = _added(parts, found.cells) if whole else None
            removed = not whole or any(not one.kept and one.stage == Stage.BARE for one in parts)
        digest = None if vector is None else encoding.digest(vector)
        return StoredTraffic(found.grid_set, vector, digest, removed)

    async def _one(self, row: AnyRow) -> AnyRow | None:
        if row.counterpart_id is None:
            return None
        on = and_(G.model_id == row.model_id, G.number == C.grid_set)
        query = (
            select(t.counterpart, G.cells)
            .outerjoin(t.grid_set, on)
            .where(C.id == row.counterpart_id)
        )
        found: AnyRow | None = (await self.session.connection.execute(query)).one_or_none()
        return found

    async def _of(self, row: AnyRow, found: AnyRow) -> Sequence[AnyRow]:
        """Return the revisions that it is the sum of, as far as they are there."""
        named = [(EPOCH + start * MICROSECOND, number) for start, number in found.parts]
        query = (
            select(R.counts, R.counts.is_not(None).label("kept"), W.stage)
            .join(t.window, W.id == R.window_id)
            .where(W.model_id == row.model_id, W.version == found.version)
            .where(W.segment == row.segment, W.frame == row.frame)
            .where(W.start_at.in_([start for start, _ in named]))
            .where(tuple_(W.start_at, R.number).in_(named))
        )
        return (await self.session.connection.execute(query)).all()
