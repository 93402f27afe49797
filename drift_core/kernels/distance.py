"""Largest distances of distribution functions, pair by pair; compiled, without the lock."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import read_only
from drift_core.types import BoolArray, FloatArray, IntArray

_ROWS = types.Array(types.int64, 2, "C", readonly=True)
_WINDOWS = types.Array(types.int64, 3, "C", readonly=True)
_MASKS = types.Array(types.boolean, 2, "C", readonly=True)
_OUT = types.Array(types.float64, 3, "C")


def distances(ref: IntArray, cur: IntArray, point: BoolArray) -> FloatArray:
    """Measure references of shape (R, cells) against windows of shape (R, W, cells).

    `point` has the references' shape, or that of a single row for all of them.

    Returns
    -------
    Shape (2, R, W): the largest distance at the cells' ends, and the largest that the order of
    the rows inside open cells may hide. NaN where a side has no rows.
    """
    found = np.full((2, *cur.shape[:2]), np.nan)
    _distances(read_only(ref), read_only(cur), read_only(point), found)
    return found


@njit([types.void(_ROWS, _WINDOWS, _MASKS, _OUT)], nogil=True, cache=True)
def _distances(ref: IntArray, cur: IntArray, point: BoolArray, found: FloatArray) -> None:
    for r in range(ref.shape[0]):
        n = ref[r].sum()
        points = point[r % point.shape[0]]
        for w in range(cur.shape[1]):
            m = cur[r, w].sum()
            if n == 0 or m == 0:
                continue
            a = b = 0
            f_left = g_left = distance = reach = 0.0
            for k in range(ref.shape[1]):
                i, j = ref[r, k], cur[r, w, k]
                a += i
                b += j
                f, g = a / n, b / m
                distance = max(distance, abs(f - g))
                # F and G rise inside an open cell in an order that is not known
                if i > 0 and j > 0 and not points[k]:
                    reach = max(reach, abs(f - g_left), abs(g - f_left))
                f_left, g_left = f, g
            found[0, r, w] = distance
            found[1, r, w] = max(distance, reach)
