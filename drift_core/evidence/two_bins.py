"""Evidence that one bin's share changed: exact however few rows it has, at any level."""

import numpy as np
from scipy.special import gammainc, gammaincc, ndtr

from drift_core.kernels.hypergeometric import two_sided
from drift_core.types import FloatArray, IntArray

_SUMMED = 2_500.0
_STRAIGHT = 1e-4


def two_bins_p_value(ref: IntArray, cur: IntArray, n: IntArray, m: IntArray) -> FloatArray:
    """p-value of "as many of the window's rows as of the reference's are in this bin".

    Given all rows that are in the bin, the window's number among them is hypergeometric (Fisher
    1935). Numbers as far from the expected one as the window's count on both sides, those exactly
    as far by half (Lancaster 1961): without the half an exact p-value is too careful by as much as
    its steps are wide. Where the law has a standard deviation above 50 rows its sums are taken
    from a gamma law with the same three moments.

    Parameters
    ----------
    ref, cur
        Shape (...): rows in the bin.
    n, m
        Shape (...): all rows.

    Returns
    -------
    Shape (...): NaN where a side has no rows or where all rows of both sides, or none, are in the
    bin: there is nothing to be seen.
    """
    some, total, drawn, rows = (
        np.asarray(part, np.float64) for part in np.broadcast_arrays(cur, ref + cur, m, n + m)
    )
    known = (drawn > 0) & (drawn < rows) & (total > 0) & (total < rows)
    found = np.full(some.shape, np.nan)
    variance = np.zeros(some.shape)
    share = total[known] / rows[known]
    variance[known] = drawn[known] * share * (1 - share) * (rows - drawn)[known]
    variance[known] /= np.maximum(rows[known] - 1, 1)
    for at, tail in ((known & (variance <= _SUMMED), two_sided), (variance > _SUMMED, _by_moments)):
        found[at] = tail(some[at], total[at], drawn[at], rows[at])
    return np.asarray(np.minimum(found, 1.0))


def _by_moments(
    some: FloatArray, total: FloatArray, drawn: FloatArray, rows: FloatArray
) -> FloatArray:
    share = total / rows
    deviation = np.sqrt(drawn * share * (1 - share) * (rows - drawn) / (rows - 1))
    skewness = (1 - 2 * share) * (rows - 2 * drawn) / (rows - 2) / deviation
    distance = np.abs(some - drawn * share) / deviation
    return upper_tail(distance, skewness) + upper_tail(distance, -skewness)


def upper_tail(score: FloatArray, skewness: FloatArray) -> FloatArray:
    """Tail of a gamma law, shifted and perhaps mirrored, of mean 0, variance 1 and a skewness."""
    score, skewness = np.broadcast_arrays(score, skewness)
    found = np.asarray(ndtr(-score))
    for sign, tail in ((1, gammaincc), (-1, gammainc)):
        at = sign * skewness >= _STRAIGHT
        shape = 4 / skewness[at] ** 2
        found[at] = tail(shape, np.maximum(shape + sign * score[at] * np.sqrt(shape), 0.0))
    return found
