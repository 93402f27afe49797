"""Sums of the powers of scores over counts, window by window; compiled, without the lock."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import given, read_only
from drift_core.types import FloatArray, IntArray

_SCORES = given(types.float64, 2)
_WINDOWS = given(types.int64, 3)
_OUT = types.Array(types.float64, 3, "C")
POWERS = 3


def sums_of_powers(scores: FloatArray, counts: IntArray) -> FloatArray:
    """Sum ``counts * scores**k`` over the cells, k from 1 to 3.

    Parameters
    ----------
    scores
        Shape (R, cells).
    counts
        Shape (R, W, cells).

    Returns
    -------
    Shape (3, R, W).
    """
    found = np.empty((*counts.shape[:2], POWERS))
    _powers(read_only(scores), read_only(counts), found)
    return np.moveaxis(found, -1, 0)


@njit([types.void(_SCORES, _WINDOWS, _OUT)], nogil=True, cache=True)
def _powers(scores: FloatArray, counts: IntArray, found: FloatArray) -> None:
    squares = np.empty(scores.shape[1])
    cubes = np.empty(scores.shape[1])
    for r in range(scores.shape[0]):
        for k in range(scores.shape[1]):
            squares[k] = scores[r, k] * scores[r, k]
            cubes[k] = squares[k] * scores[r, k]
        for w in range(counts.shape[1]):
            first = second = third = 0.0
            for k in range(scores.shape[1]):
                rows = float(counts[r, w, k])
                first += rows * scores[r, k]
                second += rows * squares[k]
                third += rows * cubes[k]
            found[r, w, 0], found[r, w, 1], found[r, w, 2] = first, second, third
