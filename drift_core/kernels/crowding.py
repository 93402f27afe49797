"""How evenly the buckets of a symmetric logarithm would hold given values."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import Integer, given, inner
from drift_core.kernels.symlog import F8, I8, MANTISSA
from drift_core.types import FloatArray, IntArray

_LINE = given(F8)


@inner
def octaves_of(value: float, centre: float, scale: float) -> Integer:
    """Octaves from the centre to a value, times ``2**52``; the same map without an end."""
    distance = value - centre
    octaves = np.float64(abs(distance) + scale).view(np.int64) - np.float64(scale).view(np.int64)
    return -octaves if distance < 0 else octaves


@inner
def _longest(at: IntArray, shift: Integer, lower: Integer, upper: Integer) -> Integer:
    # looks only where a run longer than the longest so far would have to be
    most = begin = 0
    while begin + most < at.size:
        probe = begin + most
        here = min(max(at[probe] >> shift, lower), upper)
        first = probe
        while first > begin and min(max(at[first - 1] >> shift, lower), upper) == here:
            first -= 1
        if first == begin:
            end = probe + 1
            while end < at.size and min(max(at[end] >> shift, lower), upper) == here:
                end += 1
            most, first = end - begin, end
        begin = first
    return most


@njit(
    [types.void(_LINE, _LINE, _LINE, given(I8), I8, I8, types.Array(I8, 3, "C"))],
    nogil=True,
    cache=True,
)
def crowding(
    values: FloatArray,
    centres: FloatArray,
    scales: FloatArray,
    bits: IntArray,
    buckets: int,
    trim: int,
    found: IntArray,
) -> None:
    """For each centre and scale, and each resolution, find how crowded the buckets would be.

    Writes to ``found[pair, resolution]`` the number of the window's first bucket, where the window
    leaves at most `trim` values out on each side, and the most values in one bucket; 0 where no
    window does.
    """
    at = np.empty(values.size, np.int64)
    last = values.size - 1
    for pair in range(centres.size):
        for i in range(values.size):
            at[i] = octaves_of(values[i], centres[pair], scales[pair])
        for k in range(bits.size):
            shift = MANTISSA - bits[k]
            lower = at[min(trim, last)] >> shift
            upper = at[max(last - trim, 0)] >> shift
            if upper - lower < buckets:
                first = lower - (buckets - 1 - (upper - lower)) // 2
                found[pair, k, 0] = first
                found[pair, k, 1] = _longest(at, shift, first, first + buckets - 1)
