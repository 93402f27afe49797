"""Wasserstein is scipy's where cells are values, and bounds it where they are not."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from drift_core import STATISTICS, BadGrid, Counts, Grid, Policy, State, judge
from drift_core.stats import Axis

W1 = STATISTICS["wasserstein"]
numbers = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6)), min_size=1, max_size=60
)


def both(reference, current, grid=None):
    grid = grid or Grid.numeric(reference)
    return W1(grid.count(reference), grid.count(current))


def exact(reference, current):
    return stats.wasserstein_distance(reference, current) / np.std(reference)


@given(numbers, numbers)
def test_it_equals_scipy_when_every_value_is_a_cell(reference, current):
    assume(np.std(reference) > 1e-6)
    found = both(reference, current, Grid.numeric([*reference, *current]))
    true = exact(reference, current)
    assert found.value == pytest.approx(true, rel=1e-7, abs=1e-7)
    assert found.lower == pytest.approx(found.value, rel=1e-12)
    assert found.upper == pytest.approx(found.value, rel=1e-12)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([16, 32, 100]), st.floats(-1, 1))
def test_coarse_cells_bound_scipy(seed, max_cells, shift):
    rng = np.random.default_rng(seed)
    reference = np.where(rng.random(400) < 0.3, 0.0, rng.normal(size=400))
    current = np.where(rng.random(150) < 0.3, 0.0, rng.normal(shift, 1, 150))
    found = both(reference, current, Grid.numeric(reference, max_cells=max_cells))
    true = exact(reference, current)
    assert found.lower - 1e-12 <= true
    assert found.upper is None or true <= found.upper + 1e-12


@pytest.mark.parametrize("draw", ["normal", "lognormal", "uniform"])
def test_a_large_column_is_close(draw):
    rng = np.random.default_rng(1)
    reference, current = getattr(rng, draw)(size=50_000), getattr(rng, draw)(size=20_000) + 0.2
    found = both(reference, current)
    true = exact(reference, current)
    # the last open cell of a heavy tail is wide, and its rows are not spread evenly in it
    assert found.value == pytest.approx(true, rel=0.15 if draw == "lognormal" else 0.02)
    assert found.lower < true < found.upper


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1.0, 1e200, 1e307])
def test_the_unit_does_not_matter(scale):
    rng = np.random.default_rng(2)
    reference, current = rng.normal(size=2_000), rng.normal(0.2, 1, 500)
    found, plain = both(reference * scale, current * scale), both(reference, current)
    for name in ("lower", "value", "upper", "effect"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-6)


def test_a_large_offset_does_not_drown_the_spread():
    rng = np.random.default_rng(3)
    reference, current = rng.normal(size=2_000), rng.normal(0.2, 1, 500)
    moved = both(reference + 1.7e9, current + 1.7e9)
    assert moved.value == pytest.approx(both(reference, current).value, rel=1e-5)


def test_beyond_the_last_knot_there_is_no_upper_limit():
    reference = np.random.default_rng(4).normal(size=5_000)
    found = both(reference, np.append(reference[:1_000], 1e9))
    assert found.upper is None
    assert found.reason is None
    assert 0 < found.lower <= found.value < exact(reference, np.append(reference[:1_000], 1e9))


def test_a_constant_that_stays_is_zero_and_one_that_varies_has_no_scale():
    assert both([7.0] * 50, [7.0] * 9).value == 0.0
    found = both([0.1] * 50, [0.1, 0.2])
    assert (found.value, found.effect, found.reason) == (None, None, "constant_reference")
    assert found.p_value < 1


@pytest.mark.parametrize("current", [[1.0, np.inf], [-np.inf], [np.inf, np.inf]])
def test_infinite_values_have_no_distance(current):
    grid = Grid.numeric([0.0, 1.0, np.inf, -np.inf])
    found = both([0.0, 1.0], current, grid)
    assert (found.value, found.reason) == (None, "infinite_values")


def test_levels_without_a_place_are_refused():
    with pytest.raises(BadGrid, match="where the cells lie"):
        W1.evaluate(np.array([1, 2]), np.array([2, 1]), Axis())


@pytest.mark.parametrize("m", [200, 5_000])
def test_without_drift_its_mean_is_the_null_mean(m):
    rng = np.random.default_rng(5)
    reference = rng.normal(size=3_000)
    grid = Grid.numeric(reference)
    # a fresh reference each time, on the same cells
    pairs = [(rng.normal(size=3_000), rng.normal(size=m)) for _ in range(300)]
    found = [both(*pair, grid) for pair in pairs]
    values, means = np.array([(one.value, one.null_mean) for one in found]).T
    assert values.mean() == pytest.approx(means.mean(), rel=0.06)


def test_it_can_decide_and_shares_its_evidence():
    rng = np.random.default_rng(6)
    reference = rng.normal(size=5_000)
    grid = Grid.numeric(reference)
    ref, cur = grid.count(reference), grid.count(rng.normal(0.6, 1, 800))
    policies = [("wasserstein",), ("anderson_darling",), ("wasserstein", "anderson_darling")]
    found = [
        judge({"x": ref}, {"x": cur}, Policy(statistics={"numeric": names})) for names in policies
    ]
    assert all(verdict.state is State.DRIFT for verdict in found)
    assert "wasserstein" in found[0].features["x"].rules
    p_values = {verdict.features["x"].p_value for verdict in found}
    assert len(p_values) == 1


def test_features_with_unlike_grids_are_judged_side_by_side():
    rng = np.random.default_rng(7)
    columns = {"a": rng.normal(size=3_000), "b": rng.poisson(1, 3_000).astype(float)}
    columns["c"] = np.full(3_000, 2.0)
    ref: dict[str, Counts] = {}
    for name, values in columns.items():
        ref[name] = Grid.numeric(values).count(values)
    cur = {name: ref[name].grid.count(values[:500] + 0.3) for name, values in columns.items()}
    policy = Policy(statistics={"numeric": ("wasserstein", "ks", "anderson_darling")})
    together = judge(ref, cur, policy).features
    for name in columns:
        for statistic, found in together[name].estimates.items():
            alone = STATISTICS[statistic](ref[name], cur[name])
            for figure in ("value", "lower", "upper", "p_value"):
                here, there = getattr(found, figure), getattr(alone, figure)
                assert here == there or here == pytest.approx(there, rel=1e-12)
            assert found.reason == alone.reason


def test_its_wide_bounds_do_not_make_a_grid_unfit():
    rng = np.random.default_rng(8)
    reference = rng.lognormal(0, 2, 5_000)
    ref = Grid.numeric(reference).count(reference)
    cur = ref.grid.count(rng.lognormal(0, 2, 1_000))
    found = W1(ref, cur)
    assert found.upper is None or found.upper - found.lower > 0.05
    verdict = judge({"x": ref}, {"x": cur}, Policy(statistics={"numeric": ("wasserstein",)}))
    assert verdict.features["x"].reason is None
