"""Counts by bucket: the fastest loop, for grids whose knots are the buckets' edges."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, CHUNK, FLOATS, given, inner, made
from drift_core.kernels.symlog import I8, SHAPE, place_block
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray

NARROW = 2_304
"""Up to so many places four arrays of counters fit into the L1 cache; beyond, two."""


@inner
def add_buckets(  # noqa: C901, PLR0912 - calls with arrays cost more than the loop
    values: AnyArray,
    present: BoolArray,
    steps: AnyArray,
    lines: FloatArray,
    turns: IntArray,
    out: IntArray,
) -> None:
    """Add to ``out[bucket(v) + how many steps are at or below v]``; absent values to ``out[0]``.

    `steps` come in pairs, a NaN standing for none. The vector half works out a block's buckets,
    the scalar half counts them into two or four arrays, so that equal neighbours, as a column of
    zeros has them, do not wait for one another's store. 16-bit counters keep them in the L1 cache.
    """
    lanes = 4 if out.size <= NARROW else 2
    places = np.empty(BLOCK, np.uint32)
    counters = np.zeros((lanes, out.size), np.uint16)
    one, two, three, four = counters[0], counters[1], counters[2 % lanes], counters[3 % lanes]
    for begin in range(0, values.size, CHUNK):
        part = values[begin : begin + CHUNK]
        whole = part.size // BLOCK * BLOCK
        for start in range(0, whole, BLOCK):
            block = part[start : start + BLOCK]
            for k in range(lines.shape[0]):
                place_block(block, lines, turns, k, places)
            for k in range(0, steps.size, 2):
                first, second = steps[k], steps[k + 1]
                for i in range(BLOCK):
                    places[i] += np.uint32(block[i] >= first) + np.uint32(block[i] >= second)
            if present.size:
                mask = present[begin + start : begin + start + BLOCK]
                for i in range(BLOCK):
                    places[i] = places[i] if mask[i] else 0
            for i in range(0, BLOCK, 4):
                one[places[i]] += np.uint16(1)
                two[places[i + 1]] += np.uint16(1)
                three[places[i + 2]] += np.uint16(1)
                four[places[i + 3]] += np.uint16(1)
        rest = part[whole:]
        for k in range(lines.shape[0] if rest.size else 0):
            place_block(rest, lines, turns, k, places)
        for i in range(rest.size):
            place = places[i]
            for k in range(steps.size):
                place += np.uint32(rest[i] >= steps[k])
            if present.size and not present[begin + whole + i]:
                place = np.uint32(0)
            one[place] += np.uint16(1)
        for lane in range(lanes):
            for i in range(out.size):
                out[i] += np.int64(counters[lane, i])
        counters[:] = 0


@njit(
    [
        types.void(given(dtype), given(types.boolean), given(dtype), *SHAPE, made(I8))
        for dtype in FLOATS
    ],
    nogil=True,
    cache=True,
)
def tally_buckets(
    values: AnyArray,
    present: BoolArray,
    steps: AnyArray,
    lines: FloatArray,
    turns: IntArray,
    out: IntArray,
) -> None:
    """Add to places as `add_buckets`."""
    add_buckets(values, present, steps, lines, turns, out)
