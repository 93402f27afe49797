"""The symmetric logarithm that sends floats to buckets; written for the vector units.

``bucket`` is about twelve vector instructions for eight values: no division, no table, no branch.
Each step keeps order under rounding, so that ``v <= w`` always gives ``bucket(v) <= bucket(w)``;
that is all the exactness of counting rests on.
"""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, FLOATS, Integer, given, inner, made
from drift_core.types import AnyArray, FloatArray, IntArray

MANTISSA = 52
F8, I8 = types.float64, types.int64
SHAPE = (given(F8, 2), given(I8, 2))
"""Types of a `Shape`, which a loop takes in two."""


@inner
def bucket(
    value: float,
    low: float,
    high: float,
    centre: float,
    scale: float,
    shift: Integer,
    offset: Integer,
) -> Integer:
    """Bucket of one value: 0 for NaN; see `drift_core.symlog.Symlog` for the others."""
    # both comparisons are false for NaN, which goes the way of `low` until the last line
    inside = value if value > low else low  # noqa: FURB136 - as vector code has it
    inside = inside if inside < high else high  # noqa: FURB136
    distance = inside - centre
    octaves = np.float64(abs(distance) + scale).view(np.int64) - np.float64(scale).view(np.int64)
    # all ones where the distance is negative: turns the sign without a branch. The arithmetic
    # shift rounds down on both sides, so that buckets begin, and never end, at round numbers
    sign = np.float64(distance).view(np.int64) >> 63
    number = ((octaves ^ sign) - sign + (offset << shift)) >> shift
    return number if value == value else 0  # noqa: PLR0124 - NaN is the one that differs


@inner
def place_block(
    block: AnyArray, lines: FloatArray, turns: IntArray, k: int, places: AnyArray
) -> None:
    """Write the buckets of one map, or add them to those of the maps before it."""
    low, high, centre, scale = lines[k, 0], lines[k, 1], lines[k, 2], lines[k, 3]
    shift, offset = turns[k, 0], turns[k, 1]
    # the loops of known length are the ones that become vector code
    if block.size < BLOCK:
        for i in range(block.size):
            more = bucket(np.float64(block[i]), low, high, centre, scale, shift, offset)
            places[i] = more + (places[i] if k else 0)
    elif k == 0:
        for i in range(BLOCK):
            value = np.float64(block[i])
            places[i] = bucket(value, low, high, centre, scale, shift, offset)
    else:
        for i in range(BLOCK):
            value = np.float64(block[i])
            places[i] += np.uint32(bucket(value, low, high, centre, scale, shift, offset))


@njit(
    [types.void(given(dtype), *SHAPE, made(I8)) for dtype in FLOATS],
    nogil=True,
    cache=True,
)
def place_all(values: AnyArray, lines: FloatArray, turns: IntArray, out: IntArray) -> None:
    """Write the bucket of each value: the sum of its buckets on all maps."""
    out[:] = 0
    for k in range(lines.shape[0]):
        low, high, centre, scale = lines[k, 0], lines[k, 1], lines[k, 2], lines[k, 3]
        shift, offset = turns[k, 0], turns[k, 1]
        for i in range(values.size):
            out[i] += bucket(np.float64(values[i]), low, high, centre, scale, shift, offset)
