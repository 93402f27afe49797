"""One object becomes counts: read piece by piece, and kept half-done where it is large."""

import asyncio
import math
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from app.domain.batch import CountedBatch
from app.domain.counts.objects import Counting, counting_of, plus, whole
from app.domain.model import Ground
from app.domain.sources.source import Claim, Staged
from app.ports import Store
from app.ports.sources import Buckets, Piece

STAGE_BYTES = 64_000_000
"""Of an object's rows, decoded, between two times that what was counted is kept."""
GROUND_FOR = 1.0
MODELS = 100


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
        if staged is not None and not _goes_on(staged, ground):
            staged = None
        counting = counting_of(claim.source, claim.listed, ground, now)
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
        self, claim: Claim, counting: Counting, staged: Staged | None
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
        return whole(total, counting)


def _goes_on(staged: Staged, ground: Ground) -> bool:
    """Whether what was counted so far was counted as the rest will be."""
    batch = staged.batch
    active = None if ground.active is None else ground.active.id
    return (batch.grid_set, batch.envelope.declared_at) == (active, ground.declared_at)


def _next(
    pieces: Iterator[Piece], total: CountedBatch | None, counting: Counting
) -> tuple[Piece | None, CountedBatch | None]:
    """Read, count and add the next piece; CPU-bound, and it may wait for the store."""
    piece = next(pieces, None)
    return (None, total) if piece is None else (piece, plus(total, piece.table, counting))
