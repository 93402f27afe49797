"""Counts by binary search: for few values, and for knots that no map can tell apart."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, FLOATS, given, made
from drift_core.types import AnyArray, BoolArray, IntArray


def padded(edges: AnyArray) -> AnyArray:
    """Fill sorted edges up to 2**k - 1: a search without branches needs so many.

    No value is at or above the NaN that fill it.
    """
    size = (1 << int(edges.size).bit_length()) - 1
    filled = np.full(size, np.nan, edges.dtype)
    filled[: edges.size] = edges
    return filled


@njit(
    [
        types.void(given(dtype), given(types.boolean), given(dtype), made(types.int64))
        for dtype in FLOATS
    ],
    nogil=True,
    cache=True,
)
def tally_searched(values: AnyArray, present: BoolArray, edges: AnyArray, out: IntArray) -> None:
    """Count absent values, then those with 0, 1, ... edges at or below them."""
    found = np.empty(BLOCK, np.int64)
    for start in range(0, values.size, BLOCK):
        block = values[start : start + BLOCK]
        found[: block.size] = 0
        # one level of the search for the whole block at a time: the searches do not wait
        # for one another
        step = (edges.size + 1) >> 1
        while step > 0:
            for i in range(block.size):
                found[i] += step * (edges[found[i] + step - 1] <= block[i])
            step >>= 1
        for i in range(block.size):
            found[i] = (found[i] + 1) * (block[i] == block[i])
        if present.size:
            mask = present[start : start + BLOCK]
            for i in range(block.size):
                found[i] *= mask[i]
        for i in range(block.size):
            out[found[i]] += 1
