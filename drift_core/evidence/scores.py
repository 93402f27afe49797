"""Evidence in normal scores: whether a column's level moved, or its spread.

Both are linear rank tests with the reference's own cells for ranks: van der Waerden's (1952) for
the level and Klotz's (1962) for the spread. No test of one direction finds more on a normal
column, and neither is ruled by far values.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from drift_core.evidence.calibration import LEAST_P
from drift_core.evidence.largest import is_nearly_all
from drift_core.evidence.repeats import by_reference
from drift_core.evidence.two_bins import upper_tail
from drift_core.kernels.powers import sums_of_powers
from drift_core.types import FloatArray, IntArray

_PEAK = 1 / np.sqrt(2 * np.pi)
_MOST_SKEW = 0.5
_NOTHING = 1e-9
_FEWEST = 3


class Scores(NamedTuple):
    """What a row in each cell counts for: shape (..., cells), of mean 0 over the reference.

    Attributes
    ----------
    level
        Mean of a standard normal variable between the quantiles where the cell begins and ends.
    spread
        The same of its square, less what the level tells of it.
    """

    level: FloatArray
    spread: FloatArray


def scores_of(ref: IntArray) -> Scores:
    """Score the cells by the reference's counts in them, shape (..., cells).

    A cell that the reference left empty counts as the place where it lies; one beyond its range
    as the outermost that it filled, for that is as far out as a reference can tell.
    """
    rows = np.maximum(ref.sum(-1, keepdims=True), 1)
    edges = ndtri(np.concatenate((np.zeros_like(rows), np.cumsum(ref, -1)), -1) / rows)
    height = _PEAK * np.exp(-edges * edges / 2)
    edges = np.where(np.isfinite(edges), edges, 0.0)
    share, place = np.maximum(ref, 1) / rows, edges[..., 1:]
    level = np.where(ref > 0, -np.diff(height, axis=-1) / share, place)
    spread = np.where(ref > 0, -np.diff(edges * height, axis=-1) / share, place**2 - 1)
    level, spread = _within(ref, level), _within(ref, spread)
    slope = (ref * level * spread).sum(-1, keepdims=True)
    slope /= np.maximum((ref * level**2).sum(-1, keepdims=True), 1.0)
    return Scores(level, spread - slope * level)


def _within(ref: IntArray, scores: FloatArray) -> FloatArray:
    filled, cells = ref > 0, ref.shape[-1]
    first = filled.argmax(-1)[..., None]
    last = cells - 1 - filled[..., ::-1].argmax(-1)[..., None]
    return np.take_along_axis(scores, np.clip(np.arange(cells), first, last), -1)


def scores_p_values(ref: IntArray, cur: IntArray) -> Scores:
    """p-values of "the window's rows are a draw from all rows", told by each kind of score.

    The window's mean score has a gamma law, shifted, with the mean, variance and skewness that
    it has over all relabellings of the rows.

    Parameters
    ----------
    ref, cur
        Shape (..., cells), in the order of the line.

    Returns
    -------
    Each of shape (...). NaN where there is no such evidence: a side has no rows, the reference
    has no more than two values, which an exact table judges better, fewer than 20 rows of the
    window are expected outside its largest cell, or so few in the cells that decide that the
    law's skewness would be above 0.5.
    """
    refs, curs, _ = by_reference(ref, cur, None)
    n, m = refs.sum(-1)[:, None], curs.sum(-1)
    nearly = is_nearly_all(refs[:, None], m) | (np.count_nonzero(refs, -1) < _FEWEST)[:, None]
    found = []
    for scores in scores_of(refs):
        own, sums = (sums_of_powers(scores, counts) for counts in (refs[:, None], curs))
        p = _p_value(own, sums, n, m)
        found.append(np.where(nearly, np.nan, p).reshape(ref.shape[:-1]))
    return Scores(*found)


def _p_value(own: FloatArray, sums: FloatArray, n: IntArray, m: IntArray) -> FloatArray:
    known = (n > 0) & (m > 0) & (n + m > _FEWEST)
    n, m = np.where(known, n, _FEWEST), np.where(known, m, 1)
    rows = n + m
    mean, square, cube = (own + sums) / rows
    variance = square - mean**2
    known &= variance > _NOTHING
    variance = np.where(known, variance, 1.0)
    # of a mean of m rows drawn from all without putting back
    bend = (n - m) / (rows - 2) * np.sqrt((rows - 1) / (n * m))
    score = (sums[0] / m - mean) / np.sqrt(variance * n / ((rows - 1) * m))
    skewness = bend * (cube - 3 * mean * square + 2 * mean**3) / variance**1.5
    # what is left out is decided by the reference alone
    usual = np.maximum(own[1] / n, _NOTHING)
    known &= np.abs(bend * own[2] / n) <= _MOST_SKEW * usual**1.5
    tail = 2 * upper_tail(np.abs(score), np.sign(score) * skewness)
    return np.where(known, np.clip(tail, LEAST_P, 1.0), np.nan)
