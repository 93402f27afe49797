"""Numeric grids: one cell for every value, whatever floats there are."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_core import BadGrid, BadValues, Grid, NumericGrid

NASTY = [0.0, -0.0, 5e-324, -5e-324, 2.2e-308, 1e308, -1e308, np.inf, -np.inf, 0.1, 1 / 3, 1e-7]
floats = st.one_of(st.sampled_from(NASTY), st.floats(allow_nan=False))
columns = st.lists(st.one_of(floats, st.just(float("nan"))), max_size=60)


@st.composite
def grids(draw):
    knots = sorted({k + 0.0 for k in draw(st.lists(floats, max_size=20))})
    atoms = draw(st.lists(st.booleans(), min_size=len(knots), max_size=len(knots)))
    return NumericGrid(np.array(knots, np.float64), np.array(atoms, np.bool_))


def oracle(grid, values):
    cells = np.zeros(grid.size, np.int64)
    nan = np.isnan(values)
    cells[0] = nan.sum()
    found = np.searchsorted(grid.edges(values.dtype.type), values[~nan], side="right")
    np.add.at(cells, 2 + found, 1)
    return cells


def near(grid, values):
    with np.errstate(over="ignore"):
        around = [grid.knots, *(np.nextafter(grid.knots, side) for side in (-np.inf, np.inf))]
    return np.concatenate([np.array(values, np.float64), *around])


@given(grids(), columns)
def test_counts_equal_a_search_over_the_edges(grid, values):
    column = near(grid, values)
    assert np.array_equal(grid.count(column).cells, oracle(grid, column))


@given(grids(), columns)
def test_counts_of_float32_equal_a_search_over_float32_edges(grid, values):
    with np.errstate(over="ignore"):
        column = near(grid, values).astype(np.float32)
    assert np.array_equal(grid.count(column).cells, oracle(grid, column))


@given(grids())
def test_each_atom_is_a_cell_of_its_own(grid):
    lower, upper = grid.limits
    at = np.flatnonzero(grid.points)
    assert np.array_equal(lower[at], grid.knots[grid.atoms])
    assert np.array_equal(upper[at], grid.knots[grid.atoms])
    for cell, atom in zip(at, grid.knots[grid.atoms], strict=True):
        assert np.flatnonzero(grid.count(np.array([atom])).values).tolist() == [cell]


@given(grids())
def test_json_round_trips_exactly(grid):
    again = Grid.from_json(json.loads(json.dumps(grid.to_json(), allow_nan=False)))
    assert again == grid
    assert hash(again) == hash(grid)
    assert np.array_equal(again.edges(), grid.edges())


@settings(max_examples=40)
@given(st.lists(floats, min_size=1, max_size=80), st.randoms(use_true_random=False))
def test_any_split_and_order_of_rows_counts_the_same(values, random):
    grid = Grid.numeric(values)
    whole = grid.count(np.array(values))
    shuffled = values.copy()
    random.shuffle(shuffled)
    cut = random.randint(0, len(values))
    assert grid.count(np.array(shuffled[:cut])) + grid.count(np.array(shuffled[cut:])) == whole
    assert whole + grid.zero() == whole


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint16, np.bool_, np.float16, np.float32])
def test_every_number_type_counts(dtype):
    column = np.array([0, 1, 1, 0, 1], dtype)
    assert Grid.numeric([0, 1]).count(column) == Grid.numeric([0, 1]).count([0, 1, 1, 0, 1])


def test_read_only_strided_and_empty_columns_count():
    grid = Grid.numeric([1.0, 2.0, 3.0])
    column = np.array([1.0, 9.0, 2.0, 9.0, 3.0, 9.0])
    column.flags.writeable = False
    assert grid.count(column[::2]) == grid.count([1.0, 2.0, 3.0])
    assert grid.count(column[::-2]).rows == 3
    assert grid.count([]) == grid.zero()


def test_minus_zero_is_zero():
    grid = Grid.numeric([-0.0, 1.0])
    assert grid == Grid.numeric([0.0, 1.0])
    assert grid.count([0.0, -0.0]) == grid.count([0.0, 0.0])


def test_none_nan_and_wrong_types_in_a_list():
    counts = Grid.numeric([1, 2]).count([1, None, float("nan"), "x", True, 2.0, [3], 10**400])
    assert (counts.missing, counts.invalid, counts.present, counts.rows) == (2, 2, 4, 8)
    assert counts.cells[-1] == 1


def test_masks_decide_over_values():
    grid = Grid.numeric([1.0, 2.0])
    values = np.array([1.0, 1.0, 1.0, 2.0])
    missing = np.array([True, True, False, False])
    invalid = np.array([False, True, False, False])
    counts = grid.count(values, missing=missing, invalid=invalid)
    assert (counts.missing, counts.invalid, counts.present) == (1, 1, 2)


@pytest.mark.parametrize("mask", [np.array([True]), np.array([0, 1]), [True, False, True]])
def test_a_mask_that_does_not_fit_is_refused(mask):
    with pytest.raises(BadValues, match="2 booleans"):
        Grid.numeric([1.0]).count(np.array([1.0, 2.0]), missing=mask)


@pytest.mark.parametrize("values", [np.zeros((2, 2)), np.array([1 + 2j]), np.array(["2020"], "M8")])
def test_a_column_that_is_none_is_refused(values):
    with pytest.raises(BadValues):
        Grid.numeric([1.0]).count(values)


@pytest.mark.parametrize(
    ("knots", "atoms"), [([1.0, 1.0], [0, 0]), ([2.0, 1.0], [0, 0]), ([np.nan], [0]), ([1.0], [])]
)
def test_knots_that_make_no_grid_are_refused(knots, atoms):
    with pytest.raises(BadGrid):
        NumericGrid(np.array(knots), np.array(atoms, np.bool_))


@pytest.mark.parametrize(
    "doc",
    [
        {},
        {"format": "leeway.grid/2", "kind": "numeric"},
        {"format": "leeway.grid/1", "kind": "fuzzy"},
        {"format": "leeway.grid/1", "kind": "numeric"},
        {"format": "leeway.grid/1", "kind": "numeric", "knots": ["x"], "atoms": []},
    ],
)
def test_a_stored_form_that_is_none_is_refused(doc):
    with pytest.raises(BadGrid):
        Grid.from_json(doc)


def test_a_float32_producer_lands_in_the_reference_cells():
    rng = np.random.default_rng(5)
    reference = np.round(rng.normal(size=600), 2)
    grid = Grid.numeric(reference)
    assert grid.count(reference.astype(np.float32)) == grid.count(reference)


def test_two_atoms_that_are_one_float32_leave_a_cell_empty():
    grid = NumericGrid(np.array([1.0, 1.0 + 1e-12, 2.0]), np.ones(3, np.bool_))
    counts = grid.count(np.array([1.0, 2.0], np.float32))
    assert counts.values[grid.points].tolist() == [1, 0, 1]
