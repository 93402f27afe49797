"""Cells from the places that a loop counted into: sums of neighbours, in one pass."""

import numpy as np
from numba import njit

from drift_core.kernels._types import given, inner, made
from drift_core.kernels.symlog import I8
from drift_core.types import IntArray


@inner
def write_between(places: IntArray, starts: IntArray, sums: IntArray) -> None:
    """Write the sums of `between`, shape (starts + 2,)."""
    below = np.empty(places.size + 1, np.int64)
    below[0] = 0
    for place in range(places.size):
        below[place + 1] = below[place] + places[place]
    sums[0] = places[0]
    last = below[1]
    for cell in range(starts.size):
        begin = below[min(starts[cell], places.size)]
        sums[cell + 1] = begin - last
        last = begin
    sums[-1] = below[-1] - last


@njit([made(I8)(given(I8), given(I8))], nogil=True, cache=True)
def between(places: IntArray, starts: IntArray) -> IntArray:
    """Sum the places of each cell, the first from place 1 on; place 0 stays alone.

    `starts`, where each later cell begins, never decrease and are at least 1.
    """
    sums = np.empty(starts.size + 2, np.int64)
    write_between(places, starts, sums)
    return sums
