"""Short texts counted at once count as their dictionary does, whatever texts come close to them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core import CategoricalGrid, Texts
from drift_core.grids.short_levels import spanned, viewed
from tests.core.arrow import LAYOUTS

ROWS = 5_000
# lengths on either side of a word and of two, prefixes of one another, noughts within and behind
CLOSE = (
    "", "a", "a\x00", "a\x00\x00", "aaaaaaa", "aaaaaaaa", "aaaaaaaaa", "a" * 12, "a" * 13, "a" * 15,
    "a" * 16, "a" * 17, "a" * 48, "\x00" * 7, "\x00" * 8, "\x00" * 9, "\x00" * 16, "12345678",
    "123456789", "12345678\x00", "1", "1.0", "10.00", "10", "level 1", "level 10", "level 100",
    "the last 8 bytes", "xhe last 8 bytes", "the lastxx bytes", "8 bytes", "é", "Zoë",
)  # fmt: skip


def by_dictionary(grid, column):
    coded = column.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy()
    return grid.count_codes(codes, LAYOUTS["string"](coded.dictionary))


def slots_of(known, words):
    return (words[:, 0] * known.one + words[:, 1] * known.two) >> known.shift


@pytest.mark.parametrize("layout", LAYOUTS)
@given(st.data())
def test_they_count_as_a_dictionary_does(layout, data):
    levels = data.draw(st.lists(st.sampled_from(CLOSE), unique=True))
    drawn = data.draw(st.lists(st.none() | st.sampled_from(CLOSE) | st.text(max_size=18)))
    rng = np.random.default_rng(len(drawn))
    # each of a few texts often, so that most are found in one look, and then hardly any
    picked = [drawn[i] for i in rng.integers(0, len(drawn), ROWS)] if drawn else []
    column = pa.array([*drawn, *picked, *(levels * 40)], pa.string())
    half = len(levels) // 2
    grid = CategoricalGrid(tuple(levels[:half]), 0, tuple(levels[half:]))
    assert grid.count(LAYOUTS[layout](column)) == by_dictionary(grid, column)
    without = column.drop_null()
    assert grid.count(LAYOUTS[layout](without)) == by_dictionary(grid, without)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("levels", [1, 200, 6_000, 30_000])
def test_many_levels_found_and_not_found(layout, levels):
    rng = np.random.default_rng(levels)
    names = [f"{i}{'-' * (i % 14)}" for i in range(2 * levels)]
    grid = CategoricalGrid(tuple(names[:levels]), 0)
    for share in (0.0, 0.05, 1.0):
        known = rng.integers(0, levels, 40_000)
        picked = np.where(rng.random(40_000) < share, known + levels, known)
        column = pa.array(names).take(pa.array(picked))
        assert grid.count(LAYOUTS[layout](column)) == by_dictionary(grid, column)


def test_texts_of_a_level_s_slot_are_not_taken_for_it():
    levels = [f"level {i:04}" for i in range(50)]
    grid = CategoricalGrid(tuple(levels), 0)
    known = spanned(Texts.of(levels), np.arange(2, 52))
    words = np.random.default_rng(3).integers(0, 2**63, (4_000, 2), np.uint64)
    same = words[known.slots[slots_of(known, words)] > 0]
    assert len(same) > 200
    texts = Texts(np.arange(len(same) + 1) * 16, same.reshape(-1).view(np.uint8))
    found = grid.count(texts)
    assert found.cells[grid.unseen_cell] == found.rows == len(same)


@pytest.mark.parametrize("lay", [spanned, viewed])
@pytest.mark.parametrize("size", [0, 1, 30, 1_000, 11_000])
def test_nearly_all_levels_have_a_slot_the_frequent_ones_first(lay, size):
    levels = [f"level {i}" for i in range(size)]
    known = lay(Texts.of(levels), np.arange(2, size + 2))
    held = known.slots[known.slots > 0]
    assert np.unique(held).size == held.size
    assert size * 0.85 <= held.size <= size
    assert np.array_equal(known.cells[1:], np.arange(2, size + 2))
    # of those that meet the more frequent one has the slot
    words = known.entries.reshape(-1, 4)[1:, :2]
    assert (known.slots[slots_of(known, words)] <= np.arange(1, size + 1)).all()


def test_long_and_empty_levels_are_left_to_the_table():
    levels = ["", "x", "y" * 12, "y" * 13, "y" * 16, "y" * 17]
    cells = np.arange(2, 8)
    assert spanned(Texts.of(levels), cells).cells.tolist() == [0, 3, 4, 5, 6]
    assert viewed(Texts.of(levels), cells).cells.tolist() == [0, 3, 4]
