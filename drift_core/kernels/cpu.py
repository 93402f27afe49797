"""Counting loops for arrays in main memory, compiled without the interpreter's lock.

Never ``parallel=True``: two threads that call such a loop can abort the process.
"""

import numpy as np

from drift_core.kernels._types import EVERY_ROW, Shape, Table, read_only
from drift_core.kernels.integers import tally_integers
from drift_core.kernels.knotted import tally_knots
from drift_core.kernels.mapped import tally_buckets
from drift_core.kernels.search import padded, tally_searched
from drift_core.kernels.symlog import place_all
from drift_core.types import AnyArray, BoolArray, IntArray

CODES = (np.int8, np.int32, np.int64, np.uint32)
"""Integers that are counted without a copy."""


def tally_sorted(values: AnyArray, edges: AnyArray, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count floats between sorted edges; the public function is `drift_core.kernels`'."""
    return tally_padded(values, read_only(padded(edges)), edges.size, present)


def tally_padded(
    values: AnyArray, tree: AnyArray, edges: int, present: BoolArray = EVERY_ROW
) -> IntArray:
    """Count floats between padded edges; the public function is `drift_core.kernels`'."""
    out = np.zeros(edges + 2, np.int64)
    tally_searched(read_only(values), read_only(present), tree, out)
    return out


def tally_mapped(
    values: AnyArray, shape: Shape, size: int, steps: AnyArray, present: BoolArray = EVERY_ROW
) -> IntArray:
    """Count floats by bucket; the public function is `drift_core.kernels`'."""
    out = np.zeros(size + steps.size, np.int64)
    tally_buckets(read_only(values), read_only(present), read_only(steps), *shape, out)
    return out


def tally_knotted(
    values: AnyArray,
    shape: Shape,
    table: Table,
    present: BoolArray = EVERY_ROW,
) -> IntArray:
    """Count floats by knot; the public function is `drift_core.kernels`'."""
    out = np.zeros(2 * table.size + 2, np.int64)
    tally_knots(read_only(values), read_only(present), table, *shape, out)
    return out


def tally_range(values: AnyArray, low: int, size: int, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count integers near one another; the public function is `drift_core.kernels`'."""
    out = np.zeros(size + 1, np.int64)
    tally_integers(read_only(_known(values)), read_only(present), low, out)
    return out


def place(values: AnyArray, shape: Shape) -> IntArray:
    """Place floats in buckets; the public function is `drift_core.kernels`'."""
    out = np.empty(values.size, np.int64)
    place_all(read_only(values), *shape, out)
    return out


def _known(values: AnyArray) -> AnyArray:
    if values.dtype in CODES:
        return values
    if values.dtype == np.bool_:
        return values.view(np.int8)
    if values.dtype == np.uint64:
        # the largest would turn negative; where they count they are all alike
        values = np.minimum(values, np.uint64(np.iinfo(np.int64).max))
    return values.astype(np.int32 if values.dtype.itemsize < np.int32().itemsize else np.int64)
