"""Wasserstein-1 from cells against scipy on the raw values, and its bounds and null mean."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from drift_core import STATISTICS, Grid, WrongKind
from drift_core.evidence.areas import area_between, area_to_median, steps_of
from drift_core.stats import Axis
from drift_core.stats import axis_of as axis_of_grids
from tests.core.stats.lines import axis_of

W1 = STATISTICS["wasserstein"]
SHAPES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(0, 2, n),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.7, 0.0, rng.exponential(size=n)),
    "poisson": lambda rng, n: rng.poisson(4, n).astype(np.float64),
    "beta": lambda rng, n: rng.beta(2, 5, n),
    "student": lambda rng, n: rng.standard_t(2, n),
    "far from zero": lambda rng, n: 1e6 + rng.normal(size=n) * 0.01,
}
CHANGES = {
    "none": lambda x, _: x,
    "shift": lambda x, spread: x + max(1, round(0.25 * spread)) if is_whole(x) else x + spread / 4,
    "far shift": lambda x, spread: x + 5 if is_whole(x) else x + 2 * spread,
    "missing tail": lambda x, _: x[x <= np.quantile(x, 0.95)],
    "half of it twice": lambda x, _: np.concatenate((x, x[x > np.median(x)])),
}


def is_whole(values):
    return bool((values == np.floor(values)).all())


def deviation(values):
    return np.abs(values - np.median(values)).mean()


def exact(reference, current):
    spread = deviation(reference)
    return stats.wasserstein_distance(reference / spread, current / spread)


def compared(reference, current, **settings):
    grid = Grid.numeric(reference, **settings)
    return W1(grid.count(reference), grid.count(current))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_scipys_within_five_percent_and_always_inside_its_bounds(shape, change):
    rng = np.random.default_rng(1)
    reference, current = SHAPES[shape](rng, 20_000), SHAPES[shape](rng, 8_000)
    current = CHANGES[change](current, deviation(reference))
    found, raw = compared(reference, current), exact(reference, current)
    assert found.lower <= raw * (1 + 1e-9)
    assert found.upper is None or raw <= found.upper * (1 + 1e-9)
    # zeros that all move by the same little are somewhere inside the cell beside zero
    slack = 0.12 if (shape, change) == ("zero-inflated", "shift") else 0.05
    assert found.value == pytest.approx(raw, rel=slack)
    if change == "far shift":
        assert [found.lower, found.upper] == pytest.approx([raw, raw], rel=0.05)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("max_cells", [16, 40, 300])
def test_bounds_hold_on_coarse_grids(shape, max_cells):
    rng = np.random.default_rng(2)
    reference, current = SHAPES[shape](rng, 3_000), SHAPES[shape](rng, 1_000) * 1.3
    found, raw = compared(reference, current, max_cells=max_cells), exact(reference, current)
    assert found.lower <= raw * (1 + 1e-9)
    assert found.upper is None or raw <= found.upper * (1 + 1e-9)


values = st.lists(st.integers(-8, 8).map(float), min_size=2, max_size=40)


@given(values.filter(lambda x: len(set(x)) > 1), values)
def test_it_equals_scipy_when_every_value_is_a_cell(reference, current):
    grid = Grid.numeric([*reference, *current])
    found = W1(grid.count(reference), grid.count(current))
    raw = exact(np.array(reference), np.array(current))
    assert found.value == pytest.approx(raw, abs=1e-12)
    assert found.lower == found.value == found.upper


def test_the_unit_is_the_references_own_distance_from_its_median():
    reference = np.array([0.0, 2.0, 4.0, 10.0, 14.0])
    moved = compared(reference, np.full(9, 4.0))
    assert moved.value == pytest.approx(1.0)
    shifted = reference * 1e6 + 3e6
    grid = Grid.numeric([*reference * 1e6, *shifted])
    found = W1(grid.count(reference * 1e6), grid.count(shifted))
    assert found.value == pytest.approx(3 / 4.4, rel=1e-12)


@given(arrays(np.int64, (2, 7), elements=st.integers(0, 30)), arrays(np.bool_, 7), st.data())
def test_no_placing_of_rows_inside_their_cells_leaves_the_bounds(pair, point, data):
    if not pair.sum(1).all():
        return
    axis = axis_of(point)
    rows = [
        np.repeat(axis.lower, side)
        + np.repeat(axis.upper - axis.lower, side)
        * data.draw(arrays(np.float64, int(side.sum()), elements=st.floats(0, 1)))
        for side in pair
    ]
    found = W1.pick(W1.evaluate(*pair, axis), ())
    spread = deviation(rows[0])
    if found.value is None or spread < 1e-9:
        return
    raw = stats.wasserstein_distance(*rows) / spread
    assert found.lower <= raw + 1e-9
    assert found.upper is None or raw <= found.upper + 1e-9


def test_areas_of_straight_lines_by_hand():
    width = np.array([2.0])
    f, g = steps_of(np.array([[1, 0], [0, 1]])), steps_of(np.array([[0, 1], [1, 0]]))
    assert f.right[0].tolist() == [1.0, 1.0]
    rising, level = (f.left[0][:1], f.right[0][:1]), (np.array([0.5]), np.array([0.5]))
    crossing = area_between(type(f)(*rising), type(f)(*level), width)
    assert [float(part[0]) for part in crossing] == [0.0, 0.5, 1.0]
    assert g.right[0].tolist() == [0.0, 1.0]
    to_median = area_to_median(type(f)(*rising), width)
    assert [float(part[0]) for part in to_median] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("m", [300, 3_000, 30_000])
@pytest.mark.parametrize("shape", ["normal", "lognormal", "poisson"])
def test_without_drift_its_mean_is_near_the_null_mean(shape, m):
    rng = np.random.default_rng(3)
    reference = SHAPES[shape](rng, 5_000)
    grid = Grid.numeric(reference, max_cells=128)
    axis, share = axis_of_grids([grid]), grid.count(reference).values / 5_000
    ref, cur = rng.multinomial(5_000, share, 1_500), rng.multinomial(m, share, 1_500)
    found = W1.evaluate(ref, cur, axis)
    off = 0.1 if shape == "lognormal" else 0.04
    assert found.value.mean() == pytest.approx(found.null_mean.mean(), rel=off)


def test_rows_beyond_the_grid_have_a_lower_bound_alone():
    reference = np.random.default_rng(4).normal(size=5_000)
    found = compared(reference, np.append(reference, 1e12))
    assert found.upper is None
    assert found.lower <= found.value < exact(reference, np.append(reference, 1e12))


def test_what_cannot_be_measured_says_why():
    constant = compared(np.full(50, 3.0), np.array([3.0, 4.0]))
    assert (constant.value, constant.reason) == (None, "constant_reference")
    assert constant.p_value is not None
    assert compared(np.full(50, 3.0), np.full(9, 3.0)).value == 0.0
    endless = compared(np.array([1.0, 2.0, np.inf]), np.array([1.0]))
    assert (endless.value, endless.reason) == (None, "infinite_values")
    with pytest.raises(WrongKind, match="where the cells lie"):
        W1.evaluate(np.ones(3, np.int64), np.ones(3, np.int64), Axis())


@settings(max_examples=60)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=40))
def test_any_floats_give_finite_numbers_or_a_reason(given_values):
    column = np.array(given_values)
    found = compared(column, column[::-1][: column.size // 2 + 1] / 2)
    if found.value is None:
        assert found.reason == "constant_reference"
    else:
        assert np.isfinite([found.value, found.lower, found.effect, found.null_mean]).all()
        assert found.upper is None or found.lower <= found.value <= found.upper


def test_it_shares_its_evidence_with_anderson_darling():
    rng = np.random.default_rng(5)
    grid = Grid.numeric(rng.normal(size=4_000))
    ref, cur = grid.count(rng.normal(size=4_000)), grid.count(rng.normal(0.1, 1, 900))
    other = STATISTICS["anderson_darling"]
    assert W1.evidence == other.evidence
    assert W1(ref, cur).p_value == other(ref, cur).p_value
