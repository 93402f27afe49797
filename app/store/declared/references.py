"""Grid sets and baselines of models: rows to values and back."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import zstandard
from sqlalchemy import ColumnElement, Table, and_, func, select, update

from app.domain.batch import CountVector
from app.domain.errors import NotFound
from app.domain.model import Baseline, BaselineHead, StoredGridSet
from app.domain.segments.segment import Plan
from app.store import tables as t
from app.store.counts import encoding
from app.store.declared import documents
from app.store.transactions import locks
from app.store.transactions.session import AnyRow, Session
from drift_core import GridSet

GRIDS_AT_MOST = 1 << 30
"""Bytes of a grid set's JSON; what we wrote ourselves is far below."""


@dataclass(frozen=True)
class References:
    """The part of the models' store that knows grid sets and baselines."""

    session: Session

    async def active_grid_set(self, model_id: int) -> StoredGridSet | None:
        active = select(t.model.c.active_grid_set_id).where(
            t.model.c.id == model_id, t.model.c.hidden_at.is_(None)
        )
        return await self._grid_set(t.grid_set.c.id == active.scalar_subquery())

    async def grid_set(self, model_id: int, number: int) -> StoredGridSet:
        c = t.grid_set.c
        found = await self._grid_set(and_(c.model_id == model_id, c.number == number))
        if found is None:
            raise NotFound(f"there is no grid set {number}")
        return found

    async def add_grid_set(
        self, model_id: int, grids: GridSet, segments: Plan | None = None
    ) -> StoredGridSet:
        number = await self._next(model_id, t.grid_set)
        document = json.dumps(grids.to_json(), ensure_ascii=False, separators=(",", ":"))
        added = await self.session.connection.execute(
            t.grid_set.insert()
            .values(
                model_id=model_id,
                number=number,
                digest=grids.digest,
                cells=grids.size,
                grids=zstandard.ZstdCompressor(level=3).compress(document.encode()),
                segments=None if segments is None else segments.packed(),
                created_at=self.session.now,
            )
            .returning(t.grid_set.c.id)
        )
        return StoredGridSet(added.scalar_one(), number, grids, segments)

    async def baseline(self, model_id: int, number: int) -> Baseline | None:
        found = await self._baselines(model_id, t.baseline.c.number == number)
        return found[0] if found else None

    async def baselines(self, model_id: int) -> Sequence[Baseline]:
        """Newest first."""
        return await self._baselines(model_id)

    async def baseline_heads(self, model_id: int) -> Sequence[BaselineHead]:
        """The same without their counts."""
        c = t.baseline.c
        query = (
            select(
                c.number,
                t.grid_set.c.number.label("grid_number"),
                c.activated_at,
                c.fingerprint,
            )
            .join(t.grid_set, t.grid_set.c.id == c.grid_set_id)
            .where(c.model_id == model_id)
            .order_by(c.number.desc())
        )
        rows = await self.session.connection.execute(query)
        return [
            BaselineHead(row.number, row.grid_number, row.activated_at, row.fingerprint)
            for row in rows
        ]

    async def baseline_by_fingerprint(self, model_id: int, fingerprint: str) -> Baseline | None:
        found = await self._baselines(model_id, t.baseline.c.fingerprint == fingerprint)
        return found[0] if found else None

    async def add_baseline(self, model_id: int, baseline: Baseline) -> Baseline:
        """Store it under the next number of the model (``baseline.number`` is not read)."""
        number = await self._next(model_id, t.baseline)
        grids = await self.grid_set(model_id, baseline.grid_set)
        if baseline.vector.size != grids.grids.size:
            raise ValueError("a baseline's counts must have the cells of its grid set")
        await self.session.connection.execute(
            t.baseline.insert().values(
                model_id=model_id,
                number=number,
                version=baseline.version,
                grid_set_id=grids.id,
                fingerprint=baseline.fingerprint,
                rows=baseline.rows,
                counts=encoding.pack(baseline.vector),
                schema=documents.schema_document(baseline.schema),
                warnings=documents.warnings_document(baseline.warnings),
                lineage=baseline.lineage,
                created_at=baseline.created_at,
            )
        )
        return replace(baseline, number=number, activated_at=None)

    async def activate(self, model_id: int, number: int) -> None:
        """Make it the active baseline, and its grid set active for rows committed from now on."""
        await locks.exclude(self.session, model_id)
        self.session.redeclares()
        c, now = t.baseline.c, self.session.now
        activated = await self.session.connection.execute(
            update(t.baseline)
            .where(c.model_id == model_id, c.number == number)
            .values(activated_at=now)
            .returning(c.grid_set_id)
        )
        grid_set = activated.scalar_one_or_none()
        if grid_set is None:
            raise NotFound(f"there is no baseline {number}")
        await self.session.connection.execute(
            update(t.model)
            .where(t.model.c.id == model_id)
            .values(active_baseline=number, active_grid_set_id=grid_set, changed_at=now)
        )

    async def _next(self, model_id: int, table: Table) -> int:
        """Return the next number in a model; who asks holds the model until the end."""
        held = await self.session.connection.execute(
            select(t.model.c.id)
            .where(t.model.c.id == model_id, t.model.c.hidden_at.is_(None))
            .with_for_update(key_share=True)
        )
        if held.one_or_none() is None:
            raise NotFound("the model was removed meanwhile")
        latest = select(func.max(table.c.number)).where(table.c.model_id == model_id)
        return ((await self.session.connection.execute(latest)).scalar_one() or 0) + 1

    async def _grid_set(self, condition: ColumnElement[bool]) -> StoredGridSet | None:
        c = t.grid_set.c
        found = await self.session.connection.execute(
            select(c.id, c.number, c.digest, c.segments).where(condition)
        )
        row = found.one_or_none()
        if row is None:
            return None
        plan = None if row.segments is None else Plan.unpacked(row.segments)
        return StoredGridSet(row.id, row.number, await self.grids(row.id, row.digest), plan)

    async def grids(self, grid_set_id: int, digest: str) -> GridSet:
        """Return the grids of a set, which this process decodes once."""
        kept = self.session.cache.grids(digest)
        if kept is None:
            c = t.grid_set.c
            blob = await self.session.connection.execute(select(c.grids).where(c.id == grid_set_id))
            # a wide model's grids take a while to read
            kept = await asyncio.to_thread(_grids, blob.scalar_one())
            self.session.cache.keep(digest, kept)
        return kept

    async def _baselines(self, model_id: int, *conditions: ColumnElement[bool]) -> list[Baseline]:
        c = t.baseline.c
        query = (
            select(
                *(column for column in c if column.name != "counts"),
                t.grid_set.c.number.label("grid_number"),
                t.grid_set.c.cells,
            )
            .join(t.grid_set, t.grid_set.c.id == c.grid_set_id)
            .where(c.model_id == model_id, *conditions)
            .order_by(c.number.desc())
        )
        rows = (await self.session.connection.execute(query)).all()
        return [_baseline(row, await self._counts(row)) for row in rows]

    async def _counts(self, row: AnyRow) -> CountVector:
        kept = self.session.cache.baseline(row.id)
        if kept is None:
            query = select(t.baseline.c.counts).where(t.baseline.c.id == row.id)
            stored = (await self.session.connection.execute(query)).scalar_one()
            kept = encoding.unpack(stored, row.cells)
            self.session.cache.keep_baseline(row.id, kept)
        return kept


def _grids(stored: bytes) -> GridSet:
    raw = zstandard.ZstdDecompressor().decompress(stored, max_output_size=GRIDS_AT_MOST)
    return GridSet.from_json(json.loads(raw))


def _baseline(row: AnyRow, vector: CountVector) -> Baseline:
    return Baseline(
        number=row.number,
        version=row.version,
        grid_set=row.grid_number,
        fingerprint=row.fingerprint,
        rows=row.rows,
        vector=vector,
        schema=documents.schema_of(row.schema),
        warnings=documents.warnings_of(row.warnings),
        lineage=row.lineage,
        created_at=row.created_at,
        activated_at=row.activated_at,
    )
