"""Evidence: p-values that hold for the counts we have, over many features, at any size."""

import math

import numpy as np
from scipy.special import gammaincc, xlogy

from drift_core.evidence.repeats import once
from drift_core.evidence.two_bins import two_bins_p_value
from drift_core.types import AnyArray, FloatArray, IntArray

LEAST_P = 1e-300
"""p-values are never zero: what is smaller is reported as this."""

_FAR_TAIL = 0.01
_PEARSONS = 0.4
_LEAST_ROWS = 4


def bins_p_value(ref: IntArray, cur: IntArray) -> FloatArray:
    """p-value of "both rows come from one distribution" over bins chosen beforehand.

    It serves every statistic that reads bins: PSI, chi-squared and their kin order tables
    alike, so they share one piece of evidence.

    Parameters
    ----------
    ref, cur
        Shape (..., B). Bins empty on both sides take no part.

    Returns
    -------
    Shape (...): the tail of Pearson's X2 under a gamma law with its exact permutation mean and
    variance (Haldane 1940, Dawson 1954). At 0.01 and below a mean, geometric, of that and the
    tail of G with Williams' (1976) correction: on sparse bins X2's tail is too light there and
    G's too heavy, on others they agree. Two filled bins have an exact p-value; see
    `two_bins_p_value`. 1 where one bin holds everything, NaN where a side has no rows.
    """
    table = _Table(ref, cur)
    by_moments = _gamma_tail(table)
    p = _exact_for_two(_between(by_moments, table), table)
    p = np.where((table.filled < 2) | (table.rows < _LEAST_ROWS), 1.0, p)
    p = np.clip(p, LEAST_P, 1.0)
    return np.where((table.n > 0) & (table.m > 0), p, np.nan)


def _between(p: FloatArray, table: "_Table") -> FloatArray:
    # most p-values are not far out: G is worked out for those that are
    far = np.asarray(p <= _FAR_TAIL)
    ref, cur = np.broadcast_arrays(table.ref, table.cur)
    heavier = np.maximum(p[far], _g_tail(_Table(ref[far], cur[far])))
    mean = np.maximum(p[far], LEAST_P) ** _PEARSONS * heavier ** (1 - _PEARSONS)
    # what is beyond 0.01 by X2 stays there, so that more drift is never less evidence
    p[far] = np.minimum(mean, _FAR_TAIL)
    return p


def _exact_for_two(p: FloatArray, table: "_Table") -> FloatArray:
    two = np.asarray(table.filled == 2)
    if two.any():
        ref, cur = (np.broadcast_to(side, table.total.shape) for side in (table.ref, table.cur))
        first = (table.total[two] > 0).argmax(-1)[:, None]
        r, c = (np.take_along_axis(side[two], first, -1)[:, 0] for side in (ref, cur))
        exact = two_bins_p_value(r, c, ref[two].sum(-1), cur[two].sum(-1))
        p[two] = np.where(np.isnan(exact), 1.0, exact)
    return p


def pearson_parts(ref: IntArray, cur: IntArray) -> FloatArray:
    """Each bin's part of Pearson's X2 of a 2 x B table: shape (..., B), without correction."""
    return _Table(ref, cur).parts()


class _Table:
    """A 2 x B table as floats, made safe to divide by."""

    __slots__ = ("cur", "filled", "m", "n", "ref", "rows", "total")

    def __init__(self, ref: AnyArray, cur: AnyArray) -> None:
        # one reference may stand for many windows
        self.ref, self.cur = once(ref).astype(np.float64), cur.astype(np.float64)
        self.total = self.ref + self.cur
        self.n, self.m = self.ref.sum(-1), self.cur.sum(-1)
        self.rows = self.n + self.m
        self.filled = np.count_nonzero(self.total, axis=-1)

    def parts(self) -> FloatArray:
        n, m, rows = _or_one(self.n), _or_one(self.m), _or_one(self.rows)
        expected = self.total * (m / rows)[..., None]
        off = (self.cur - expected) ** 2 / _or_one(self.total)
        parts: FloatArray = off * (rows / n * (rows / m))[..., None]
        return parts

    def inverse_totals(self) -> FloatArray:
        inverse: FloatArray = np.where(self.total > 0, 1.0 / _or_one(self.total), 0.0)
        return np.asarray(inverse.sum(-1))


