"""Housekeeping in bounded portions: folding of deltas and tallies, pruning of receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

from app.domain.batch import CountVector
from app.domain.retention import Grain
from app.store import tables as t
from app.store.counts import encoding, gathering
from app.store.intake import tallies
from app.store.keeping import retaining, seen_keeping
from app.store.transactions.bulk import insert_all
from app.store.transactions.cache import PaneKey
from app.store.transactions.removal import delete_some
from app.store.transactions.session import AnyRow, Session

FOLD_FROM = 32
"""Deltas of a pane; a reader has to add up no more than about so many."""
FOLD_ROWS = 5_000
FOLD_BYTES = 32_000_000
"""Of one pane at a time: what a fold holds in memory, and what one statement names."""
FACTOR = 2
"""A delta is folded while it is at most so many times as large as all smaller ones together, so
that a trickle never rewrites a large one."""
D = t.delta.c


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Folding and pruning; any replica may do either at any time."""

    session: Session

    async def fold(self, panes: int) -> int:
        """Fold the deltas of at most so many panes (and tallies); how many were folded."""
        folded = await tallies.fold(self.session, panes)
        for pane in await self._crowded(panes):
            folded += await self._fold(pane, whole=False)
        for pane in self.session.cache.closed(panes):
            folded += await self._fold(pane, whole=True)
        return folded

    async def prune_receipts(self, at_least: timedelta, limit: int) -> int:
        """Delete at most ``limit`` old receipts.

        A receipt is old after ``at_least``, and never before its model's windows of that time are
        final (``final_after`` plus window plus lateness): a re-send must not count again while
        its window can still change. What a removed model left is old after ``at_least``.
        """
        gone = 0
        for model_id, horizon in await self._horizons():
            before = self.session.now - max(at_least, horizon)
            gone += await delete_some(
                self.session,
                t.receipt,
                (t.receipt.c.model_id == model_id) & (t.receipt.c.received_at < before),
                limit - gone,
            )
            if gone >= limit:
                break
        return gone

    async def keep_row_ids(self, limit: int) -> int:
        """Make tables of row ids ahead, drop what is older than any horizon, and measure them.

        At most ``limit`` ids are deleted one by one; how many were.
        """
        return await self.session.run(seen_keeping.keep, limit)

    async def retain(self) -> str | None:
        """Make some old history of one model coarser or remove it; what was done, None: nothing.

        Any replica may do it: the model is claimed, and each portion is one transaction.
        """
        return await retaining.turn(self.session)

    async def _horizons(self) -> list[tuple[int, timedelta]]:
        c = t.model.c
        rows = await self.session.connection.execute(
            select(c.id, c.window, c.lateness, c.final_after).order_by(c.id)
        )
        return [(row.id, row.final_after + row.window + row.lateness) for row in rows]

    async def _crowded(self, limit: int) -> list[PaneKey]:
        """Return panes with many deltas: as remembered, and now and then as the table has them."""
        found = self.session.cache.crowded(FOLD_FROM, limit)
        if len(found) < limit and self.session.cache.look_due(self.session.now):
            query = (
                # by the index alone; sums of hours and days are never so many
                select(D.series_id, D.pane)
                .group_by(D.series_id, D.pane)
                .having(func.count() >= FOLD_FROM)
                .limit(limit - len(found))
            )
            rows = await self.session.connection.execute(query)
            found += [key for row in rows if (key := (row.series_id, row.pane)) not in found]
        return found

    async def _fold(self, pane: PaneKey, *, whole: bool) -> int:
        """Replace some deltas of a pane by their sum; two who fold one pane take different rows."""
        query = (
            select(D.id, D.bytes)
            .where(D.series_id == pane[0], D.pane == pane[1], D.minutes == Grain.PANE)
            .order_by(D.bytes, D.id)
            .limit(FOLD_ROWS)
            .with_for_update(skip_locked=True)
        )
        found = (await self.session.connection.execute(query)).all()
        chosen = [row.id for row in bounded(found if whole else alike(found))]
        if len(chosen) < 2:
            return 0
        query = (
            select(D.rows, D.batches, D.total, D.counts, t.grid_set.c.cells)
            .join(t.series, t.series.c.id == D.series_id)
            .join(t.grid_set, t.grid_set.c.id == t.series.c.grid_set_id)
            .where(D.id.in_(chosen))
        )
        rows = (await self.session.connection.execute(query)).all()
        try:
            vector = await gathering.added(rows, rows[0].cells)
        except encoding.DamagedCounts:
            # said wherever they are read, and no reason to leave other panes as they are
            return 0
        await self._replace(pane, chosen, rows, vector)
        return 1

    async def _replace(
        self, pane: PaneKey, chosen: list[int], rows: Sequence[AnyRow], vector: CountVector
    ) -> None:
        packed = encoding.pack(vector)
        folded = {
            "series_id": pane[0],
            "pane": pane[1],
            "rows": sum(row.rows for row in rows),
            "batches": sum(row.batches for row in rows),
            "total": int(vector.sum()),
            "bytes": len(packed),
            "counts": packed,
        }
        if folded["total"] != sum(row.total for row in rows):
            raise ArithmeticError("a fold must keep the sum of all cells")
        await insert_all(self.session, t.delta, [folded])
        await self.session.connection.execute(delete(t.delta).where(D.id.in_(chosen)))


def bounded(rows: Sequence[AnyRow]) -> Sequence[AnyRow]:
    """Return the first of these rows, up to so many bytes but two at least."""
    taken = 0
    for index, row in enumerate(rows):
        taken += row.bytes
        if taken > FOLD_BYTES and index >= 2:
            return rows[:index]
    return rows


def alike(rows: Sequence[AnyRow]) -> Sequence[AnyRow]:
    """Return the longest run of rows (ordered by bytes) whose sizes are worth adding together."""
    runs: list[list[AnyRow]] = []
    taken = 0
    for row in rows:
        if not runs or row.bytes > FACTOR * taken:
            runs.append([])
            taken = 0
        runs[-1].append(row)
        taken += row.bytes
    return max(runs, key=len, default=[])
