"""Total variation against its definition as the most that any set of bins can gain."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drift_core import STATISTICS, Grid
from drift_core.stats import Axis

TV = STATISTICS["total_variation"]
sides = arrays(np.int64, 6, elements=st.integers(0, 400)).filter(np.any)


@given(sides, sides)
def test_it_is_the_most_that_a_set_of_bins_gains(ref, cur):
    found = TV.pick(TV.evaluate(ref, cur, Axis()), ())
    gain = cur / cur.sum() - ref / ref.sum()
    most = max(float(np.dot(gain, chosen)) for chosen in product((0, 1), repeat=6))
    assert found.value == pytest.approx(most, abs=1e-12)


def test_it_is_never_below_the_distance_of_the_distribution_functions_over_the_bins():
    rng = np.random.default_rng(1)
    ref, cur = rng.multinomial(500, np.full(10, 0.1)), rng.multinomial(300, np.full(10, 0.1))
    ks = np.abs(np.cumsum(ref) / 500 - np.cumsum(cur) / 300).max()
    assert TV.evaluate(ref, cur, Axis()).value >= ks


@pytest.mark.parametrize("m", [200, 1_000, 20_000])
def test_without_drift_its_mean_is_the_null_mean(m):
    rng, share = np.random.default_rng(1), np.full(10, 0.1)
    ref, cur = rng.multinomial(5_000, share, 2_000), rng.multinomial(m, share, 2_000)
    found = TV.evaluate(ref, cur, Axis())
    assert found.value.mean() == pytest.approx(found.null_mean.mean(), rel=0.02)
    assert found.effect.mean() == pytest.approx(0.0, abs=0.05 * found.null_mean.mean())


def test_the_effect_errs_downwards():
    rng = np.random.default_rng(2)
    p, q = np.full(10, 0.1), np.array([0.05] * 5 + [0.15] * 5)
    found = TV.evaluate(rng.multinomial(5_000, p, 3_000), rng.multinomial(1_000, q, 3_000), Axis())
    assert 0.25 - found.null_mean.mean() - 0.001 <= found.effect.mean() < 0.25


def test_missing_rows_moved_too():
    grid = Grid.numeric([1.0, 2.0])
    found = TV(grid.count([1.0, 2.0] * 50), grid.count([1.0, 2.0, None, None]))
    assert found.value == pytest.approx(0.5)
