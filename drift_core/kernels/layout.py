"""Many windows' vectors as rows of cells and of bins, feature by feature; without the lock."""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import given, read_only
from drift_core.types import FIRST_VALUE, IntArray

_VECTORS = types.Array(types.int64, 2, "C", readonly=True)
_INTS = given(types.int64)
_OUT = types.Array(types.int64, 3, "C")


def lay_out(
    vectors: IntArray, starts: IntArray, sizes: IntArray, index: IntArray, bins: int
) -> tuple[IntArray, IntArray]:
    """Read some features' cells out of vectors, and merge them into bins.

    Parameters
    ----------
    vectors
        Shape (W, cells of all features).
    starts, sizes
        Shape (F,): where each feature's cells begin, and how many there are.
    index
        Shape (F, most cells): the bin of each cell; what stands past a feature's own is not read.
    bins
        The most bins that a feature has.

    Returns
    -------
    Values of shape (F, W, most cells - 2), which leave out what is missing or invalid, and bins
    of shape (F, W, bins). Both are padded with zeros.
    """
    shape = (starts.size, vectors.shape[0])
    values = np.zeros((*shape, index.shape[1] - FIRST_VALUE), np.int64)
    merged = np.zeros((*shape, bins), np.int64)
    where = read_only(starts), read_only(sizes), read_only(index)
    _lay_out(read_only(vectors), *where, values, merged)
    return values, merged


@njit([types.void(_VECTORS, _INTS, _INTS, _VECTORS, _OUT, _OUT)], nogil=True, cache=True)
def _lay_out(
    vectors: IntArray,
    starts: IntArray,
    sizes: IntArray,
    index: IntArray,
    values: IntArray,
    merged: IntArray,
) -> None:
    for f in range(starts.size):
        for w in range(vectors.shape[0]):
            start = starts[f]
            for k in range(FIRST_VALUE):
                merged[f, w, index[f, k]] += vectors[w, start + k]
            # neighbours mostly share a bin, which is written once
            held, bin_ = 0, index[f, FIRST_VALUE] if sizes[f] > FIRST_VALUE else 0
            for k in range(FIRST_VALUE, sizes[f]):
                rows = vectors[w, start + k]
                values[f, w, k - FIRST_VALUE] = rows
                if index[f, k] != bin_:
                    merged[f, w, bin_] += held
                    held, bin_ = 0, index[f, k]
                held += rows
            merged[f, w, bin_] += held
