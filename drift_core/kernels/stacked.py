"""Columns of one table counted by bucket in one call: what a call costs is most of some columns."""

from typing import NamedTuple

import numpy as np
from numba import carray, njit, types  # type: ignore[attr-defined]

from drift_core.kernels._types import EVERY_ROW, FLOATS, given, made
from drift_core.kernels.cells import write_between
from drift_core.kernels.mapped import add_buckets
from drift_core.kernels.memory import pointer
from drift_core.kernels.symlog import F8, I8
from drift_core.types import AnyArray, FloatArray, IntArray


class Stack(NamedTuple):
    """Maps, steps and cells of many grids end to end; `drift_core.placing.stacks` makes it."""

    lines: FloatArray
    turns: IntArray
    steps: AnyArray
    """Of the columns' own type."""
    starts: IntArray
    """By cell but the first of each grid, the place where it begins."""
    bounds: IntArray
    """By grid where its maps, steps and starts begin and end, how many places it has, and where its
    cells lie: shape (grids, 8)."""


def _stack(dtype: types.Type) -> types.Type:
    parts = given(F8, 2), given(I8, 2), given(dtype), given(I8), given(I8, 2)
    return types.NamedTuple(parts, Stack)  # type: ignore[no-untyped-call]


@njit(
    [types.void(given(types.uint64), I8, given(I8), _stack(dtype), made(I8)) for dtype in FLOATS],
    nogil=True,
    cache=True,
)
def tally_stacked(
    addresses: AnyArray, rows: int, which: IntArray, stack: Stack, out: IntArray
) -> None:
    """Write how many values are missing, and how many in each cell, for some of the grids.

    Of each column in ``which`` grid's cells: its missing values at the first, its values from the
    third on. The columns lie at ``addresses``, each of ``rows`` values of the steps' type.
    """
    for column in range(which.size):
        bounds = stack.bounds[which[column]]
        values = carray(pointer(addresses[column], stack.steps), (rows,))
        lines, turns = stack.lines[bounds[0] : bounds[1]], stack.turns[bounds[0] : bounds[1]]
        starts = stack.starts[bounds[4] : bounds[5]]
        places = np.zeros(bounds[6], np.int64)
        add_buckets(values, EVERY_ROW, stack.steps[bounds[2] : bounds[3]], lines, turns, places)
        sums = np.empty(starts.size + 2, np.int64)
        write_between(places, starts, sums)
        first = bounds[7]
        out[first] = sums[0]
        out[first + 2 : first + 1 + sums.size] = sums[1:]