def _gamma_tail(table: _Table) -> FloatArray:
    n, m, b = _or_one(table.n), _or_one(table.m), table.filled
    rows = np.maximum(table.rows, _LEAST_ROWS)
    mean = rows * (b - 1) / (rows - 1)
    v1, v2 = (rows - 2) / (rows - 1), (b - 1) * (rows - b) / (rows - 1)
    w1 = (rows * (1 / n + 1 / m) - 4) / (rows - 2)
    w2 = (rows * table.inverse_totals() - b**2) / (rows - 2)
    variance = 2 * rows / (rows - 3) * (v1 - w1) * (v2 - w2) + rows**2 / (rows - 1) * w1 * w2
    # no variance: every relabelling of the rows gives the same X2, which says nothing
    spread = (variance > 1e-9 * np.maximum(mean, 1.0) ** 2) & (b > 1)
    variance, mean = np.where(spread, variance, 1.0), np.where(spread, mean, 1.0)
    tail = gammaincc(mean**2 / variance, table.parts().sum(-1) * mean / variance)
    return np.where(spread, tail, 1.0).astype(np.float64)


def williams_g(ref: IntArray, cur: IntArray) -> tuple[FloatArray, IntArray]:
    """G of a 2 x B table over Williams' (1976) correction, and its degrees of freedom.

    Both have shape (...); without drift the first is close to chi-squared with the second.
    """
    table = _Table(ref, cur)
    return _williams_g(table), np.maximum(table.filled - 1, 0)


def _g_tail(table: _Table) -> FloatArray:
    tail: FloatArray = gammaincc(np.maximum(table.filled - 1, 1) / 2, _williams_g(table) / 2)
    return tail


def _williams_g(table: _Table) -> FloatArray:
    n, m, rows = _or_one(table.n), _or_one(table.m), _or_one(table.rows)
    total, freedom = _or_one(table.total), np.maximum(table.filled - 1, 1)
    r, c = table.ref, table.cur
    terms = xlogy(r, r / total * (rows / n)[..., None]) + xlogy(
        c, c / total * (rows / m)[..., None]
    )
    g = 2.0 * np.maximum(terms.sum(-1), 0.0)
    spread = (rows / n + rows / m - 1) * (rows * table.inverse_totals() - 1)
    williams = 1 + spread / (6 * rows * freedom)
    return np.asarray(g / williams)


def _or_one(array: AnyArray) -> FloatArray:
    return np.where(array > 0, array, 1.0)


def adjust_bh(p_values: FloatArray) -> FloatArray:
    """Adjust p-values for their number (Benjamini and Hochberg 1995).

    Parameters
    ----------
    p_values
        Shape (..., features); each row for itself. NaN marks a feature that was not judged: it
        takes no part.

    Returns
    -------
    Shape (..., features): a feature belongs to the discoveries at every level not below this.
    """
    judged = np.count_nonzero(~np.isnan(p_values), axis=-1, keepdims=True)
    # NaN is sorted last
    order = np.argsort(p_values, axis=-1, kind="stable")
    scaled = np.take_along_axis(p_values, order, -1) * judged
    scaled /= np.arange(1, p_values.shape[-1] + 1)
    # a larger p-value may pull a smaller one's level down, never up
    least = np.fmin.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    adjusted = np.full(p_values.shape, np.nan)
    np.put_along_axis(adjusted, order, np.minimum(least, 1.0), -1)
    return np.where(np.isnan(p_values), np.nan, adjusted)


def minimum_rows(threshold: float, bins: int, n_ref: int) -> int | None:
    """Least rows of a window for a verdict on PSI at `threshold`.

    So many that PSI's mean without drift, ``(bins - 1)(1/n + 1/m)`` (Yurdakul and Naranjo
    2020), is at most half of the threshold.

    Parameters
    ----------
    threshold
        The PSI that matters, above zero.
    bins
        Non-empty bins; one is taken as two.
    n_ref
        Rows of the reference.

    Returns
    -------
    The number of rows, or `None` when the reference itself is too small for any window.
    """
    if n_ref <= 0:
        return None
    room = threshold / (2 * (max(bins, 2) - 1)) - 1 / n_ref
    return math.ceil(1 / room) if room > 0 else None
