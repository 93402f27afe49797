"""Arrays and codes make the grids, and the counts, that lists of their values make."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drift_core import (
    BadValues,
    Bitmap,
    CategoricalGrid,
    Coded,
    Grid,
    Texts,
    canonical_level,
    reference,
)
from drift_core.columns.coded import encode, levels_of
from drift_core.columns.levels import level_counts
from tests.core.arrow import LAYOUTS

INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
FLOATS = [np.float16, np.float32, np.float64]
texts = st.one_of(st.none(), st.sampled_from(["a", "b", "1", "1.0", "é", "", "-0", "x" * 30]))


def column_of(dtype):
    small = st.sampled_from([0, 1, 2, 7, 100])
    if np.dtype(dtype).kind == "f":
        small = st.sampled_from([0.0, -0.0, 1.0, 0.5, 0.1, -2.0, np.inf, np.nan])
    return arrays(dtype, st.integers(0, 30), elements=st.one_of(small, _any(dtype)))


def _any(dtype):
    if np.dtype(dtype).kind == "f":
        return st.floats(width=8 * np.dtype(dtype).itemsize)
    return st.integers(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS, np.bool_])
@given(st.data())
def test_numbers_count_as_lists_of_them_do(dtype, data):
    if dtype is np.bool_:
        column, known = data.draw(arrays(np.bool_, st.integers(0, 9))), ["true"]
    else:
        column, known = data.draw(column_of(dtype)), ["0", "1", "-2", "0.1", "7", "true", "inf"]
    absent = data.draw(arrays(np.bool_, column.size))
    kept = data.draw(st.sampled_from([known, [*known, "9223372036854775807", "-128", "a"], []]))
    grid = CategoricalGrid(tuple(kept), 0)
    listed = [None if lost else value for value, lost in zip(column, absent, strict=True)]
    assert grid.count(column) == grid.count(list(column))
    assert grid.count(column, missing=absent) == grid.count(listed)
    assert grid.count(column, validity=~absent) == grid.count(listed)


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS, np.bool_])
@given(st.data())
def test_numbers_have_the_levels_of_lists_of_them(dtype, data):
    column = data.draw(column_of(dtype) if dtype is not np.bool_ else arrays(np.bool_, 9))
    assert levels_of(column) == level_counts(list(column))


@pytest.mark.parametrize("span", [10, 5_000, 100_000, 10**12])
def test_many_integers_near_and_far(span):
    rng = np.random.default_rng(span)
    column = rng.integers(-span, span, 200_000)
    distinct, rows = np.unique(column, return_counts=True)
    kept = distinct[::2]
    grid = CategoricalGrid(tuple(map(str, kept.tolist())), 0)
    found = grid.count(column)
    assert np.array_equal(found.cells[2:-2], rows[::2])
    assert found.cells[grid.unseen_cell] == rows[1::2].sum()
    assert grid.count(column[::-3]) == grid.count(column[::-3].astype(np.float64))


@given(st.lists(texts, max_size=40), st.lists(texts, max_size=40), st.integers(1, 4))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_texts_and_codes_make_the_grid_that_a_list_makes(layout, pilot, seen, most):
    arrow = [pa.array(values, pa.string()) for values in (pilot, seen)]
    columns = [LAYOUTS[layout](array) for array in arrow]
    expected = Grid.categorical(pilot, max_levels=most, seen=seen)
    assert Grid.categorical(columns[0], max_levels=most, seen=columns[1]) == expected
    coded = [_coded(array, LAYOUTS[layout]) for array in arrow]
    assert Grid.categorical(coded[0], max_levels=most, seen=coded[1]) == expected
    assert expected.count(coded[0]) == expected.count(pilot)


def _coded(array, layout):
    made = array.dictionary_encode()
    codes, bits = made.indices, made.indices.buffers()[0]
    validity = None if bits is None else Bitmap(np.frombuffer(bits, np.uint8))
    return Coded(codes.fill_null(0).to_numpy(), layout(made.dictionary), validity)


def test_references_are_equal_from_every_form():
    rng = np.random.default_rng(5)
    names = [f"level {i}" for i in range(3_001)] + ["1.0", "1"]
    codes = np.minimum(rng.zipf(1.3, 40_000) - 2, 3_002)
    values = [None if code < 0 else names[code] for code in codes]
    grid, counts = reference(values, "categorical")
    assert len(grid.levels) > 100
    spelled = [canonical_level(name) for name in names]
    for column in (Texts.of(values), Coded(codes, spelled), Coded(codes, Texts.of(names))):
        assert reference(column, "categorical") == (grid, counts)
    for layout in LAYOUTS.values():
        assert reference(layout(pa.array(values)), "categorical") == (grid, counts)
    numbers = reference(codes.tolist(), "categorical")
    assert reference(codes, "categorical") == numbers
    assert reference(codes.astype(np.float32), "categorical") == numbers


def test_a_reference_of_ever_new_texts():
    values = [f"id {i}" for i in range(60_000)]
    found = reference(Texts.of(values), "categorical")
    assert found == reference(values, "categorical")
    assert len(found[0].rare) == 10_000


def test_dictionaries_with_nulls_and_doubles():
    dictionary = Texts.of(["a", None, "1.0", "a", "1"])
    codes = np.array([0, 1, 2, 3, 4, -1, 4], np.int8)
    grid = Grid.categorical(Coded(codes, dictionary))
    assert grid.levels == ("1", "a")
    assert grid.count(Coded(codes, dictionary)).cells.tolist() == [2, 0, 3, 2, 0, 0]
    assert grid.index(dictionary).tolist() == [3, 0, 2, 3, 2]
    assert grid.count_codes(codes, grid.index(dictionary)) == grid.count_codes(codes, dictionary)


@pytest.mark.parametrize("codes", [[2], [-2], [0.5], [[0]]])
def test_codes_that_do_not_fit_make_no_grid(codes):
    with pytest.raises(BadValues):
        Grid.categorical(Coded(np.array(codes), ("x", "y")))


def test_lists_are_left_as_they_are():
    assert encode(["a", "b"]) is None
    assert encode(np.array(["a", None], object)) is None
