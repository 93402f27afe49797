"""Knots by bucket, for counting over knots that lie anywhere; crowded buckets are cut again."""

from typing import NamedTuple

import numpy as np

from drift_core.kernels import Table, read_only
from drift_core.placing.spread import spread_knots
from drift_core.placing.symlog import ordinal
from drift_core.placing.symlogs import Symlogs
from drift_core.types import AnyArray, IntArray

_PARTS_A_KNOT = 8
_MOST_PARTS = 24
"""Bits of the number of a bucket's parts."""
_UNCUT = 63
_NO_CUT = np.zeros((0, 2), np.int64)
_A_MAP, _A_CUT, _A_SEARCH, _A_LEVEL = 0.25, 1.2, 2.5, 0.8
"""What they cost for a value, roughly, in nanoseconds, as measured."""


class Laid(NamedTuple):
    """Knots laid out by bucket, and what a value is expected to cost besides, in nanoseconds."""

    line: Symlogs
    table: Table
    cost: float


def lay_out(knots: AnyArray) -> Laid | None:
    """Choose how many maps part the knots, and whether to cut crowded buckets: the cheapest way.

    Values are taken to be spread as the knots are. `None` for fewer than two finite knots.

    Parameters
    ----------
    knots
        Shape (knots,), float32 or float64, strictly increasing, without NaN.
    """
    parts = spread_knots(knots.astype(np.float64))
    ways = []
    for number in range(1, len(parts) + 1):
        line = Symlogs(parts[:number])
        at = line.place(knots)
        plain = _table_of(knots, at, np.bincount(at, minlength=line.size), _NO_CUT)
        ways.append(Laid(line, plain, number * _A_MAP + _search_cost(plain)))
        if plain.step > 1:
            inner, at, size = _cut(knots, at, np.bincount(at, minlength=line.size))
            cut = _table_of(knots, at, np.bincount(at, minlength=size), inner)
            ways.append(Laid(line, cut, number * _A_MAP + _A_CUT + _search_cost(cut)))
    return min(ways, key=lambda way: way.cost, default=None)


def _search_cost(table: Table) -> float:
    crowded = np.flatnonzero(table.below == 2 * table.size + 2)
    behind = np.append(table.first, table.size)[crowded + 1]
    share = float((behind - table.first[crowded]).sum()) / table.size
    return share * (_A_SEARCH + _A_LEVEL * table.step.bit_length())


def _table_of(knots: AnyArray, at: IntArray, inside: IntArray, inner: IntArray) -> Table:
    """Lay out knots that are in the buckets, or parts of buckets, `at`; none is in the first."""
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


def _cut(knots: AnyArray, at: IntArray, inside: IntArray) -> tuple[IntArray, IntArray, int]:
    """Cut each bucket with several knots evenly between its first and its last.

    Returns
    -------
    The table's `inner`, the part that each knot is in, and how many parts there are.
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
    shift[:] = _UNCUT
    shift[several] = np.maximum(length - room, 0)
    last[several] = span >> shift[several]
    begin = np.cumsum(last + 1) - (last + 1)
    parts = begin[at] + np.clip((halves - base[at]) >> shift[at], 0, last[at])
    words = (begin << 32) | (last << 8) | shift
    return np.stack((base, words), axis=1), parts, int((last + 1).sum())
