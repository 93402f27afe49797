"""Counts of the parts of one batch added up: exact, and the same in any order."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from app.domain.batch import CountedBatch, Findings, PaneCounts


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
    )


def size_of(batch: CountedBatch) -> int:
    """Return about how many bytes a batch's counts take."""
    return sum(pane.cells.nbytes + pane.counts.nbytes + 200 for pane in batch.panes)


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
