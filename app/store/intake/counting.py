"""Counts into the database: one delta per (series, pane) for a whole group."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from app.domain.batch import CountVector, PaneCounts
from app.store import tables as t
from app.store.counts import encoding
from app.store.intake.openings import Pairs
from app.store.transactions.bulk import put
from app.store.transactions.placing import COUNTED, Admitted
from app.store.transactions.session import Ledger

SeriesKey = tuple[int, str, str, int]
"""A model, version, segment and grid set."""
OFF_LOOP_CELLS = 50_000
"""From so many cells on, adding and packing would hold up the event loop."""
DENSE_FROM = 8
"""Where parts touch more than an eighth of all cells, adding into a vector beats sorting."""


Rows = list[dict[str, Any]]


def deltas(ledger: Ledger, pairs: Pairs, models: Mapping[int, Admitted]) -> Rows:
    """Add up a group's counts: one delta for each series and pane."""
    sums: dict[tuple[SeriesKey, datetime], list[PaneCounts]] = defaultdict(list)
    for batch, several in pairs:
        for placed in several:
            if placed.fate in COUNTED:
                slot = placed.slot
                series = (slot.model_id, slot.version, slot.segment, batch.grid_set)
                sums[series, placed.counts.pane].append(placed.counts)
    if not sums:
        return []
    ids = _series_ids(ledger, {series for series, _ in sums})
    sizes = {series: models[series[0]].cells for series, _ in sums}
    touched = sum(part.cells.size for parts in sums.values() for part in parts)
    if touched > OFF_LOOP_CELLS:
        return ledger.heavy(_deltas, sums, ids, sizes)
    return _deltas(sums, ids, sizes)


def add(ledger: Ledger, rows: Rows) -> None:
    put(ledger, t.delta, rows)
    for row in rows:
        ledger.cache.touch((row["series_id"], row["pane"]))


def _deltas(
    sums: Mapping[tuple[SeriesKey, datetime], list[PaneCounts]],
    ids: Mapping[SeriesKey, int],
    sizes: Mapping[SeriesKey, int],
) -> Rows:
    return [
        {"series_id": ids[series], "pane": pane, "batches": len(parts)}
        | _counted(parts, sizes[series])
        for (series, pane), parts in sorted(sums.items(), key=lambda item: item[0])
    ]


def _counted(parts: Sequence[PaneCounts], size: int) -> dict[str, Any]:
    cells, counts = summed(parts, size)
    packed = encoding.pack_cells(cells, counts, size)
    return {
        "rows": sum(part.rows for part in parts),
        "total": int(counts.sum()),
        "bytes": len(packed),
        "counts": packed,
    }


def summed(parts: Sequence[PaneCounts], size: int) -> tuple[CountVector, CountVector]:
    """Return the cells that any part touches, ascending, and their counts."""
    if len(parts) == 1:
        return parts[0].cells, parts[0].counts
    if sum(part.cells.size for part in parts) * DENSE_FROM > size:
        vector = np.zeros(size, dtype=np.int64)
        for part in parts:
            vector[part.cells] += part.counts
        cells = np.flatnonzero(vector)
        return cells, vector[cells]
    cells, where = np.unique(np.concatenate([part.cells for part in parts]), return_inverse=True)
    counts = np.zeros(cells.size, dtype=np.int64)
    np.add.at(counts, where, np.concatenate([part.counts for part in parts]))
    return cells, counts


def _series_ids(ledger: Ledger, wanted: set[SeriesKey]) -> dict[SeriesKey, int]:
    found = {key: known for key in wanted if (known := ledger.cache.known(key)) is not None}
    if missing := wanted - found.keys():
        read = _find_series(ledger, missing)
        for key, identity in read.items():
            ledger.cache.remember(key, identity)
        found |= read
    missing = wanted - found.keys()
    if missing:
        columns = ("model_id", "version", "segment", "grid_set_id")
        rows = [dict(zip(columns, key, strict=True)) for key in sorted(missing)]
        put(ledger, t.series, rows, ignore=True)
        found |= _find_series(ledger, missing)
    return found


def _find_series(ledger: Ledger, wanted: set[SeriesKey]) -> dict[SeriesKey, int]:
    c = t.series.c
    query = select(t.series).where(
        c.model_id.in_(sorted({key[0] for key in wanted})),
        c.version.in_(sorted({key[1] for key in wanted})),
        c.grid_set_id.in_(sorted({key[3] for key in wanted})),
    )
    rows = ledger.rows(query)
    found = {(row.model_id, row.version, row.segment, row.grid_set_id): row.id for row in rows}
    return {key: found[key] for key in wanted if key in found}
