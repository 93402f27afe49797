"""Anderson and Darling's distance over ordered cells, and its evidence.

The distance weighs the squared gap of two distribution functions by its own variance, so that
the tails of a column count as much as its middle.
"""

from typing import NamedTuple

import numpy as np

from drift_core.evidence.calibration import LEAST_P
from drift_core.evidence.largest import around_largest
from drift_core.evidence.repeats import by_reference
from drift_core.evidence.squares import Law, tail_of
from drift_core.kernels import anderson_rows
from drift_core.types import BoolArray, FloatArray, IntArray


class Measured(NamedTuple):
    """What a pair of counts comes to; every part has shape (...), NaN where a side has no rows.

    Attributes
    ----------
    squared
        Midrank form of the two-sample statistic (Scholz and Stephens 1987, eq. 7), rows in one
        cell taken as tied: ``(N-1)/N nm/N sum h D^2 / v`` over the filled cells, where h is a
        cell's share of all rows, D is F - G at the cell's middle rank x, and
        ``v = x (1-x) - h/4`` its variance. Its mean over all relabellings of the rows is one.
    lower, upper
        Its limits over all that open cells may hide, ties among it: a group of equal values in
        an open cell has a gap of at most the cell's reach, and a variance of at least the least
        that any group in it can have.
    law
        What it follows without drift: a sum of weighted squares of normals whose weights are
        those of the ties alone. They are 1/2, 1/6, 1/12, ... where no cell holds a hundredth of
        the rows, and a single one where the column has two values.
    """

    squared: FloatArray
    lower: FloatArray
    upper: FloatArray
    law: Law


def measure(ref: IntArray, cur: IntArray, point: BoolArray | None) -> Measured:
    """Measure counts of shape (..., cells), in the order of the line.

    `point` tells the cells that hold one single value; `None`: all of them do.
    """
    found = anderson_rows(*by_reference(ref, cur, point))
    found = found.reshape(5, *ref.shape[:-1])
    return Measured(found[0], found[1], found[2], Law(found[3], found[4]))


def anderson_p_value(ref: IntArray, cur: IntArray, m: IntArray, found: Measured) -> FloatArray:
    """p-value of a squared distance measured on ordered cells; windows have `m` rows.

    Returns
    -------
    Shape (...): never below 1e-300; 1 where one cell holds everything, NaN where a side has no
    rows. Where fewer than 20 rows of the window are expected outside the reference's largest
    cell, the p-value is that of the bins below it, it, and above it.
    """
    measured = ~np.isnan(found.squared)
    p = np.full(found.squared.shape, np.nan)
    law = Law(*(part[measured] for part in found.law))
    p[measured] = tail_of(law, found.squared[measured])
    p = np.where(measured, around_largest(ref, cur, m, p), np.nan)
    return np.asarray(np.clip(p, LEAST_P, 1.0))
