"""Every way of counting gives the cells that a search over the edges gives, for any value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core import Grid, NumericGrid, Symlog
from drift_core.placing.plans import Knotted, Mapped, Plan, Searched
from drift_core.placing.symlogs import Symlogs
from tests.core.nasty import FAR_APART, SHAPES, by_search, nasty_column

FLOATS = (np.float32, np.float64)


def plans(grid, dtype) -> list[Plan]:
    edges = grid.edges(dtype)
    every = (Searched.of(edges), Mapped.of(edges, grid.symlog), Knotted.of(edges, grid.knots))
    return [plan for plan in every if plan is not None]


def agrees(grid, column):
    expected = by_search(grid, column)
    for plan in plans(grid, column.dtype.type):
        found = plan.tally(column)
        assert np.array_equal(found, np.delete(expected, 1)), type(plan).__name__
    assert np.array_equal(grid.count(column).cells, expected)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", SHAPES | FAR_APART)
@pytest.mark.parametrize("rows", [700, 20_000])
def test_grids_of_any_shape(shape, rows, dtype):
    draw = (SHAPES | FAR_APART)[shape]
    reference = draw(np.random.default_rng(1), rows)
    grid = Grid.numeric(reference)
    window = draw(np.random.default_rng(2), 30_000)
    with np.errstate(over="ignore"):
        wider = 1.3 * window
    agrees(grid, nasty_column(grid, np.concatenate([reference, wider]), dtype))


numbers = st.floats(allow_nan=False)
ANYWHERE = SHAPES | FAR_APART


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", ANYWHERE)
@pytest.mark.parametrize("size", [2, 60, 2_000])
def test_knots_dictated_from_outside(shape, size, dtype):
    rng = np.random.default_rng(3)
    knots = np.unique(rng.permutation(ANYWHERE[shape](rng, 2_000))[:size] + 0.0)
    grid = NumericGrid(knots, rng.random(knots.size) < 0.3)
    column = nasty_column(grid, ANYWHERE[shape](rng, 30_000), dtype)
    agrees(grid, column)
    present = rng.random(column.size) < 0.8
    found = [plan.tally(column, present) for plan in plans(grid, dtype)]
    assert all(np.array_equal(tally, found[0]) for tally in found)


def test_more_knots_than_buckets():
    rng = np.random.default_rng(9)
    knots = np.unique(rng.lognormal(0, 3, 40_000))
    grid = NumericGrid(knots, np.zeros(knots.size, np.bool_))
    agrees(grid, nasty_column(grid, rng.lognormal(0, 3, 30_000), np.float64))


@given(st.lists(numbers, min_size=2, max_size=80), st.lists(st.floats(), max_size=80))
def test_any_values_among_any_knots(knots, values):
    kept = np.unique(np.array(knots) + 0.0)
    grid = NumericGrid(kept, np.arange(kept.size) % 3 == 0)
    for dtype in FLOATS:
        with np.errstate(over="ignore"):
            agrees(grid, nasty_column(grid, np.array(values, np.float64), dtype))


shapes = st.tuples(
    st.floats(-1e6, 1e6),
    st.sampled_from([2.0**k for k in (-1000, -30, -3, 0, 1, 40, 900)]),
    st.integers(1, 12),
    st.integers(-5_000, 200),
    st.integers(1, 5_000),
)


def map_of(shape):
    try:
        return Symlog(*shape)
    except ValueError:
        return None


@given(shapes, st.lists(numbers, max_size=9), st.lists(st.floats(), max_size=80))
def test_any_map_over_any_knots(shape, knots, values):
    """A map that has nothing to do with the knots may be of no use, but is never wrong."""
    kept = np.unique(np.array(knots) + 0.0)
    grid = NumericGrid(kept, np.arange(kept.size) % 2 == 0, map_of(shape))
    for dtype in FLOATS:
        with np.errstate(over="ignore"):
            column = nasty_column(grid, np.array(values, np.float64), dtype)
        agrees(grid, column)


@given(st.lists(shapes, min_size=1, max_size=9), st.lists(numbers, max_size=9))
def test_any_sum_of_maps_over_any_knots(shapes, knots):
    parts = tuple(part for part in map(map_of, shapes) if part is not None)
    kept = np.unique(np.array(knots) + 0.0)
    grid = NumericGrid(kept, np.arange(kept.size) % 2 == 0, Symlogs(parts) if parts else None)
    for dtype in FLOATS:
        agrees(grid, nasty_column(grid, np.zeros(1), dtype))


def test_lengths_around_blocks_and_chunks():
    rng = np.random.default_rng(4)
    grid = Grid.numeric(rng.normal(size=20_000))
    column = rng.normal(size=65_536 * 2 + 300)
    for rows in (0, 1, 255, 256, 257, 65_535, 65_536, 65_537, column.size):
        part = column[:rows]
        for plan in plans(grid, np.float64):
            assert np.array_equal(plan.tally(part), np.delete(by_search(grid, part), 1))


@pytest.mark.parametrize("shape", ["0 and 1e12", "twenty clusters", "cantor set, thin"])
def test_lengths_around_blocks_and_chunks_over_far_knots(shape):
    rng = np.random.default_rng(10)
    column = FAR_APART[shape](rng, 65_536 + 300)
    knots = np.unique(column[:2_000])
    grid = NumericGrid(knots, np.zeros(knots.size, np.bool_))
    for rows in (0, 1, 255, 256, 257, 65_535, 65_536, 65_537, column.size):
        agrees(grid, column[:rows])
    often = Knotted.of(grid.edges(), grid.knots).tally(np.full(400_000, column[0]))
    assert often.max() == 400_000


def test_one_value_a_hundred_thousand_times_overflows_no_counter():
    rng = np.random.default_rng(5)
    for shape in ("normal", "zero-inflated", "counts"):
        grid = Grid.numeric(SHAPES[shape](rng, 20_000))
        column = np.zeros(400_000)
        for plan in plans(grid, np.float64):
            assert plan.tally(column).max() == 400_000


def test_absent_values_are_counted_first_whatever_stands_there():
    rng = np.random.default_rng(6)
    grid = Grid.numeric(rng.normal(size=20_000))
    column, present = rng.normal(size=70_001), rng.random(70_001) < 0.9
    column[::7] = np.nan
    expected = by_search(grid, column[present])
    expected[0] += (~present).sum()
    for plan in plans(grid, np.float64):
        assert np.array_equal(plan.tally(column, present), np.delete(expected, 1))


def test_the_plans_are_those_that_were_measured_to_be_fastest():
    rng = np.random.default_rng(8)
    grid = Grid.numeric(rng.normal(size=20_000))
    values = rng.normal(size=25_000)
    assert isinstance(grid._plan(np.float64, values.size), Mapped)
    assert isinstance(grid._plan(np.float32, values.size), Mapped)
    assert isinstance(grid._plan(np.float64, 100), Searched)
    dictated = NumericGrid(grid.knots, grid.atoms)
    assert isinstance(dictated._plan(np.float64, 5_000), Searched)
    assert isinstance(dictated._plan(np.float64, values.size), Knotted)
    assert np.array_equal(dictated.count(values).cells, grid.count(values).cells)
