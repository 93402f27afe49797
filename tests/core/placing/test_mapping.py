"""Grids that we choose lie on a map, lose nothing by it, and are stored for readers old and new."""

import json

import numpy as np
import pytest
from scipy import stats

from drift_core import STATISTICS, BadGrid, Grid, NumericGrid
from drift_core.placing.knots import choose_cells
from drift_core.placing.plans import Mapped
from drift_core.placing.symlogs import Symlogs
from tests.core.nasty import CONTINUOUS, SUMMED


@pytest.mark.parametrize("rows", [20_000, 200_000])
@pytest.mark.parametrize("shape", CONTINUOUS)
def test_continuous_columns_are_counted_by_bucket_in_both_types(shape, rows):
    values = CONTINUOUS[shape](np.random.default_rng(1), rows)
    grid = Grid.numeric(values)
    assert grid.size <= 2048
    for dtype in (np.float32, np.float64):
        assert Mapped.of(grid.edges(dtype), grid.symlog) is not None


@pytest.mark.parametrize("shape", SUMMED)
def test_columns_that_no_single_map_suits_are_counted_by_a_sum_of_maps(shape):
    grid = Grid.numeric(SUMMED[shape](np.random.default_rng(1), 100_000))
    assert isinstance(grid.symlog, Symlogs)
    plan = Mapped.of(grid.edges(), grid.symlog)
    assert plan is not None
    assert plan.steps.size <= 6
    assert plan.symlog.size <= 6_500
    assert len(plan.symlog.parts) <= 6


EVERY = CONTINUOUS | SUMMED


@pytest.mark.parametrize("shape", EVERY)
def test_ks_is_bracketed_within_the_share(shape):
    rng = np.random.default_rng(2)
    reference, current = (EVERY[shape](rng, 20_000) for _ in range(2))
    current = current * 1.1
    grid = Grid.numeric(reference)
    found = STATISTICS["ks"](grid.count(reference), grid.count(current))
    exact = stats.ks_2samp(reference, current, method="asymp").statistic
    assert found.lower <= exact + 1e-12
    assert exact <= found.upper + 1e-12
    assert exact - found.lower <= 0.002


@pytest.mark.parametrize("zeros", [0.1, 0.5, 0.95])
def test_mass_points_are_cells_of_their_own_on_a_map(zeros):
    rng = np.random.default_rng(3)
    values = np.where(rng.random(50_000) < zeros, 0.0, rng.lognormal(0, 1, 50_000))
    values[::100] = 7.0
    grid = Grid.numeric(values)
    assert grid.symlog is not None
    assert {0.0, 7.0} == set(grid.knots[grid.atoms])
    counts = grid.count(values)
    assert counts.values[grid.points].tolist() == [(values == 0).sum(), (values == 7).sum()]


def test_small_negative_values_are_apart_from_zero():
    rng = np.random.default_rng(4)
    grid = Grid.numeric(np.where(rng.random(50_000) < 0.5, 0.0, rng.normal(size=50_000)))
    nearby = np.tile([0.0, -0.0, 5e-324, -5e-324], 500)
    assert sorted(grid.count(nearby).cells[2:].tolist())[-3:] == [500, 500, 1000]


@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize("shape", EVERY)
def test_cells_that_hold_little_are_not_wide(shape, mapped):
    values = EVERY[shape](np.random.default_rng(8), 20_000)
    knots, atoms, symlog = choose_cells(values, 2048, 0.002, mapped=mapped)
    grid = NumericGrid(knots, atoms, symlog)
    lower, upper = grid.limits
    held = grid.count(values).values * ~grid.points
    widths = np.where(held > 0, upper - lower, 0.0)
    spread = np.abs(values - np.median(values)).mean()
    # a lognormal column's cells of equal mass come to more than 1
    assert (held * widths).sum() / (values.size * spread) < 0.045


@pytest.mark.parametrize("shape", EVERY)
def test_a_scarce_grid_gives_up_narrow_tails_before_its_share(shape):
    values = EVERY[shape](np.random.default_rng(9), 20_000)
    grid = Grid.numeric(values, max_cells=640)
    assert grid.size <= 640
    assert grid.count(values).values[~grid.points].max() <= 0.003 * values.size


