"""Array types of the compiled loops, and how arrays are brought to them."""

from typing import Any

import numpy as np
from numba import types

from drift_core.types import AnyArray, BoolArray

FLOATS = (types.float32, types.float64)
BLOCK = 256
"""Values whose buckets are worked out together: they and their buckets stay in the L1 cache."""
CHUNK = 65_536
"""Values after which 16-bit counters are emptied: four of them share these, so none overflows."""


Integer = int | np.signedinteger[Any]
"""Whole numbers of a loop, which the interpreter and the compiler name differently."""
Shape = tuple[float, float, float, float, int, int]
"""What a monotone map is to a loop: low, high, centre, scale, shift, offset."""


def given(dtype: types.Type) -> types.Type:
    """Type of an array that is only read; `read_only` makes one, so no other need be compiled."""
    return types.Array(dtype, 1, "C", readonly=True)


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
