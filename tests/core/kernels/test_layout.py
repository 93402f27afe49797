"""Vectors are laid out as cells and bins, whatever order the bins are in."""

import numpy as np

from drift_core.kernels import lay_out


def test_cells_and_bins_are_those_of_each_feature():
    rng = np.random.default_rng(1)
    vectors = rng.integers(0, 50, (3, 30))
    starts, sizes = np.array([4, 20]), np.array([9, 2])
    index = np.zeros((2, 9), np.int64)
    # neither contiguous nor sorted, as a category's bins may be
    index[0] = [0, 1, 4, 2, 2, 4, 3, 3, 2]
    index[1, :2] = [0, 1]
    values, bins = lay_out(vectors, starts, sizes, index, 6)
    assert (values.shape, bins.shape) == ((2, 3, 7), (2, 3, 6))
    for window in range(3):
        cells = vectors[window, 4:13]
        np.testing.assert_array_equal(values[0, window], cells[2:])
        expected = np.bincount(index[0], weights=cells, minlength=6)
        np.testing.assert_array_equal(bins[0, window], expected)
        np.testing.assert_array_equal(bins[1, window, :2], vectors[window, 20:22])
    assert not values[1].any()
    assert not bins[1, :, 2:].any()
