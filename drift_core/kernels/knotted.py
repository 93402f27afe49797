"""Counts by bucket and knot: the loops for knots that lie anywhere."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, CHUNK, FLOATS, Table, given, inner, made
from drift_core.kernels.symlog import I8, SHAPE, place_block
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray

_I4 = types.int32
_TURN = np.iinfo(np.int64).min
_LAST = (1 << 24) - 1


def _table(dtype: types.Type) -> types.Type:
    by_bucket = given(dtype), given(dtype), given(_I4), given(_I4)
    return types.NamedTuple((I8, *by_bucket, I8, given(I8, 2)), Table)  # type: ignore[no-untyped-call]


@inner
def _cut(block: AnyArray, table: Table, places: AnyArray) -> None:
    """Go from buckets to the parts that they are cut into."""
    inner = table.inner
    for i in range(block.size):
        bits = np.float64(block[i]).view(np.int64)
        # the ordinal among all floats, halved so that no difference leaves the integers
        half = (bits if bits >= 0 else _TURN - bits) >> 1
        word = inner[places[i], 1]
        part = np.int64((half - inner[places[i], 0]) >> (word & 63))
        places[i] = min(max(part, 0), (word >> 8) & _LAST) + (word >> 32)


@inner
def _search(block: AnyArray, table: Table, left: AnyArray, many: int, counters: AnyArray) -> None:
    """Count the values of which ``left`` names the place in the block, and behind it the part."""
    knots, first = table.knots, table.first
    for j in range(many):
        left[BLOCK + j] = first[left[BLOCK + j]]
    step = table.step
    while step > 0:
        # one level of the search for all at a time: they do not wait for one another
        for j in range(many):
            at = left[BLOCK + j]
            left[BLOCK + j] = at + step * (knots[np.uint32(at + step - 1)] <= block[left[j]])
        step >>= 1
    for j in range(many):
        found = np.int64(left[BLOCK + j])
        tie = knots[found - (found > 0)] == block[left[j]]
        counters[j & 1, np.uint32(1 + 2 * found - tie)] += np.uint16(1)


@inner
def _settle(
    block: AnyArray, table: Table, places: AnyArray, left: AnyArray, counters: AnyArray
) -> None:
    """Count a block's values; those where several knots are together are listed and searched."""
    only, below, crowded = table.only, table.below, counters.shape[1] - 1
    many = 0
    for i in range(block.size):
        place, here = places[i], block[i]
        cell, knot = below[place], only[place]
        left[many], left[BLOCK + many] = i, place
        many += cell == crowded
        cell += np.int32(here >= knot) + np.int32(here > knot)
        counters[i & 1, np.uint32(cell)] += np.uint16(1)
    if many:
        _search(block, table, left, many, counters)


@njit(
    [
        types.void(given(dtype), given(types.boolean), _table(dtype), *SHAPE, made(I8))
        for dtype in FLOATS
    ],
    nogil=True,
    cache=True,
)
def tally_knots(
    values: AnyArray,
    present: BoolArray,
    table: Table,
    lines: FloatArray,
    turns: IntArray,
    out: IntArray,
) -> None:
    """Count absent values, then those below the first knot, equal to it, between it and the next.

    There are so many buckets that nearly all hold one knot, ``only[bucket]``, or none, a NaN:
    two comparisons settle where a value is. Where no map does that, each bucket is cut again, by a
    shift of its own. Values where several knots are still together go to a list, and a search
    among these settles the rest.
    """
    only, below, nested = table.only, table.below, table.inner.size > 0
    places, left = np.empty(BLOCK, np.uint32), np.empty(2 * BLOCK, np.uint32)
    counters = np.zeros((2, out.size + 1), np.uint16)
    for begin in range(0, values.size, CHUNK):
        part = values[begin : begin + CHUNK]
        for start in range(0, part.size, BLOCK):
            block = part[start : start + BLOCK]
            for k in range(lines.shape[0]):
                place_block(block, lines, turns, k, places)
            if present.size:
                mask = present[begin + start : begin + start + BLOCK]
                for i in range(block.size):
                    places[i] = places[i] if mask[i] else 0
            if nested:
                _cut(block, table, places)
            if table.step == 1:
                for i in range(block.size):
                    cell, knot = below[places[i]], only[places[i]]
                    cell += np.int32(block[i] >= knot) + np.int32(block[i] > knot)
                    counters[i & 1, np.uint32(cell)] += np.uint16(1)
            else:
                _settle(block, table, places, left, counters)
        for i in range(out.size):
            out[i] += np.int64(counters[0, i]) + np.int64(counters[1, i])
        counters[:] = 0
