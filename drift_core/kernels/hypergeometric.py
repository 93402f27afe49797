"""Exact tails of the hypergeometric law, table by table; compiled, without the lock."""

import math

import numpy as np
from numba import njit, types

from drift_core.kernels._types import given, made, read_only
from drift_core.types import FloatArray

_NOTHING = 1e-13
_TIE = 1e-6
_COUNTS = given(types.float64)
_NUMBER = types.float64


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


@njit([_NUMBER(_NUMBER, _NUMBER, _NUMBER, _NUMBER)], nogil=True, cache=True)
def _chance(some: float, total: float, drawn: float, rows: float) -> float:
    marked = math.lgamma(total + 1) - math.lgamma(some + 1) - math.lgamma(total - some + 1)
    left, unmarked = drawn - some, rows - total
    others = math.lgamma(unmarked + 1) - math.lgamma(left + 1) - math.lgamma(unmarked - left + 1)
    every = math.lgamma(rows + 1) - math.lgamma(drawn + 1) - math.lgamma(rows - drawn + 1)
    return math.exp(marked + others - every)


@njit([_NUMBER(_NUMBER, _NUMBER, _NUMBER, _NUMBER)], nogil=True, cache=True)
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


@njit([_NUMBER(_NUMBER, _NUMBER, _NUMBER, _NUMBER, _NUMBER)], nogil=True, cache=True)
def _side(distance: float, expected: float, total: float, drawn: float, rows: float) -> float:
    first = math.ceil(expected + distance - _TIE)
    if first > min(total, drawn):
        return 0.0
    own = 0.5 if first - expected - distance < _TIE else 1.0
    return _chance(first, total, drawn, rows) * (own + _above(first, total, drawn, rows))


@njit([types.void(_COUNTS, _COUNTS, _COUNTS, _COUNTS, made(types.float64))], nogil=True, cache=True)
def _two_sided(
    some: FloatArray, total: FloatArray, drawn: FloatArray, rows: FloatArray, found: FloatArray
) -> None:
    for at in range(some.size):
        marked, m, n = total[at], drawn[at], rows[at]
        expected = marked * m / n
        distance = abs(some[at] - expected)
        if distance < _TIE:
            found[at] = 1.0 - 0.5 * _chance(some[at], marked, m, n)
            continue
        # too few marked ones are too many of the others
        found[at] = _side(distance, expected, marked, m, n)
        found[at] += _side(distance, m - expected, n - marked, m, n)
