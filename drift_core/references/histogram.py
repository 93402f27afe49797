"""Another tool's histogram as a reference: a grid on its edges, and its counts."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from drift_core.errors import BadCounts, BadGrid
from drift_core.grids.counts import Counts
from drift_core.grids.numeric import NumericGrid
from drift_core.types import FIRST_VALUE, INVALID, MISSING, AnyArray


def from_histogram(
    edges: "Sequence[float] | AnyArray",
    counts: "Sequence[int] | AnyArray",
    *,
    closed: Literal["left", "right"] = "left",
    missing: int = 0,
    invalid: int = 0,
) -> tuple[NumericGrid, Counts]:
    """Take a histogram of a numeric reference that is gone, or that lies elsewhere.

    What the bins hide stays unknown: they become the grid's open cells, however wide. PSI and
    all else that reads bins works on them, at most as finely as they are; KS and its kin come with
    bounds as far apart as the fullest bin is full, and where that passes a policy's
    `max_bracket` (0.05 by default) a window is not judged (reason ``grid``). Mass points are not
    told apart from their bin. Beyond the edges nothing was seen, and what comes there is seen.

    Parameters
    ----------
    edges
        Shape (bins + 1,), strictly increasing; the outermost may be infinite.
    counts
        Shape (bins,): rows of each bin, whole numbers. Quantile sketches and shares are none.
    closed
        Which edge belongs to a bin. With ``left``, as numpy's histograms, the last bin holds its
        right edge as well; with ``right``, as pandas' intervals, the first one its left edge.
    missing, invalid
        Rows without a value, and of the wrong type.

    Raises
    ------
    BadGrid
        The edges do not increase, or are not one more than the counts.
    BadCounts
        The counts are not whole, or below zero.
    """
    limits, rows = np.asarray(edges, np.float64), np.asarray(counts)
    if limits.ndim != 1 or rows.shape != (limits.size - 1,) or not rows.size:
        raise BadGrid(f"{limits.shape} edges do not go with {rows.shape} counts")
    if np.isnan(limits).any() or (np.diff(limits) <= 0).any():
        raise BadGrid("edges must increase strictly, without NaN")
    if rows.dtype.kind not in "iu":
        raise BadCounts(f"counts of rows must be integers, not {rows.dtype}")
    # a knot begins a cell: the edge itself, or the next float where the edge belongs to the left;
    # an infinite one would begin a cell that nothing is beyond
    knots = limits.copy()
    moved = slice(-1, None) if closed == "left" else slice(1, None)
    knots[moved] = np.nextafter(knots[moved], np.inf)
    finite = np.isfinite(limits)
    grid = NumericGrid(knots[finite], np.zeros(np.count_nonzero(finite), np.bool_))
    cells = np.zeros(grid.size, np.int64)
    cells[MISSING], cells[INVALID] = missing, invalid
    first = FIRST_VALUE + int(finite[0])
    cells[first : first + rows.size] = rows
    return grid, Counts(grid, cells)
