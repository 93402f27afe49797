"""How many knots would share a bucket of a symmetric logarithm with another."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import given
from drift_core.kernels.crowding import octaves_of
from drift_core.kernels.symlog import F8, I8, MANTISSA
from drift_core.types import FloatArray, IntArray


@njit(
    [types.void(given(F8), given(F8), given(F8), I8, I8, types.Array(I8, 2, "C"))],
    nogil=True,
    cache=True,
)
def sharing(
    values: FloatArray,
    centres: FloatArray,
    scales: FloatArray,
    buckets: int,
    trim: int,
    found: IntArray,
) -> None:
    """For each centre and scale, find the window that parts most of some sorted values.

    A finer window that leaves up to `trim` values out at each end is tried beside the finest that
    holds them all, and those between. Writes four rows: the bits, the first bucket's number, how
    many buckets there are, and how many values are in one with another.
    """
    at = np.empty(values.size, np.int64)
    last = values.size - 1
    for k in range(centres.size):
        found[3, k] = values.size + 1
        for i in range(values.size):
            at[i] = octaves_of(values[i], centres[k], scales[k])
        for shift in range(MANTISSA - 1, -1, -1):
            lower = at[min(trim, last)] >> shift
            upper = at[max(last - trim, 0)] >> shift
            if upper - lower >= buckets:
                # too fine for all: a window about the centre, as one cluster of many calls for
                if 2 << (MANTISSA - shift) > buckets:
                    break
                lower, upper = -(buckets // 2), buckets - 1 - buckets // 2
            # the next finer window holds all as well, and parts them at least as well
            finer = shift - 1
            if finer >= 0 and (at[last] >> finer) - (at[0] >> finer) < buckets:
                continue
            if (at[last] >> shift) - (at[0] >> shift) < buckets:
                lower, upper = at[0] >> shift, at[last] >> shift
            # as far towards those left out as there is room
            spare = (buckets - 1 - (upper - lower)) // 2
            lower = max(lower - spare, at[0] >> shift)
            upper = min(upper + spare, at[last] >> shift)
            before, run, shared = lower - 1, 0, 0
            for i in range(values.size):
                here = min(max(at[i] >> shift, lower), upper)
                run = run + 1 if here == before else 1
                before = here
                shared += (2 if run == 2 else 1) if run > 1 else 0
            if shared < found[3, k]:
                found[0, k], found[1, k] = MANTISSA - shift, lower
                found[2, k], found[3, k] = upper - lower + 1, shared
