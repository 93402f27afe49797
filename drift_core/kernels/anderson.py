"""Anderson and Darling's sums over ordered cells, pair by pair; compiled, without the lock."""

import math

import numpy as np
from numba import njit, types

from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray

_LUMP = 0.01
_TURNS = 6
_CONTINUOUS = 0.5, 2 * (math.pi**2 / 3 - 3)
_ROW = types.Array(types.int64, 1, "C", readonly=True)
_ROWS = types.Array(types.int64, 2, "C", readonly=True)
_MASKS = types.Array(types.boolean, 2, "C", readonly=True)
_OUT = types.Array(types.float64, 2, "C")


def measure_rows(ref: IntArray, cur: IntArray, point: BoolArray) -> FloatArray:
    """Measure pairs of counts, all of shape (pairs, cells).

    Returns
    -------
    Shape (5, pairs): the squared distance, its lower and its upper limit, and of its law without
    drift the largest weight and the variance. NaN where a side has no rows.
    """
    found = np.full((ref.shape[0], 5), np.nan)
    _measure(_read_only(ref), _read_only(cur), _read_only(point), found)
    return found.T


def _read_only(array: AnyArray) -> AnyArray:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


@njit(
    [types.float64(types.float64, types.float64, types.float64, types.float64)],
    nogil=True,
    cache=True,
)
def _least_variance(start: float, share: float, variance: float, row: float) -> float:
    # of any group of rows inside a cell: concave in the group's middle and size, and so least
    # for a single row at either end of the cell, or for the whole cell
    first, last = start + row / 2, start + share - row / 2
    single = min(first * (1 - first), last * (1 - last)) - row / 4
    # a group of all rows but one is the largest that has a variance
    return max(min(single, variance), row * (1 - row) / 4)


@njit(
    [types.UniTuple(types.float64, 2)(_ROW, _ROW, types.float64)],  # type: ignore[no-untyped-call]
    nogil=True,
    cache=True,
)
def _law(ref: IntArray, cur: IntArray, row: float) -> tuple[float, float]:
    # the correlation of a bridge's middles is a product on each side of the diagonal
    size = np.count_nonzero(ref + cur)
    share, middle, weight = np.empty(size), np.empty(size), np.empty(size)
    vector = np.empty(size)
    reached, at = 0.0, 0
    square = crossed = below = 0.0
    for k in range(ref.size):
        if ref[k] + cur[k] == 0:
            continue
        h = (ref[k] + cur[k]) * row
        x = reached + h / 2
        v = x * (1 - x) - h / 4
        share[at], middle[at], weight[at] = h, x, math.sqrt(h / v)
        vector[at] = math.sqrt(h * x * (1 - x))
        square += h * h
        crossed += h / v * (1 - x) ** 2 * below
        below += h / v * x * x
        reached += h
        at += 1
    lead = 0.0
    turned = np.empty(size)
    for _ in range(_TURNS):
        length = math.sqrt((vector * vector).sum())
        right = 0.0
        for k in range(size):
            vector[k] /= length
            right += (1 - middle[k]) * weight[k] * vector[k]
        left = 0.0
        for k in range(size):
            pull = weight[k] * vector[k]
            right -= (1 - middle[k]) * pull
            outer = (1 - middle[k]) * left + middle[k] * right
            turned[k] = share[k] * vector[k] + weight[k] * outer
            left += middle[k] * pull
        lead = (vector * turned).sum()
        vector[:] = turned
    return lead, 2 * (square + 2 * crossed)


@njit([types.void(_ROWS, _ROWS, _MASKS, _OUT)], nogil=True, cache=True)
def _measure(ref: IntArray, cur: IntArray, point: BoolArray, found: FloatArray) -> None:
    for pair in range(ref.shape[0]):
        n = ref[pair].sum()
        m = cur[pair].sum()
        if n == 0 or m == 0:
            continue
        row = 1.0 / (n + m)
        scale = (1.0 - row) * n * (m * row)
        squared = lower = upper = 0.0
        most = a = b = 0
        for k in range(ref.shape[1]):
            i, j = ref[pair, k], cur[pair, k]
            t = i + j
            if t == 0:
                continue
            most = max(most, t)
            start, share = (a + b) * row, t * row
            middle = start + share / 2
            variance = middle * (1 - middle) - share / 4
            part = 0.0
            if t < n + m:
                gap = (a + i / 2) / n - (b + j / 2) / m
                part = share * gap * gap / variance * scale
            squared += part
            if point[pair, k] or t == 1:
                lower += part
                upper += part
            else:
                # F and G rise from here to there in an order that is not known
                above, below = (a + i) / n - b / m, (b + j) / m - a / n
                reach, apart = max(above, below), max(-above, -below, 0.0)
                nearest = min(max(0.5, start), start + share)
                lower += share * scale * apart * apart / (nearest * (1 - nearest))
                least = _least_variance(start, share, variance, row)
                upper += share * scale * reach * reach / least
            a += i
            b += j
        found[pair, 0] = squared
        found[pair, 1] = min(lower, squared)
        found[pair, 2] = max(upper, squared)
        if most == n + m:
            found[pair, 3], found[pair, 4] = 1.0, 2.0
        elif most < _LUMP * (n + m):
            found[pair, 3], found[pair, 4] = _CONTINUOUS
        else:
            found[pair, 3], found[pair, 4] = _law(ref[pair], cur[pair], row)
