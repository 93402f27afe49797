"""Exact tails of the hypergeometric law, table by table; compiled, without the lock."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit, types

from drift_core.kernels._types import given, inner, made, read_only
from drift_core.types import FloatArray

_NOTHING = 1e-13
_TIE = 1e-6
_COUNTS = given(types.float64)


class _Table(NamedTuple):
    """So many rows marked of all, so many drawn; and the logarithms of how many ways there are."""

    total: float
    drawn: float
    rows: float
    marked: float
    unmarked: float
    every: float


def two_sided(
    some: FloatArray, total: FloatArray, drawn: FloatArray, rows: FloatArray
) -> FloatArray:
    """Return how surely `some` of `total` marked rows are too many or too few among those drawn.

    All have shape (tables,): `drawn` of all `rows` were drawn. Numbers as far from the expected
    one count, on both sides; those exactly as far count half (Lancaster 1961).
    """
    found = np.empty(some.size)
    _two_sided(read_only(some), read_only(total), read_only(drawn), read_only(rows), found)
    return found


@inner
def _chance(some: float, table: _Table) -> float:
    total, drawn, rows = table.total, table.drawn, table.rows
    marked = table.marked - math.lgamma(some + 1) - math.lgamma(total - some + 1)
    left, unmarked = drawn - some, rows - total
    others = table.unmarked - math.lgamma(left + 1) - math.lgamma(unmarked - left + 1)
    return math.exp(marked + others - table.every)


@inner
def _above(some: float, total: float, drawn: float, rows: float) -> float:
    # the chance of more than `some`, in units of that of `some`
    added, part, most = 0.0, 1.0, min(total, drawn)
    spare = rows - total - drawn
    while some < most:
        part *= (total - some) * (drawn - some) / ((some + 1) * (spare + some + 1))
        added += part
        some += 1
        if part < _NOTHING * added:
            break
    return added


@inner
def _side(distance: float, expected: float, table: _Table) -> float:
    first = float(math.ceil(expected + distance - _TIE))
    if first > min(table.total, table.drawn):
        return 0.0
    own = 0.5 if first - expected - distance < _TIE else 1.0
    above = _above(first, table.total, table.drawn, table.rows)
    return _chance(first, table) * (own + above)


@njit([types.void(_COUNTS, _COUNTS, _COUNTS, _COUNTS, made(types.float64))], nogil=True, cache=True)
def _two_sided(
    some: FloatArray, total: FloatArray, drawn: FloatArray, rows: FloatArray, found: FloatArray
) -> None:
    m, n, every = -1.0, -1.0, 0.0
    for at in range(some.size):
        # one window's tables mostly stand together: they draw as many of as many rows
        if drawn[at] != m or rows[at] != n:
            m, n = drawn[at], rows[at]
            every = math.lgamma(n + 1) - math.lgamma(m + 1) - math.lgamma(n - m + 1)
        marked = total[at]
        inside, outside = math.lgamma(marked + 1), math.lgamma(n - marked + 1)
        table = _Table(marked, m, n, inside, outside, every)
        expected = marked * m / n
        distance = abs(some[at] - expected)
        if distance < _TIE:
            found[at] = 1.0 - 0.5 * _chance(some[at], table)
            continue
        # too few marked ones are too many of the others
        others = _Table(n - marked, m, n, outside, inside, every)
        found[at] = _side(distance, expected, table) + _side(distance, m - expected, others)
