"""Where knots go: exact for few values, fine enough for many, and beyond both ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_core import BadGrid, Grid
from drift_core.placing.knots import choose_knots

SHAPES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(0, 2, n),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.7, 0.0, rng.normal(size=n)),
    "heavy ties": lambda rng, n: np.round(rng.normal(size=n), 3),
    "one outlier": lambda rng, n: np.append(rng.normal(size=n - 1), 1e12),
    "huge": lambda rng, n: rng.normal(size=n) * 1e307,
    "tiny": lambda rng, n: rng.normal(size=n) * 1e-310,
    "zipf": lambda rng, n: rng.zipf(1.3, n).astype(np.float64),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rows", [1, 3, 2_500, 20_000])
def test_no_open_cell_holds_more_than_its_share(shape, rows):
    values = SHAPES[shape](np.random.default_rng(1), rows)
    grid = Grid.numeric(values)
    counts = grid.count(values)
    open_cells = counts.values[~grid.points]
    assert open_cells.max() <= max(0.002 * rows, 1)
    assert grid.size <= 2048


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("max_cells", [16, 64, 500])
def test_a_small_grid_coarsens_its_share(shape, max_cells):
    values = SHAPES[shape](np.random.default_rng(2), 3_000)
    assert Grid.numeric(values, max_cells=max_cells).size <= max_cells


@settings(max_examples=60)
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=50))
def test_few_distinct_values_are_all_atoms(values):
    knots, atoms = choose_knots(np.array(values), 2048, 0.002)
    assert set(knots[atoms]) == {value + 0.0 for value in values}
    assert (np.diff(knots) > 0).all()


def test_mass_points_and_both_ends_are_atoms():
    rng = np.random.default_rng(3)
    values = np.concatenate([np.zeros(500), np.full(40, 1.5), rng.normal(size=9_460)])
    knots, atoms = choose_knots(values, 2048, 0.002)
    assert {0.0, 1.5, values.min(), values.max()} <= set(knots[atoms])
    assert atoms.sum() == 4


def test_tails_tell_two_windows_beyond_the_range_apart():
    grid = Grid.numeric(np.linspace(0.0, 1.0, 5_000))
    near, far, farther = (grid.count([x]) for x in (1.1, 5.0, 50.0))
    assert near != far != farther != near
    assert grid.count([-0.1]) != grid.count([-10.0])


def test_a_constant_reference_has_tails_on_its_own_scale():
    grid = Grid.numeric([1000.0] * 10)
    assert grid.count([1000.0]) != grid.count([1001.0]) != grid.count([2000.0])
    assert grid.count([1001.0]) != grid.count([999.0])


@pytest.mark.parametrize("values", [[], [None, None], [float("nan")], np.zeros(0)])
def test_a_reference_without_values_is_one_open_cell(values):
    grid = Grid.numeric(values)
    assert grid.size == 3
    assert grid.count([1.0, None]).cells.tolist() == [1, 0, 1]


@pytest.mark.parametrize(("max_cells", "share"), [(15, 0.002), (2048, 0.0), (2048, 1.5)])
def test_settings_that_cannot_make_a_grid_are_refused(max_cells, share):
    with pytest.raises(BadGrid):
        Grid.numeric([1.0], max_cells=max_cells, share=share)


def test_a_range_that_is_no_float_and_one_of_more_steps_than_floats_have():
    both_ends = [-1.7e308, 1.7e308, 1e308, -1e308]
    for values in (both_ends, [*both_ends, *np.linspace(0, 5e-324 * 40, 3_000)]):
        grid = Grid.numeric(values)
        assert grid.count(values).rows == len(values)
        assert {-1.7e308, 1.7e308} <= set(grid.knots)
