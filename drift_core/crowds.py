"""Knots by bucket, for counting over knots that lie anywhere; crowded buckets are cut again."""

import numpy as np

from drift_core.kernels import Table, read_only
from drift_core.spread import FEW
from drift_core.symlog import ordinal
from drift_core.types import AnyArray, IntArray

_PARTS_A_KNOT = 8
_MOST_PARTS = 24
"""Bits of the number of a bucket's parts."""
_NOT_CUT = 63


def table_of(knots: AnyArray, at: IntArray, size: int) -> Table:
    """Lay knots out by bucket.

    Parameters
    ----------
    knots
        Shape (knots,), float32 or float64, strictly increasing, without NaN.
    at, size
        Bucket of each knot, and the number of buckets; none is in bucket 0.
    """
    inside = np.bincount(at, minlength=size)
    inner = np.zeros((0, 2), np.int64)
    if inside[inside > 1].sum() > FEW * knots.size:
        inner, at = _cut(knots, at, inside)
        inside = np.bincount(at)
    first = np.cumsum(inside) - inside
    only = np.full(inside.size, np.nan, knots.dtype)
    only[at] = knots
    only[inside > 1] = np.nan
    below = np.where(inside > 1, 2 * knots.size + 2, 2 * first + 1)
    below[0] = 0  # NaN's bucket
    step = (1 << int(inside.max()).bit_length()) >> 1
    behind = np.full(2 * step, np.nan, knots.dtype)
    return Table(
        size=knots.size,
        knots=read_only(np.concatenate((knots, behind))),
        only=read_only(only),
        below=read_only(below.astype(np.int32)),
        first=read_only(first.astype(np.int32)),
        step=step,
        inner=read_only(inner),
    )


def _cut(knots: AnyArray, at: IntArray, inside: IntArray) -> tuple[IntArray, IntArray]:
    """Cut each bucket with several knots evenly between its first and its last.

    Returns
    -------
    The table's `inner`, and the part that each knot is in.
    """
    # halved, so that no difference between two leaves the integers
    halves = ordinal(knots.astype(np.float64) + 0.0) >> 1
    several = np.flatnonzero(inside > 1)
    ends = np.cumsum(inside)[several]
    base, shift, last = np.zeros((3, inside.size), np.int64)
    base[several] = halves[ends - inside[several]]
    span = halves[ends - 1] - base[several]
    # the shift that leaves at most so many parts
    room = np.minimum(np.frexp(inside[several] * _PARTS_A_KNOT)[1] - 1, _MOST_PARTS)
    length = np.array([number.bit_length() for number in span.tolist()], np.int64)
    shift[:] = _NOT_CUT
    shift[several] = np.maximum(length - room, 0)
    last[several] = span >> shift[several]
    begin = np.cumsum(last + 1) - (last + 1)
    parts = begin[at] + np.clip((halves - base[at]) >> shift[at], 0, last[at])
    return np.stack((base, (begin << 32) | (last << 8) | shift), axis=1), parts
