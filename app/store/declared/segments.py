"""The segments of baselines: counts on the cells of the whole, one row for each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, exists, func, select

from app.domain.model import Baseline
from app.domain.segments.reference import SegmentVectors
from app.store import tables as t
from app.store.counts import encoding
from app.store.transactions.session import Session

B, S = t.baseline.c, t.baseline_segment.c


@dataclass(frozen=True, slots=True)
class Segments:
    """What baselines count in each segment."""

    session: Session

    async def add(self, model_id: int, baseline: int, counts: SegmentVectors) -> None:
        """Keep the segments of a baseline that was added in this transaction."""
        if not counts:
            return
        owner = (await self.session.connection.execute(_id(model_id, baseline))).scalar_one()
        await self.session.connection.execute(
            t.baseline_segment.insert(),
            [
                {
                    "baseline_id": owner,
                    "segment": text,
                    "rows": one.rows,
                    "counts": encoding.pack(one.vector),
                }
                for text, one in counts.items()
            ],
        )

    async def rows(self, model_id: int, baseline: int) -> Mapping[str, int]:
        """Return how many rows of a baseline are in each of its segments."""
        query = select(S.segment, S.rows).where(
            S.baseline_id == _id(model_id, baseline).scalar_subquery()
        )
        found = await self.session.connection.execute(query)
        return {row.segment: row.rows for row in found}

    async def held(
        self, model_id: int, version: str, grid_set: int, span: tuple[datetime, datetime]
    ) -> Mapping[str, int]:
        """Return how many rows the panes of a span hold now in each segment, and as a whole."""
        r, d, g = t.series.c, t.delta.c, t.grid_set.c
        query = (
            select(r.segment, func.sum(d.rows).label("rows"))
            .select_from(t.delta)
            .join(t.series, r.id == d.series_id)
            .join(t.grid_set, g.id == r.grid_set_id)
            .where(r.model_id == model_id, r.version == version, g.number == grid_set)
            .where(d.pane >= span[0], d.pane < span[1])
            .group_by(r.segment)
        )
        found = await self.session.connection.execute(query)
        return {row.segment: int(row.rows) for row in found}

    async def stored(self, model_id: int, segment: str) -> bool:
        """Whether windows of a segment are kept, of any version."""
        w, versions = t.window.c, select(t.version.c.name).where(t.version.c.model_id == model_id)
        # by version as well, so that it is found by the index of windows
        mine = (w.model_id == model_id, w.version.in_(versions), w.segment == segment)
        found = await self.session.connection.execute(select(exists().where(*mine)))
        return bool(found.scalar_one())

    async def reference(self, model_id: int, baseline: Baseline, segment: str) -> Baseline:
        """Return a baseline as the reference of one segment; without rows where it has none."""
        query = select(S.rows, S.counts).where(
            S.baseline_id == _id(model_id, baseline.number).scalar_subquery(),
            S.segment == segment,
        )
        row = (await self.session.connection.execute(query)).one_or_none()
        rows, vector = 0, baseline.vector * 0
        if row is not None:
            rows, vector = row.rows, encoding.unpack(row.counts, baseline.vector.size)
        return replace(baseline, rows=rows, vector=vector, segment=segment)


def _id(model_id: int, number: int) -> Select[tuple[int]]:
    return select(B.id).where(B.model_id == model_id, B.number == number)