@pytest.mark.parametrize("shape", EVERY)
def test_tails_go_on_on_both_sides(shape):
    values = EVERY[shape](np.random.default_rng(5), 20_000)
    low, high = values.min(), values.max()
    grid = Grid.numeric(values)
    for steps in ([0.3, 3.0, 100.0, 1e5], [-0.3, -3.0, -100.0, -1e5]):
        end = high if steps[0] > 0 else low
        cells = [grid.count([end + step * (high - low)]).cells.argmax() for step in steps]
        assert len(set(cells)) >= 3
        assert cells[0] != cells[-1]


def test_the_stored_form_tells_the_map_and_old_readers_need_not_know():
    values = np.random.default_rng(6).normal(size=50_000)
    grid = Grid.numeric(values)
    doc = json.loads(json.dumps(grid.to_json(), allow_nan=False))
    assert doc["format"] == "leeway.grid/1"
    assert Grid.from_json(doc) == grid
    old = Grid.from_json({key: item for key, item in doc.items() if key != "map"})
    assert isinstance(old, NumericGrid)
    assert old.symlog is None
    assert np.array_equal(old.count(values).cells, grid.count(values).cells)
    later = Grid.from_json(doc | {"map": {"form": "of a later version"}})
    assert np.array_equal(later.count(values).cells, grid.count(values).cells)


def test_a_sum_of_maps_is_stored_and_old_readers_need_not_know():
    values = SUMMED["five clusters"](np.random.default_rng(6), 50_000)
    grid = Grid.numeric(values)
    doc = json.loads(json.dumps(grid.to_json(), allow_nan=False))
    assert doc["map"]["form"] == "symlogs"
    assert Grid.from_json(doc) == grid
    old = Grid.from_json({key: item for key, item in doc.items() if key != "map"})
    assert np.array_equal(old.count(values).cells, grid.count(values).cells)
    one = doc["map"]["parts"][0]
    later = Grid.from_json(doc | {"map": {"form": "symlogs", "parts": [one, {"form": "later"}]}})
    assert later.symlog is None
    fewer = Grid.from_json(doc | {"map": {"form": "symlogs", "parts": [one]}})
    assert np.array_equal(fewer.count(values).cells, grid.count(values).cells)


@pytest.mark.parametrize("parts", [[], 5, None, "symlog", "many", "large"])
def test_a_sum_that_is_none_is_refused(parts):
    one = Grid.numeric(np.random.default_rng(6).normal(size=5_000)).to_json()["map"]
    told = {"many": [one] * 33, "large": [one | {"buckets": 20_000}] * 2}
    parts = told.get(parts, parts) if isinstance(parts, str) else parts
    doc = {"format": "leeway.grid/1", "kind": "numeric", "knots": [0.5], "atoms": []}
    with pytest.raises(BadGrid):
        Grid.from_json(doc | {"map": {"form": "symlogs", "parts": parts}})


def test_a_document_without_a_map_stays_as_it_was():
    doc = {"format": "leeway.grid/1", "kind": "numeric", "knots": [0.5, 1.0, "inf"], "atoms": [1]}
    assert Grid.from_json(doc).to_json() == doc


@pytest.mark.parametrize(
    "told", [{}, {"form": "symlog"}, {"form": "symlog", "scale": "x"}, [], "symlog", {"form": 1}]
)
def test_a_map_that_is_none_is_refused_or_left_out(told):
    doc = {"format": "leeway.grid/1", "kind": "numeric", "knots": [0.5], "atoms": [], "map": told}
    try:
        grid = Grid.from_json(doc)
    except BadGrid:
        return
    assert isinstance(grid, NumericGrid)
    assert grid.symlog is None


def test_another_map_over_the_same_knots_counts_the_same():
    rng = np.random.default_rng(7)
    grid = Grid.numeric(rng.normal(size=50_000))
    doc = grid.to_json()
    doc["map"] = doc["map"] | {"centre": 0.375, "scale": 8.0}
    other, values = Grid.from_json(doc), rng.normal(size=50_000)
    assert np.array_equal(other.count(values).cells, grid.count(values).cells)
