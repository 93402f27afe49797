"""KS from counts is scipy's where cells are values, and bounds it where they are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from drift_core import STATISTICS, Grid, WrongKind
from drift_core.evidence.calibration import bins_p_value

KS = STATISTICS["ks"]
numbers = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.floats(allow_nan=False)), min_size=1, max_size=60
)


def scipy_ks(reference, current):
    # its asymptotic p-value divides by zero for one row against one
    few = min(len(reference), len(current)) < 3
    return stats.ks_2samp(reference, current, method="exact" if few else "asymp")


def both(reference, current, grid=None):
    grid = grid or Grid.numeric(reference)
    return KS(grid.count(reference), grid.count(current))


@given(numbers, numbers)
def test_it_equals_scipy_when_every_value_is_a_cell(reference, current):
    grid = Grid.numeric([*reference, *current])
    found = both(reference, current, grid)
    exact = scipy_ks(reference, current).statistic
    assert found.value == pytest.approx(exact, abs=1e-12)
    assert found.lower == found.value == found.upper


@given(numbers, numbers)
def test_knots_at_the_reference_suffice(reference, current):
    exact = scipy_ks(reference, current).statistic
    assert both(reference, current).value == pytest.approx(exact, abs=1e-12)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([16, 32, 100]), st.floats(-1, 1))
def test_coarse_cells_bound_scipy(seed, max_cells, shift):
    rng = np.random.default_rng(seed)
    reference = np.where(rng.random(400) < 0.3, 0.0, rng.normal(size=400))
    current = np.where(rng.random(150) < 0.3, 0.0, rng.normal(shift, 1, 150))
    found = both(reference, current, Grid.numeric(reference, max_cells=max_cells))
    exact = scipy_ks(reference, current).statistic
    assert found.lower - 1e-12 <= exact <= found.upper + 1e-12


SHAPES = {
    "constant": (np.full(50, 3.0), np.full(20, 3.0)),
    "constant then not": (np.full(50, 3.0), np.arange(20.0)),
    "zero-inflated": (np.repeat([0.0, 1.5, 2.5], [95, 3, 2]), np.repeat([0.0, 9.0], [40, 10])),
    "one row": (np.arange(100.0), np.array([17.5])),
    "one row each": (np.array([1.0]), np.array([1.0])),
    "apart": (np.arange(10.0), np.arange(10.0) + 100),
    "infinite": (np.array([-np.inf, 0, 1, np.inf]), np.array([np.inf, np.inf, 0.5])),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_odd_columns(shape):
    reference, current = SHAPES[shape]
    exact = scipy_ks(reference, current).statistic
    assert both(reference, current).value == pytest.approx(exact, abs=1e-12)


def test_a_large_continuous_column_is_within_its_bracket():
    rng = np.random.default_rng(1)
    reference, current = rng.normal(size=50_000), rng.normal(0.1, 1.1, 20_000)
    found = both(reference, current)
    assert found.upper - found.lower <= 0.0041
    exact = scipy_ks(reference, current)
    assert found.lower <= exact.statistic <= found.upper


def test_missing_and_invalid_take_no_part():
    grid = Grid.numeric([1.0, 2.0, 3.0])
    found = KS(grid.count([1.0, 2.0, 3.0, None, "x"]), grid.count([1.0, None, None, 2.0]))
    assert (found.n_ref, found.n_cur) == (3, 2)
    assert found.value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("reference", "current", "reason"),
    [
        ([], [1.0], "no_reference_rows"),
        ([1.0], [], "no_current_rows"),
        ([], [], "no_reference_rows"),
    ],
)
def test_without_rows_there_is_no_value_but_a_reason(reference, current, reason):
    found = both(reference, current, Grid.numeric([1.0, 2.0]))
    assert found.reason == reason
    assert [found.value, found.lower, found.upper, found.effect, found.p_value] == [None] * 5


def test_a_continuous_p_value_is_kolmogorovs():
    rng = np.random.default_rng(2)
    reference, current = rng.normal(size=900), rng.normal(0.1, 1, 600)
    exact = scipy_ks(reference, current)
    limit = exact.statistic * np.sqrt(900 * 600 / 1500)
    assert both(reference, current).p_value == pytest.approx(stats.kstwobign.sf(limit), rel=1e-9)


def test_few_rows_outside_the_largest_cell_are_judged_by_three_bins():
    reference, current = np.repeat([-1.0, 0.0, 1.0], [5, 985, 10]), np.repeat([0.0, 1.0], [95, 5])
    found = both(reference, current)
    assert found.p_value == bins_p_value(np.array([5, 985, 10]), np.array([0, 95, 5]))


def test_ties_do_not_silence_it():
    rng, p = np.random.default_rng(3), []
    for _ in range(400):
        draws = [np.where(rng.random(k) < 0.7, 0.0, rng.exponential(size=k)) for k in (2_000, 800)]
        p.append(both(*draws).p_value)
    # Kolmogorov's law alone rejects less than 1 % here
    assert 0.025 <= np.mean(np.array(p) <= 0.05) <= 0.08


def test_levels_are_not_its_business():
    grid = Grid.categorical(["a"])
    with pytest.raises(WrongKind, match="ks judges"):
        KS(grid.zero(), grid.zero())
