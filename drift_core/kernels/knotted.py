"""Counts by bucket and knot: the loop for knots that lie anywhere."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, CHUNK, FLOATS, Shape, given, made
from drift_core.kernels.symlog import I8, SHAPE, bucket
from drift_core.types import AnyArray, BoolArray, IntArray

_I4 = types.int32


@njit(
    [types.int32(dtype, given(dtype), _I4, _I4) for dtype in FLOATS],
    nogil=True,
    cache=True,
    inline="always",
)
def _search(value: float, knots: AnyArray, below: int, end: int) -> int:
    while below < end:
        middle = (below + end) >> 1
        if knots[middle] <= value:
            below = middle + 1
        else:
            end = middle
    return below


@njit(
    [
        types.void(
            given(dtype),
            given(types.boolean),
            given(dtype),
            given(dtype),
            given(_I4),
            SHAPE,
            made(I8),
        )
        for dtype in FLOATS
    ],
    nogil=True,
    cache=True,
)
def tally_knots(  # noqa: C901, PLR0912 - calls with arrays cost more than the loop
    values: AnyArray,
    present: BoolArray,
    knots: AnyArray,
    only: AnyArray,
    below: IntArray,
    shape: Shape,
    out: IntArray,
) -> None:
    """Count absent values, then those below the first knot, equal to it, between it and the next.

    There are so many buckets that nearly all hold one knot, ``only[bucket]``, or none, a NaN:
    two comparisons settle where a value is. In the few with more, those between
    ``-below[bucket] - 1`` and the next bucket's, a search does.
    """
    low, high, centre, scale, shift, offset = shape
    places = np.empty(BLOCK, np.uint16)
    counters = np.zeros((2, out.size), np.uint16)
    for begin in range(0, values.size, CHUNK):
        part = values[begin : begin + CHUNK]
        for start in range(0, part.size, BLOCK):
            block = part[start : start + BLOCK]
            if block.size == BLOCK:
                # the loop of known length is the one that becomes vector code
                for i in range(BLOCK):
                    value = np.float64(block[i])
                    places[i] = bucket(value, low, high, centre, scale, shift, offset)
            else:
                for i in range(block.size):
                    value = np.float64(block[i])
                    places[i] = bucket(value, low, high, centre, scale, shift, offset)
            if present.size:
                mask = present[begin + start : begin + start + BLOCK]
                for i in range(block.size):
                    places[i] = places[i] if mask[i] else 0
            for i in range(block.size):
                place, here = places[i], block[i]
                cell, knot = below[place], only[place]
                if cell >= 0:
                    cell += np.int32(here >= knot) + np.int32(here > knot)
                else:
                    first = -cell - 1
                    after = below[place + 1]
                    end = -after - 1 if after < 0 else (after - 1) >> 1
                    found = _search(here, knots, first, end)
                    tie = found > first and knots[found - 1] == here
                    cell = np.int32(1 + 2 * found - tie)
                counters[i & 1, np.uint32(cell)] += np.uint16(1)
        for i in range(out.size):
            out[i] += np.int64(counters[0, i]) + np.int64(counters[1, i])
        counters[:] = 0
