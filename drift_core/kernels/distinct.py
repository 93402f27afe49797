"""Distinct values of a sorted column, what they say of it, and how neighbours are joined."""

from numba import njit, types

from drift_core.kernels._types import given, made
from drift_core.types import AnyArray, FloatArray, IntArray

_F8, _I8 = types.float64, types.int64


@njit([_I8(given(_F8), made(_F8), made(_I8))], nogil=True, cache=True)
def distinct(line: FloatArray, values: FloatArray, counts: IntArray) -> int:
    """Write each value of a sorted line once, and how often it stands there.

    Answers how many there are. -0.0 is written as 0.0, which it equals.
    """
    found, start = 0, 0
    for i in range(1, line.size + 1):
        if i == line.size or line[i] != line[start]:
            values[found] = line[start] + 0.0
            counts[found] = i - start
            found += 1
            start = i
    return found


@njit([_F8(given(_F8), given(_I8))], nogil=True, cache=True)
def spread(values: FloatArray, counts: IntArray) -> float:
    """Half of the mean absolute distance from the median, of finite values in order."""
    total = counts.sum()
    middle, reached = 0, counts[0]
    while 2 * reached < total:
        middle += 1
        reached += counts[middle]
    median, half = values[middle] / 2, 0.0
    for i in range(values.size):
        half += abs(values[i] / 2 - median) * (counts[i] / total)
    return half


@njit([_I8(given(_F8), given(_F8), given(_F8), _F8, _F8, made(_I8))], nogil=True, cache=True)
def join(
    rows: FloatArray,
    weights: FloatArray,
    widths: FloatArray,
    most: float,
    area: float,
    begins: AnyArray,
) -> int:
    """Join neighbours while they hold at most `most` rows, and weight times width is no more.

    Writes where each group begins, and answers how many there are.
    """
    groups, held, heavy, wide = 1, 0.0, 0.0, 0.0
    begins[0] = 0
    for number in range(rows.size):
        row, part, width = rows[number], weights[number], widths[number]
        many = held + row > most and held > 0
        large = number > begins[groups - 1] and (heavy + part) * (wide + width) > area
        if many or large:
            begins[groups] = number
            groups += 1
            held, heavy, wide = 0.0, 0.0, 0.0
        held, heavy, wide = held + row, heavy + part, wide + width
    return groups
