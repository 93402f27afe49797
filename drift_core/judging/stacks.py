"""References side by side: features alike stacked to arrays, made once for many windows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from drift_core.grids.bins import Bins
from drift_core.grids.counts import Counts
from drift_core.grids.gridset import GridSet
from drift_core.judging.pieces import Sides, Table
from drift_core.kernels import lay_out
from drift_core.stats import Axis, axis_of
from drift_core.types import AnyArray, BoolArray, IntArray, Kind

_TOGETHER = 128
_ALIKE = 2
_SPARE = 4_096
"""Cells of padding that are not worth another stack: it costs what some 50,000 cells do."""
_ASIDE = ("missing", "invalid", "other")


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """F features of one kind and of much the same size, padded to one shape.

    Attributes
    ----------
    kind
        Their kind.
    features
        Shape (F,): where they stand among all features.
    starts, sizes
        Shape (F,): where their cells begin in a vector, and how many they are.
    index
        Shape (F, cells): the bin of each cell.
    axis
        Their cells, of shape (F, 1, cells - 2).
    values, bins
        Shape (F, 1, cells - 2) and (F, 1, B): the reference's counts.
    aside
        Shape (F, 1, B): bins outside the column's own values.
    """

    kind: Kind
    features: IntArray
    starts: IntArray
    sizes: IntArray
    index: IntArray
    axis: Axis
    values: IntArray
    bins: IntArray
    aside: BoolArray

    @property
    def cells(self) -> int:
        """Cells of one window, padding included."""
        return self.index.size

    def table(self, vectors: IntArray) -> Table:
        """Lay windows' vectors, shape (W, cells of all features), beside the reference."""
        values, bins = lay_out(vectors, self.starts, self.sizes, self.index, self.bins.shape[-1])
        # a stride of zero along the windows tells what they have in common
        axis = _each(self.axis, lambda part: np.broadcast_to(part, values.shape))
        cells = Sides(np.broadcast_to(self.values, values.shape), values)
        sides = Sides(np.broadcast_to(self.bins, bins.shape), bins)
        return Table(self.kind, cells, axis, sides, self.aside)


def stacks_of(
    grids: GridSet, ref: Mapping[str, Counts], bins: Mapping[str, Bins]
) -> tuple[Stack, ...]:
    """Stack a reference's features, kind by kind and in the order of their sizes."""
    starts = grids.offsets[:-1]
    names = grids.names
    made = []
    for kind in get_args(Kind):
        alike = [at for at, name in enumerate(names) if grids[name].kind == kind]
        alike.sort(key=lambda at: (grids[names[at]].size, at))
        for run in _runs(alike, [grids[names[at]].size for at in alike]):
            counts = [ref[names[at]] for at in run]
            made.append(_stack(kind, run, starts[run], counts, [bins[names[at]] for at in run]))
    return tuple(made)


def _runs(features: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    held = least = 0
    for at, size in zip(features, sizes, strict=True):
        # padding costs as much as cells do, but little of it less than a stack of one's own
        apart = size > _ALIKE * least and size * len(run) - held > _SPARE
        if run and (len(run) == _TOGETHER or apart):
            yield run
            run, held = [], 0
        least = least if run else size
        held += size
        run.append(at)
    if run:
        yield run


def _stack(
    kind: Kind, run: list[int], starts: IntArray, ref: Sequence[Counts], bins: Sequence[Bins]
) -> Stack:
    most = max(one.size for one in bins)
    aside = np.stack([np.pad(aside_of(one), (0, most - one.size)) for one in bins])
    sizes = np.array([counts.grid.size for counts in ref], np.int64)
    index = _padded([one.index for one in bins], int(sizes.max()))
    vector = np.concatenate([counts.cells for counts in ref])[None]
    own = np.cumsum(sizes) - sizes
    values, merged = lay_out(vector, own, sizes, index, most)
    axis = _each(axis_of([counts.grid for counts in ref]), lambda part: part[:, None])
    return Stack(kind, np.array(run), starts, sizes, index, axis, values, merged, aside[:, None])


def aside_of(bins: Bins) -> BoolArray:
    """Say which bins, shape (B,), hold what is no value of the column's own."""
    return np.array([label.kind in _ASIDE for label in bins.labels])


def _padded(rows: Sequence[IntArray], size: int) -> IntArray:
    padded = np.zeros((len(rows), size), np.int64)
    for row, given in zip(padded, rows, strict=True):
        row[: given.size] = given
    return padded


def _each(axis: Axis, change: Callable[[AnyArray], AnyArray]) -> Axis:
    point = None if axis.point is None else change(axis.point)
    lower = None if axis.lower is None else change(axis.lower)
    return Axis(point, lower, None if axis.upper is None else change(axis.upper))
