"""How a numeric grid's cells are merged into bins, given the reference's counts."""

import math

import numpy as np

from drift_core.grids.bins import INVALID_BIN, MISSING_BIN, BinKind, BinLabel, Bins
from drift_core.types import FIRST_VALUE, BoolArray, FloatArray, IntArray


def choose_bins(
    ref: IntArray, points: BoolArray, lower: FloatArray, upper: FloatArray, count: int
) -> Bins:
    """Merge cells into about `count` value bins that the reference fills alike.

    A mass point, that is an atom with at least ``1 / count`` of the present rows, is a bin of
    its own. The cells before, between and after mass points are *runs*:

    - a run with reference mass is cut into ``max(1, round(share * count))`` bins of about equal
      mass, none of them empty; its empty cells, those beyond the reference's range among
      them, go with their neighbours in the run;
    - a run without any is one bin. At either end of the line it stands guard beside a mass
      point: without it a constant feature that starts to vary could never be seen.

    Parameters
    ----------
    ref
        Shape (cells,): the reference's counts in the grid's own cells.
    points, lower, upper
        Shape (cells,): which cells are single values, and every cell's limits.
    count
        How many bins a column without mass points gets, at most.
    """
    total = int(ref.sum())
    heavy = points & (ref * count >= total) & (ref > 0)
    index = np.zeros(ref.size, np.int64)
    size = 0
    for run in _stretches(heavy):
        bins = _cut(ref[run], 1 if heavy[run.start] else count, total)
        index[run] = size + bins
        size += int(bins[-1]) + 1
    cells = np.concatenate(([0, 1], index + FIRST_VALUE))
    labels = _labels(index, size, points, lower, upper)
    return Bins(cells, size + FIRST_VALUE, (MISSING_BIN, INVALID_BIN, *labels))


def _stretches(heavy: BoolArray) -> list[slice]:
    # every mass point alone, and every run between
    starts = np.flatnonzero(heavy | np.concatenate(([True], heavy[:-1])))
    ends = np.append(starts[1:], heavy.size)
    return [slice(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]


def _cut(ref: IntArray, count: int, total: int) -> IntArray:
    mass = int(ref.sum())
    filled = np.flatnonzero(ref)
    if not filled.size:
        return np.zeros(ref.size, np.int64)
    wanted = max(1, math.floor(mass / total * count + 0.5))
    middles = np.cumsum(ref[filled]) - ref[filled] / 2
    steps = (middles * wanted // mass).astype(np.int64)
    # a heavy cell can jump over a bin: number only those that hold something
    number = np.cumsum(np.concatenate(([0], np.diff(steps) > 0)))
    # an empty cell goes with the filled one before it, the first ones with the one after
    owner = np.maximum(np.searchsorted(filled, np.arange(ref.size), side="right") - 1, 0)
    return number[owner].astype(np.int64)


def _labels(
    index: IntArray, size: int, points: BoolArray, lower: FloatArray, upper: FloatArray
) -> list[BinLabel]:
    first = np.searchsorted(index, np.arange(size + 1), side="left")
    first, last = first[:-1], first[1:] - 1
    kinds: list[BinKind] = ["range", "value"]
    single = ((first == last) & points[first]).tolist()
    limits = zip(single, lower[first].tolist(), upper[last].tolist(), strict=True)
    return [BinLabel(kinds[one], _limit(low), _limit(high)) for one, low, high in limits]


def _limit(limit: float) -> float | None:
    return limit if math.isfinite(limit) else None
