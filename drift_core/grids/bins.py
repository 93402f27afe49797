"""Bins: an exact coarsening of a grid's cells, fixed by the reference alone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.types import AnyArray, IntArray

BinKind = Literal["missing", "invalid", "range", "value", "level", "other"]


@dataclass(frozen=True, slots=True)
class BinLabel:
    """What a bin holds: limits for ranges, the point for values, the text for levels.

    A limit of ``None`` means that the range has no end on that side.
    """

    kind: BinKind
    lower: float | None = None
    upper: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Which bin every cell belongs to.

    Attributes
    ----------
    index
        Shape (cells,); the bin of each cell, non-decreasing for numeric grids.
    size
        Number of bins: missing, invalid, then the value bins.
    labels
        One label a bin.
    """

    index: IntArray
    size: int
    labels: tuple[BinLabel, ...]

    def coarsen(self, cells: AnyArray) -> IntArray:
        """Sum the cells of each bin: shape (cells,) to (size,); exact, since integers."""
        # bincount adds in float64: exact as long as a column stays below 2**53 rows
        sums = np.bincount(self.index, weights=cells, minlength=self.size)
        return sums.astype(np.int64)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Bins):
            return NotImplemented
        return self.labels == other.labels and np.array_equal(self.index, other.index)

    def __hash__(self) -> int:
        return hash((self.labels, self.index.tobytes()))


MISSING_BIN = BinLabel("missing")
INVALID_BIN = BinLabel("invalid")
