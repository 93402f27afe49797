"""How evenly the buckets of a symmetric logarithm would hold given values."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import Integer, given
from drift_core.kernels.symlog import F8, I8, MANTISSA
from drift_core.types import FloatArray, IntArray


@njit([I8(F8, F8, F8, I8)], nogil=True, cache=True, inline="always")
def _number(value: float, centre: float, scale: float, shift: Integer) -> Integer:
    # the same map without an end
    distance = value - centre
    octaves = np.float64(abs(distance) + scale).view(np.int64) - np.float64(scale).view(np.int64)
    return (-octaves if distance < 0 else octaves) >> shift


@njit(
    [types.void(given(F8), F8, F8, given(I8), I8, I8, types.Array(I8, 2, "C"))],
    nogil=True,
    cache=True,
)
def crowding(
    values: FloatArray,
    centre: float,
    scale: float,
    bits: IntArray,
    buckets: int,
    trim: int,
    found: IntArray,
) -> None:
    """For each resolution, find how crowded the buckets would be.

    Writes three rows: the number of the window's first bucket, where the window leaves at most
    `trim` values out on each side; the most values in one bucket, 0 where no window does; and how
    many values are in a bucket with another.
    """
    first, largest, shared = found[0], found[1], found[2]
    last = values.size - 1
    for k in range(bits.size):
        shift = MANTISSA - bits[k]
        lower = _number(values[min(trim, last)], centre, scale, shift)
        upper = _number(values[max(last - trim, 0)], centre, scale, shift)
        largest[k] = shared[k] = 0
        if upper - lower >= buckets:
            continue
        first[k] = lower - (buckets - 1 - (upper - lower)) // 2
        before, run = first[k] - 1, 0
        for i in range(values.size):
            here = _number(values[i], centre, scale, shift)
            here = min(max(here, first[k]), first[k] + buckets - 1)
            run = run + 1 if here == before else 1
            before = here
            largest[k] = max(largest[k], run)
            if run > 1:
                shared[k] += 2 if run == 2 else 1
