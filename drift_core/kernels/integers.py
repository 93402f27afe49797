"""Counts of integers near one another: dictionary codes, small numbers, booleans."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, Integer, given, inner, made
from drift_core.types import AnyArray, BoolArray, IntArray

_I8 = types.int64
_TYPES = (types.int8, types.int32, types.int64, types.uint32)
NARROW = 4_096
"""Up to so many cells there are four counters a cell; beyond, they would leave the L1 cache."""


@inner
def _place(value: Integer, bottom: Integer, top: Integer) -> Integer:
    return 1 + min(max(value, bottom), top) - bottom


@njit(
    [types.void(given(dtype), given(types.boolean), _I8, made(_I8)) for dtype in _TYPES],
    nogil=True,
    cache=True,
)
def tally_integers(  # noqa: C901, PLR0912 - calls with arrays cost more than the loop
    values: AnyArray, present: BoolArray, low: int, out: IntArray
) -> None:
    """Add to ``out[1 + v - low]``, values beyond either end to its last cell, absent to ``out[0]``.

    A value below `low` counts in ``out[1]``, one above the last cell in the last.
    """
    lanes = 4 if out.size <= NARROW else 1
    counters = np.zeros((lanes, out.size), np.uint32)
    one, two = counters[0], counters[1 % lanes]
    three, four = counters[2 % lanes], counters[3 % lanes]
    places = np.empty(BLOCK, np.uint32)
    bottom = np.int64(low)
    top = bottom + out.size - 2
    for start in range(0, values.size, BLOCK):
        block = values[start : start + BLOCK]
        if block.size == BLOCK:
            # the loop of known length is the one that becomes vector code
            for i in range(BLOCK):
                places[i] = _place(np.int64(block[i]), bottom, top)
        else:
            for i in range(block.size):
                places[i] = _place(np.int64(block[i]), bottom, top)
        if present.size:
            mask = present[start : start + BLOCK]
            for i in range(block.size):
                places[i] = places[i] if mask[i] else 0
        whole = block.size // 4 * 4
        for i in range(0, whole, 4):
            one[places[i]] += np.uint32(1)
            two[places[i + 1]] += np.uint32(1)
            three[places[i + 2]] += np.uint32(1)
            four[places[i + 3]] += np.uint32(1)
        for i in range(whole, block.size):
            one[places[i]] += np.uint32(1)
    for lane in range(lanes):
        for i in range(out.size):
            out[i] += np.int64(counters[lane, i])
