"""Anderson and Darling's sums over ordered cells, pair by pair; compiled, without the lock."""

import math

import numpy as np
from numba import njit, types

from drift_core.kernels._types import inner, read_only
from drift_core.types import BoolArray, FloatArray, IntArray

_SPAN = 64
"""Cells that are worked on together."""
_LUMP = 0.01
_TURNS = 6
_ENOUGH = 1e-8
_CONTINUOUS = 0.5, 2 * (math.pi**2 / 3 - 3)
_ROWS = types.Array(types.int64, 2, "C", readonly=True)
_WINDOWS = types.Array(types.int64, 3, "C", readonly=True)
_MASKS = types.Array(types.boolean, 2, "C", readonly=True)
_OUT = types.Array(types.float64, 3, "C")


def measure_rows(ref: IntArray, cur: IntArray, point: BoolArray) -> FloatArray:
    """Measure references of shape (R, cells) against windows of shape (R, W, cells).

    `point` has the references' shape, or that of a single row for all of them.

    Returns
    -------
    Shape (5, R, W): the squared distance, its lower and its upper limit, and of its law without
    drift the largest weight and the variance. NaN where a side has no rows.
    """
    found = np.full((*cur.shape[:2], 5), np.nan)
    _measure(read_only(ref), read_only(cur), read_only(point), found)
    return np.moveaxis(found, -1, 0)


@inner
def _least_variance(start: float, share: float, variance: float, row: float) -> float:
    # of any group of rows inside a cell: concave in the group's middle and size, and so least
    # for a single row at either end of the cell, or for the whole cell
    first, last = start + row / 2, start + share - row / 2
    single = min(first * (1 - first), last * (1 - last)) - row / 4
    # a group of all rows but one is the largest that has a variance
    return max(min(single, variance), row * (1 - row) / 4)


@inner
def _law(ref: IntArray, cur: IntArray, row: float) -> tuple[float, float]:
    # the correlation of a bridge's middles is a product on each side of the diagonal
    share, middle = np.empty(ref.size), np.empty(ref.size)
    weight, vector = np.empty(ref.size), np.empty(ref.size)
    reached, size = 0.0, 0
    square = crossed = below = right = length = 0.0
    for k in range(ref.size):
        t = ref[k] + cur[k]
        if t == 0:
            continue
        h = t * row
        x = reached + h / 2
        ratio = h / (x * (1 - x) - h / 4)
        w = math.sqrt(ratio)
        # without ties this is the vector looked for
        v = w * x * (1 - x)
        share[size], middle[size], weight[size], vector[size] = h, x, w, v
        square += h * h
        crossed += ratio * (1 - x) ** 2 * below
        below += ratio * x * x
        reached += h
        right += (1 - x) * w * v
        length += v * v
        size += 1
    lead = 0.0
    for _ in range(_TURNS):
        left = along = next_right = next_length = 0.0
        for k in range(size):
            x, w, v = middle[k], weight[k], vector[k]
            right -= (1 - x) * w * v
            turned = share[k] * v + w * ((1 - x) * left + x * right)
            left += x * w * v
            along += v * turned
            next_right += (1 - x) * w * turned
            next_length += turned * turned
            vector[k] = turned
        before, lead = lead, along / length
        # it only ever rises, by a quarter of the last step and less
        if lead - before < _ENOUGH * lead:
            break
        right, length = next_right, next_length
    return lead, 2 * (square + 2 * crossed)


@inner
def _gather(
    ref: IntArray,
    cur: IntArray,
    point: BoolArray,
    first: int,
    held: tuple[int, int, int],
    work: FloatArray,
) -> tuple[int, int, int]:
    """Write a block of cells as floats: rows before each, rows in it, whether it is a point.

    Goes on from the rows before the block and the most in one cell, and answers the same.
    """
    a, b, most = held
    for k in range(min(_SPAN, ref.size - first)):
        i, j = ref[first + k], cur[first + k]
        work[k], work[_SPAN + k] = a, b
        work[2 * _SPAN + k], work[3 * _SPAN + k] = i, j
        work[4 * _SPAN + k] = point[first + k] or i + j == 1
        most = max(most, i + j)
        a += i
        b += j
    return a, b, most


@inner
def _weigh(n: float, m: float, work: FloatArray) -> None:
    """Work out a block's parts of the distance and of its limits; written to become vector code."""
    row, each, other = 1.0 / (n + m), 1.0 / n, 1.0 / m
    scale = (1.0 - row) * n * (m * row)
    halves = 0.25 * each * other * each * other
    for k in range(_SPAN):
        a, b, i, j = work[k], work[_SPAN + k], work[2 * _SPAN + k], work[3 * _SPAN + k]
        t = i + j
        start, share = (a + b) * row, t * row
        middle = start + share / 2
        # multiplied crosswise: equal shares have no gap, to the last bit
        gap = (2 * a + i) * m - (2 * b + j) * n
        whole = t == n + m
        squares = 0.0 if whole else share * scale * (gap * gap * halves)
        variance = 1.0 if whole else middle * (1 - middle) - share / 4
        single = squares / variance
        # F and G rise from here to there in an order that is not known
        above, below = (a + i) * each - b * other, (b + j) * other - a * each
        reach, apart = max(above, below), max(-above, -below)
        nearest = min(max(0.5, start), start + share)
        least = _least_variance(start, share, variance, row)
        inverse = 1.0 / (variance * least)
        low = share * scale * apart * apart / (nearest * (1 - nearest)) if apart > 0 else 0.0
        point = work[4 * _SPAN + k] > 0
        part = single if point else squares * least * inverse
        work[k] = part if t > 0 else 0.0
        work[_SPAN + k] = (part if point else low) if t > 0 else 0.0
        high = share * scale * reach * reach * variance * inverse
        work[2 * _SPAN + k] = (part if point else high) if t > 0 else 0.0


@inner
def _one(
    ref: IntArray,
    cur: IntArray,
    point: BoolArray,
    rows: tuple[int, int],
    work: FloatArray,
    found: FloatArray,
) -> None:
    n, m = float(rows[0]), float(rows[1])
    squared = lower = upper = 0.0
    held = 0, 0, 0
    for first in range(0, ref.size, _SPAN):
        held = _gather(ref, cur, point, first, held, work)
        _weigh(n, m, work)
        for k in range(min(_SPAN, ref.size - first)):
            squared += work[k]
            lower += work[_SPAN + k]
            upper += work[2 * _SPAN + k]
    found[0], found[1], found[2] = squared, min(lower, squared), max(upper, squared)
    most = held[2]
    if most == rows[0] + rows[1]:
        found[3], found[4] = 1.0, 2.0
    elif most < _LUMP * (n + m):
        found[3], found[4] = _CONTINUOUS
    else:
        found[3], found[4] = _law(ref, cur, 1.0 / (n + m))


@njit(
    [types.void(_ROWS, _WINDOWS, _MASKS, _OUT)],
    nogil=True,
    cache=True,
    error_model="numpy",
)
def _measure(ref: IntArray, cur: IntArray, point: BoolArray, found: FloatArray) -> None:
    work = np.zeros(5 * _SPAN)
    for r in range(ref.shape[0]):
        n = ref[r].sum()
        points = point[r % point.shape[0]]
        for w in range(cur.shape[1]):
            m = cur[r, w].sum()
            if n > 0 and m > 0:
                _one(ref[r], cur[r, w], points, (n, m), work, found[r, w])
