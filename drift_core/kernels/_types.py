"""Array types of the compiled loops, and how arrays are brought to them."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import types
from numba.extending import register_jitable

from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray

_Function = TypeVar("_Function", bound=Callable[..., Any])
FLOATS = (types.float32, types.float64)
BLOCK = 256
"""Values whose buckets are worked out together: they and their buckets stay in the L1 cache."""
CHUNK = 65_536
"""Values after which 16-bit counters are emptied: four of them share these, so none overflows."""


Integer = int | np.signedinteger[Any]
"""Whole numbers of a loop, which the interpreter and the compiler name differently."""
Shape = tuple[FloatArray, IntArray]
"""What a sum of monotone maps is to a loop: low, high, centre, scale of each, shape (maps, 4), and
shift, offset, shape (maps, 2)."""


class Table(NamedTuple):
    """Knots by bucket; `drift_core.crowds` makes it for the loop over knots that lie anywhere."""

    size: int
    """How many distinct knots there are."""
    knots: AnyArray
    """The knots, of the values' type, and NaN behind them, so that a search may look beyond."""
    only: AnyArray
    """By bucket the only knot in it, or NaN."""
    below: IntArray
    """By bucket the cell below its first knot; one beyond the last cell where it has several."""
    first: IntArray
    """By bucket the number of its first knot."""
    step: int
    """Length of the first step of a search in a bucket that has several knots."""
    inner: IntArray
    """How buckets are cut again, evenly in the floats' ordinals: of each the first knot's ordinal,
    halved, and in one word the first part's number (from bit 32), how many follow it (from bit 8)
    and the shift; shape (buckets, 2). The arrays by bucket are then by part. Empty for no cut."""


def inner(function: _Function) -> _Function:
    """Let loops use a function: it is compiled into each of them, and never loaded by itself."""
    return register_jitable(function)


def given(dtype: types.Type, axes: int = 1) -> types.Type:
    """Type of an array that is only read; `read_only` makes one, so no other need be compiled."""
    return types.Array(dtype, axes, "C", readonly=True)


def made(dtype: types.Type) -> types.Type:
    """Type of an array that a loop writes to."""
    return types.Array(dtype, 1, "C")


def read_only(array: AnyArray) -> AnyArray:
    """View an array as contiguous and read-only; it is copied only where it has gaps."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


EVERY_ROW: BoolArray = read_only(np.zeros(0, np.bool_))
"""Stands for a mask in which every row is present."""
