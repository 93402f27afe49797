"""One object becomes counts: read piece by piece, and kept half-done where it is large."""

import asyncio
import math
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from app.domain.adding import MOST_HELD, add, size_of
from app.domain.batch import CountedBatch, Envelope, Table
from app.domain.errors import Fault, Invalid, TooLarge
from app.domain.model import DEFAULT_VERSION, Ground
from app.domain.profile import tally, time_column
from app.domain.source import Claim, Listed, Staged, Trouble, batch_key, digest_of
from app.ports import Store
from app.source_ports import Buckets, Piece

STAGE_BYTES = 64_000_000
"""Of an object's rows, decoded, between two times that what was counted is kept."""
GROUND_FOR = 1.0
MODELS = 100
MOST_COUNTS = 128_000_000
"""Bytes of one object's counts: rows of years are in many panes."""


@dataclass(frozen=True, slots=True)
class _Counting:
    """What all pieces of an object are counted on."""

    ground: Ground
    envelope: Envelope
    listed: Listed


_Read: TypeAlias = tuple[float, tuple[Ground | None, datetime] | None]


@dataclass(frozen=True, slots=True)
class Tallying:
    """Counts objects; what it writes on the way is what was counted so far, and nothing else."""

    store: Store
    buckets: Buckets
    pool: Executor
    holder: str
    stage_bytes: int = STAGE_BYTES
    _grounds: dict[str, _Read] = field(default_factory=dict)

    async def count(self, claim: Claim) -> CountedBatch | None:
        """Return the counts of a whole object; None where it is for others to count, or later.

        Raises
        ------
        Trouble
            It cannot be read, or its rows cannot be counted.
        """
        ground, now = await self._ground(claim.source.model)
        staged = None
        if claim.staged:
            async with self.store.read() as unit:
                staged = await unit.objects.staged(claim.id)
        if ground is None or ground.active is None or ground.model.schema is None:
            return None
        if staged is not None and staged.batch.grid_set != ground.active.id:
            staged = None
        digest = digest_of(claim.source, claim.listed)
        version = claim.source.version or ground.champion or DEFAULT_VERSION
        envelope = Envelope(
            ground.model.id,
            batch_key(digest),
            digest[:16],
            version,
            claim.source.name,
            True,
            now,
            ground.declared_at,
            ground.row_key,
        )
        counting = _Counting(ground, envelope, claim.listed)
        return await self._sum(claim, counting, staged)

    async def _ground(self, model: str) -> tuple[Ground | None, datetime]:
        """Return what a model's rows are counted on, and the time; read again every second.

        What changes meanwhile is noticed when the counts are committed, and counted anew.
        """
        present = asyncio.get_running_loop().time()
        read_at, found = self._grounds.get(model, (-math.inf, None))
        if found is None or present - read_at > GROUND_FOR:
            async with self.store.read() as unit:
                found = await unit.models.ground(model), unit.now
            if len(self._grounds) >= MODELS:
                self._grounds.clear()
            self._grounds[model] = present, found
        return found

    async def _sum(
        self, claim: Claim, counting: _Counting, staged: Staged | None
    ) -> CountedBatch | None:
        reading = await self.buckets.open(claim.source, claim.listed)
        loop = asyncio.get_running_loop()
        total = None if staged is None else replace(staged.batch, envelope=counting.envelope)
        pieces = reading.pieces(0 if staged is None else staged.parts)
        unkept = 0
        while True:
            piece, total = await loop.run_in_executor(self.pool, _next, pieces, total, counting)
            if piece is None:
                break
            unkept += piece.bytes
            if total is None or total.identified is not None:
                continue  # rows that may yet be left out cannot be kept half-done
            if piece.parts is not None and unkept >= self.stage_bytes:
                async with self.store.write() as unit:
                    kept = Staged(piece.parts, total)
                    if not await unit.objects.stage(claim.id, self.holder, kept):
                        return None
                unkept = 0
        if total is None:
            raise Trouble("unreadable", "it holds no rows")
        return total


def _next(
    pieces: Iterator[Piece], total: CountedBatch | None, counting: _Counting
) -> tuple[Piece | None, CountedBatch | None]:
    """Read, count and add the next piece; CPU-bound, and it may wait for the store."""
    piece = next(pieces, None)
    if piece is None:
        return None, total
    before = 0 if total is None else total.rows
    try:
        counted = _counted(piece.table, counting)
    except Invalid as error:
        code = "too-large" if isinstance(error, TooLarge) else "wrong-rows"
        rows = before + piece.table.rows
        faults = tuple(_shifted(fault, before) for fault in error.faults)
        raise Trouble(code, error.detail, faults=faults, rows=rows) from error
    total = counted if total is None else add(total, counted)
    if size_of(total) > MOST_COUNTS + MOST_HELD:
        detail = "its rows are spread over too many panes of 15 minutes"
        raise Trouble("too-large", detail, rows=before + piece.table.rows)
    return piece, total


def _shifted(fault: Fault, rows: int) -> Fault:
    """Return a fault of a piece as one of the object; a pointer leads into the piece only."""
    if not rows or fault.row is None:
        return fault
    return replace(fault, row=fault.row + rows, pointer="")


def _counted(table: Table, counting: _Counting) -> CountedBatch:
    """Count one piece; rows without a time have that of the object, whenever it is read."""
    ground, envelope = counting.ground, counting.envelope
    schema, grids = ground.model.schema, ground.active
    if schema is None or grids is None:
        raise Trouble("wrong-rows", "the model has no baseline")
    timed = time_column(table, schema)
    arrival = envelope.received_at
    if timed is None:
        arrival = min(arrival, counting.listed.modified)
    arrived = replace(envelope, received_at=arrival)
    batch = tally(table, schema, grids, arrived, ground.model.settings)
    return replace(batch, envelope=envelope)
