"""Bins: exact sums of cells."""

import numpy as np

from drift_core import Grid


def test_coarsening_is_additive_and_exact():
    grid = Grid.numeric(np.random.default_rng(1).normal(size=500))
    a, b = grid.count([0.1, 0.2, None]), grid.count([-5.0, 0.3])
    bins = grid.bins(a)
    assert np.array_equal(
        bins.coarsen((a + b).cells), bins.coarsen(a.cells) + bins.coarsen(b.cells)
    )
    big = grid.counts_of(np.full(grid.size, 2**40 + 1))
    assert bins.coarsen(big.cells).sum() == big.rows


def test_equal_choices_are_equal_bins():
    grid = Grid.numeric([1.0, 2.0, 3.0])
    ref = grid.count([1.0, 2.0, 3.0])
    assert grid.bins(ref) == grid.bins(ref)
    assert hash(grid.bins(ref)) == hash(grid.bins(ref))
    assert grid.bins(ref) != grid.bins(ref, 2)
