"""Counts of the parts of one batch added up: exact, and the same in any order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np

from app.domain.batch import CountedBatch, CountVector, Findings, Identified, PaneCounts, Panes

MOST_HELD = 100_000_000
"""Bytes of rows that are held so that some may be left out; beyond, all count, and it is said."""


def add(first: CountedBatch, second: CountedBatch) -> CountedBatch:
    """Return the sum of two parts that were counted on one grid set; the first one's envelope."""
    if first.grid_set != second.grid_set:
        raise ValueError("parts that were counted on different grids cannot be added")
    panes = {(pane.segment, pane.pane): pane for pane in first.panes}
    for pane in second.panes:
        place = (pane.segment, pane.pane)
        panes[place] = _both(panes[place], pane) if place in panes else pane
    return replace(
        first,
        rows=first.rows + second.rows,
        panes=tuple(panes[place] for place in sorted(panes)),
        findings=_found(first.findings, second.findings),
        first_event=min(first.first_event, second.first_event),
        last_event=max(first.last_event, second.last_event),
        identified=_joined(first.identified, second.identified),
    )


def size_of(batch: CountedBatch) -> int:
    """Return about how many bytes a batch's counts take."""
    held = batch.identified.weight if batch.identified else 0
    return held + sum(pane.cells.nbytes + pane.counts.nbytes + 200 for pane in batch.panes)


def _joined(one: Identified | None, other: Identified | None) -> Identified | None:
    """Return the rows of two parts; None where they are too many to be held, or not all known."""
    if one is None or other is None or one.timed is not other.timed:
        return None
    if one.weight + other.weight > MOST_HELD:
        return None
    before = len(one.panes.starts)
    return Identified(
        hashes=np.concatenate([one.hashes, other.hashes]),
        panes=Panes(
            [*one.panes.starts, *other.panes.starts],
            np.concatenate([one.panes.of_rows, other.panes.of_rows + before]),
        ),
        timed=one.timed,
        weight=one.weight + other.weight,
        recount=partial(_recount, one, other),
    )


def _recount(one: Identified, other: Identified, rows: CountVector) -> Sequence[PaneCounts]:
    cut = int(np.searchsorted(rows, one.hashes.size))
    panes: dict[tuple[str, datetime], PaneCounts] = {}
    for pane in (*one.recount(rows[:cut]), *other.recount(rows[cut:] - one.hashes.size)):
        place = (pane.segment, pane.pane)
        panes[place] = _both(panes[place], pane) if place in panes else pane
    return [panes[place] for place in sorted(panes)]


def _both(one: PaneCounts, other: PaneCounts) -> PaneCounts:
    cells, places = np.unique(np.concatenate([one.cells, other.cells]), return_inverse=True)
    counts = np.zeros(cells.size, np.int64)
    np.add.at(counts, places, np.concatenate([one.counts, other.counts]))
    return PaneCounts(one.segment, one.pane, one.rows + other.rows, cells, counts)


def _found(one: Findings, other: Findings) -> Findings:
    return Findings(
        invalid=_sums(one.invalid, other.invalid),
        absent=_union(one.absent, other.absent),
        unknown=_union(one.unknown, other.unknown),
    )


def _sums(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + other))
