"""Anderson-Darling is scipy's where cells are values; its p-value holds, ties or not."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from drift_core import STATISTICS, Grid
from drift_core.evidence.calibration import bins_p_value
from drift_core.stats import Axis

AD = STATISTICS["anderson_darling"]
samples = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6)), min_size=2, max_size=40
)


def both(reference, current, grid=None):
    grid = grid or Grid.numeric(reference)
    return AD(grid.count(reference), grid.count(current))


def exact(reference, current):
    """Scipy's statistic, from which its standardisation is taken off again."""
    with warnings.catch_warnings():
        # it caps its p-value, which is not asked for, and says so
        warnings.simplefilter("ignore")
        told = stats.anderson_ksamp([reference, current], midrank=True).statistic
    n, m = len(reference), len(current)
    rows = n + m
    low = 1 / np.arange(1, rows)
    tail = sum(np.sum(1 / ((rows - i) * np.arange(i + 1, rows))) for i in range(1, rows - 1))
    inverse, harmonic = 1 / n + 1 / m, low.sum()
    a = (4 * tail - 6) + (10 - 6 * tail) * inverse
    b = (2 * tail - 4) * 4 + 16 * harmonic + (2 * tail - 14 * harmonic - 4) * inverse
    b += -8 * harmonic + 4 * tail - 6
    c = (6 * harmonic + 2 * tail - 2) * 4 + (4 * harmonic - 4 * tail + 6) * 2
    c += (2 * harmonic - 6) * inverse + 4 * harmonic
    d = (2 * harmonic + 6) * 4 - 8 * harmonic
    cubic = a * rows**3 + b * rows**2 + c * rows + d
    return 1 + told * np.sqrt(cubic / ((rows - 1) * (rows - 2) * (rows - 3)))


@settings(max_examples=200)
@given(samples, samples)
def test_it_equals_scipy_with_and_without_ties(reference, current):
    assume(len({*reference, *current}) > 1)
    grid = Grid.numeric([*reference, *current])
    found = both(reference, current, grid)
    assert found.value == pytest.approx(exact(reference, current), rel=1e-9, abs=1e-9)
    assert found.lower == found.value == found.upper


def test_two_values_are_a_two_by_two_table():
    table = np.array([[930, 70], [340, 60]])
    found = AD.evaluate(*table, Axis())
    pearson = stats.chi2_contingency(table, correction=False)
    assert found.value == pytest.approx(pearson.statistic * 1399 / 1400)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.value, 1), rel=1e-9)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([16, 32, 100]), st.floats(-1, 1))
def test_coarse_cells_bound_scipy(seed, max_cells, shift):
    rng = np.random.default_rng(seed)
    reference = np.where(rng.random(400) < 0.3, 0.0, rng.normal(size=400))
    current = np.where(rng.random(150) < 0.3, 0.0, np.round(rng.normal(shift, 1, 150), 1))
    found = both(reference, current, Grid.numeric(reference, max_cells=max_cells))
    assert found.lower - 1e-9 <= exact(reference, current) <= found.upper + 1e-9


def test_a_large_continuous_column_is_close():
    rng = np.random.default_rng(1)
    reference, current = rng.normal(size=6_000), rng.normal(0.1, 1.1, 1_500)
    found = both(reference, current)
    true = exact(reference, current)
    assert found.value == pytest.approx(true, rel=0.01)
    assert found.lower < true < found.upper


def test_the_effect_does_not_grow_with_the_rows():
    rng = np.random.default_rng(2)
    found = [both(rng.normal(size=n), rng.normal(0.25, 1, n // 4)) for n in (8_000, 80_000)]
    for one in found:
        assert one.effect == pytest.approx(0.172, rel=0.1)
    assert found[1].value > 5 * found[0].value


def test_few_rows_outside_the_largest_cell_are_judged_by_three_bins():
    found = AD.evaluate(np.array([5, 985, 10]), np.array([0, 95, 5]), Axis())
    assert found.p_value == bins_p_value(np.array([5, 985, 10]), np.array([0, 95, 5]))


def test_it_sees_a_shift_that_bins_do_not():
    rng = np.random.default_rng(3)
    found = {"anderson_darling": 0, "ks": 0, "psi": 0}
    for _ in range(150):
        reference = rng.normal(size=4_000)
        grid = Grid.numeric(reference, max_cells=256)
        ref, cur = grid.count(reference), grid.count(rng.normal(0.1, 1, 1_000))
        for name in found:
            found[name] += STATISTICS[name](ref, cur).p_value <= 0.05
    assert found["anderson_darling"] > found["ks"] > found["psi"]
