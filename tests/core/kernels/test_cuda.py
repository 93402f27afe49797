"""Counting on a GPU, or with numpy in its place, gives the counts of main memory to the bit."""

import importlib.util

import numpy as np
import pytest

from drift_core import BadValues, Bitmap, Column, Grid, GridSet, NumericGrid, count_table
from drift_core.kernels import cuda, tally_codes, tally_mapped
from tests.core.device import on_device
from tests.core.nasty import FAR_APART, SHAPES, nasty_column


def why_no_gpu():
    """Say why CuPy cannot count here; empty where it can."""
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed"
    runtime = importlib.import_module("cupy").cuda.runtime
    try:
        return "" if runtime.getDeviceCount() else "there is no GPU"
    except runtime.CUDARuntimeError as error:
        return f"there is no GPU: {error}"


NO_GPU = why_no_gpu()


@pytest.fixture(params=["numpy"] if NO_GPU else ["numpy", "cupy"])
def move(request):
    """A way to the device."""
    return on_device if request.param == "numpy" else importlib.import_module("cupy").asarray


@pytest.mark.skipif(bool(NO_GPU), reason=NO_GPU)
def test_a_gpu_takes_part():
    """Where this runs, every test below runs on the GPU too."""
    cupy = importlib.import_module("cupy")
    rng = np.random.default_rng(1)
    grid = Grid.numeric(rng.normal(size=20_000))
    column = cupy.asarray(rng.normal(size=10_000_000))
    assert grid.count(column) == grid.count(column.get())


def both(grid, column, move, **masks):
    """Counts here and there."""
    here = grid.count(column, **masks)
    there = grid.count(move(column), **{name: move(mask) for name, mask in masks.items()})
    assert isinstance(there.cells, np.ndarray)
    assert there.cells.dtype == np.int64
    assert np.array_equal(here.cells, there.cells)
    # masks may as well stay here
    assert there == grid.count(move(column), **masks)
    return there


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_our_grids(shape, dtype, move):
    reference = SHAPES[shape](np.random.default_rng(1), 20_000)
    grid = Grid.numeric(reference)
    both(grid, nasty_column(grid, reference, dtype), move)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", FAR_APART)
def test_knots_dictated_from_outside(shape, dtype, move):
    rng = np.random.default_rng(2)
    knots = np.unique(FAR_APART[shape](rng, 500) + 0.0)
    grid = NumericGrid(knots, rng.random(knots.size) < 0.3)
    both(grid, nasty_column(grid, FAR_APART[shape](rng, 5_000), dtype), move)


@pytest.mark.parametrize("kind", "?bBhHiIqQe")
def test_other_numbers(kind, move):
    rng = np.random.default_rng(3)
    column = rng.integers(0, 100, 3_000).astype(kind)
    if kind in "qQ":
        column[:2] = np.iinfo(kind).min, np.iinfo(kind).max
    for grid in (Grid.numeric(rng.poisson(40, 5_000)), Grid.numeric(rng.normal(50, 20, 20_000))):
        both(grid, column, move)


def test_masks_and_layouts(move):
    rng = np.random.default_rng(4)
    grid = Grid.numeric(rng.normal(size=20_000))
    column, mask = rng.normal(size=9_001), rng.random(9_001) < 0.7
    column[::9] = np.nan
    for name in ("validity", "missing", "invalid"):
        both(grid, column, move, **{name: mask})
    both(grid, column, move, validity=mask, missing=mask[::-1].copy(), invalid=~mask)
    assert np.array_equal(grid.count(move(column)[::3]).cells, grid.count(column[::3]).cells)
    assert grid.count(move(column[:0])).rows == 0


def test_arrow_bitmaps_in_either_memory(move):
    rng = np.random.default_rng(5)
    grid = Grid.numeric(rng.normal(size=20_000))
    column, valid = rng.normal(size=5_000), rng.random(5_003) < 0.9
    bits = np.packbits(valid, bitorder="little")
    expected = grid.count(column, validity=valid[3:])
    for there in (bits, move(bits)):
        assert grid.count(move(column), validity=Bitmap(there, 3)) == expected


def test_codes(move):
    rng = np.random.default_rng(6)
    grid = Grid.categorical(["a", "b", "c", "a"])
    dictionary = ["c", "x", "a"]
    for kind in "bBhiIqQ":
        codes = rng.integers(0, 3, 2_000).astype(kind)
        here = grid.count_codes(codes, dictionary)
        assert grid.count_codes(move(codes), dictionary) == here
        found = tally_codes(move(codes), 2)
        assert np.array_equal(found, tally_codes(codes, 2))
        assert found[-1] == np.count_nonzero(codes > 1)
    codes = np.array([-1, 0, 1, 2, -1], np.int32)
    mask = np.array([True, False, True, True, True])
    here = grid.count_codes(codes, dictionary, validity=mask)
    assert grid.count_codes(move(codes), dictionary, validity=move(mask)) == here
    wild = np.array([2**63 - 1, -(2**63), 0], np.int64)
    assert tally_codes(move(wild), 1).tolist() == [0, 1, 2]


def test_tables(move):
    rng = np.random.default_rng(7)
    grids = GridSet((("x", Grid.numeric(rng.normal(size=5_000))), ("k", Grid.categorical("ab"))))
    values, codes = rng.normal(size=3_000), rng.integers(0, 2, 3_000)
    here = {"x": Column(values), "k": Column(codes, ["b", "a"])}
    there = {"x": Column(move(values)), "k": Column(move(codes), ["b", "a"])}
    assert np.array_equal(count_table(grids, here), count_table(grids, there))


def test_blocks_of_rows_add_up():
    """Rows beyond a block's, so that memory on the device is bounded."""
    rng = np.random.default_rng(8)
    grid = Grid.numeric(rng.normal(size=20_000), max_cells=64)
    column = rng.normal(size=cuda.ROWS + 5).astype(np.float32)
    assert grid.count(on_device(column)) == grid.count(column)
    codes = (column > 0).astype(np.int8)
    assert tally_codes(on_device(codes), 2).tolist() == tally_codes(codes, 2).tolist()


def test_a_grid_built_from_a_devices_array_is_the_same(move):
    values = np.random.default_rng(9).normal(size=2_000)
    assert Grid.numeric(move(values)) == Grid.numeric(values)


def test_masks_in_two_memories_are_refused():
    grid = Grid.numeric(np.arange(9.0))
    here = np.zeros(3, np.bool_)
    with pytest.raises(BadValues, match="memory"):
        grid.count(on_device(np.zeros(3)), missing=here | True, invalid=on_device(here | True))
    for column in (np.zeros(3), [0.0, None, "x"]):
        with pytest.raises(BadValues, match="memory"):
            grid.count(column, validity=on_device(here))


def test_the_stand_in_refuses_what_a_device_would():
    """The negative control: a mix that CuPy would refuse does not pass unseen."""
    there = on_device(np.arange(3))
    with pytest.raises(TypeError, match="main memory"):
        there + np.arange(3)
    with pytest.raises(TypeError, match="main memory"):
        np.searchsorted(np.arange(3), there)


def test_a_map_is_for_main_memory():
    grid = Grid.numeric(np.random.default_rng(1).normal(size=5_000))
    with pytest.raises(BadValues, match="main memory only"):
        tally_mapped(on_device(np.zeros(3)), grid.symlog.shape, grid.symlog.size, np.zeros(0))
