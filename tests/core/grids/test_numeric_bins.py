"""Numeric bins: equal mass, mass points alone, guards where a reference stands still."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_core import BinLabel, Grid


def binned(values, count=10):
    grid = Grid.numeric(values)
    ref = grid.count(values)
    bins = grid.bins(ref, count)
    return grid, bins, bins.coarsen(ref.cells)


def test_a_continuous_column_gets_deciles():
    values = np.random.default_rng(1).normal(size=20_000)
    _, bins, counts = binned(values)
    assert bins.size == 12
    assert counts[:2].tolist() == [0, 0]
    assert np.abs(counts[2:] - 2_000).max() <= 45
    assert (bins.labels[2].lower, bins.labels[-1].upper) == (None, None)
    assert bins.labels[5].upper == bins.labels[6].lower


def test_a_mass_point_is_a_bin_of_its_own():
    rng = np.random.default_rng(2)
    values = np.where(rng.random(20_000) < 0.6, 0.0, rng.normal(size=20_000))
    _, bins, counts = binned(values)
    zero = bins.labels.index(BinLabel("value", 0.0, 0.0))
    assert counts[zero] == (values == 0).sum()
    # a fifth of the rows on either side: two bins each
    assert bins.size == 2 + 2 + 1 + 2


def test_a_constant_reference_has_guards_on_both_sides():
    _, bins, counts = binned([7.0] * 50)
    assert [label.kind for label in bins.labels[2:]] == ["range", "value", "range"]
    assert counts.tolist() == [0, 0, 0, 50, 0]
    assert bins.labels[4] == BinLabel("range", 7.0, None)


def test_a_binary_column_has_its_two_values_the_gap_and_guards():
    _, bins, counts = binned([0] * 60 + [1] * 40)
    assert counts.tolist() == [0, 0, 0, 60, 0, 40, 0]
    assert bins.labels[4] == BinLabel("range", 0.0, 1.0)


def test_beyond_the_range_is_folded_into_an_end_bin_with_mass():
    values = np.random.default_rng(3).normal(size=5_000)
    grid, bins, counts = binned(values)
    beyond = bins.coarsen(grid.count([-1e6, 1e6, np.inf, -np.inf]).cells)
    assert beyond[[2, -1]].tolist() == [2, 2]
    assert (counts[2:] > 0).all()


def test_an_empty_reference_has_one_value_bin():
    _, bins, counts = binned([None, None])
    assert bins.size == 3
    assert counts.tolist() == [2, 0, 0]


@pytest.mark.parametrize("count", [1, 2, 20])
def test_the_count_is_a_wish(count):
    _, bins, _ = binned(np.random.default_rng(4).normal(size=5_000), count)
    assert bins.size == 2 + count


@settings(max_examples=80)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=200), st.integers(1, 12))
def test_bins_coarsen_exactly(values, count):
    grid, bins, counts = binned(np.array(values, np.float64), count)
    assert counts.sum() == len(values)
    assert bins.index.shape == (grid.size,)
    assert (np.diff(bins.index) >= 0).all()
    assert set(bins.index.tolist()) == set(range(bins.size))
    assert len(bins.labels) == bins.size
    heavy = {v for v in values if values.count(v) * count >= len(values)}
    alone = {label.lower for label in bins.labels if label.kind == "value"}
    assert heavy <= alone
