"""What every detector of the scorecard is shown: counts of a reference and of windows."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.types import BoolArray, FloatArray, IntArray

Kind = Literal["numeric", "categorical"]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Many windows of one column, each beside its own reference or all beside a single one.

    Attributes
    ----------
    ref, cur
        Shape (windows, cells), `ref` perhaps (1, cells): present rows, in the order of the line or
        of the levels.
    ref_bins, cur_bins
        Shape (windows, B): the same rows and the missing ones, in bins that the reference chose.
    aside
        Shape (B,): which bins hold what is missing, rare or unseen.
    points
        Shape (cells,): which cells hold a single value.
    places
        Shape (cells,): where a cell's rows are taken to lie.
    lower, upper
        Shape (cells,): the cells' limits.
    """

    kind: Kind
    ref: IntArray
    cur: IntArray
    ref_bins: IntArray
    cur_bins: IntArray
    aside: BoolArray
    points: BoolArray
    places: FloatArray
    lower: FloatArray
    upper: FloatArray

    @property
    def n(self) -> IntArray:
        """Rows of the references, shape (windows,) or (1,)."""
        return np.asarray(self.ref_bins.sum(-1))

    @property
    def m(self) -> IntArray:
        """Rows of the windows, shape (windows,)."""
        return np.asarray(self.cur_bins.sum(-1))
