"""Masks and Arrow's bitmaps say the same, wherever a slice begins; numbers are read in place."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

from drift_core import BadValues, Bitmap, Grid
from drift_core.columns.validity import presence_of

RNG = np.random.default_rng(1)
ROWS = 300_007
VALUES = RNG.normal(size=ROWS)
VALID = RNG.random(ROWS) < 0.9
GRID = Grid.numeric(VALUES[:20_000])
EXPECTED = GRID.count(np.where(VALID, VALUES, np.nan))


def arrow(column, offset):
    array = column.slice(offset)
    validity, data = array.buffers()
    numbers = np.frombuffer(data, np.float64)[array.offset :]
    return numbers[: len(array)], Bitmap(np.frombuffer(validity, np.uint8), array.offset)


@pytest.mark.parametrize("offset", [0, 1, 7, 8, 1003])
def test_an_arrow_array_is_counted_where_it_lies(offset):
    column = pa.array(VALUES, mask=~VALID)
    numbers, bitmap = arrow(column, offset)
    expected = GRID.count(np.where(VALID, VALUES, np.nan)[offset:])
    assert GRID.count(numbers, validity=bitmap) == expected


def test_a_mask_a_bitmap_and_nan_say_the_same():
    bits = np.packbits(VALID, bitorder="little")
    assert GRID.count(VALUES, validity=VALID) == EXPECTED
    assert GRID.count(VALUES, validity=Bitmap(bits)) == EXPECTED
    assert GRID.count(VALUES, missing=~VALID) == EXPECTED


def test_invalid_wins_over_whatever_is_absent():
    invalid = RNG.random(ROWS) < 0.3
    missing = RNG.random(ROWS) < 0.1
    counts = GRID.count(VALUES, validity=VALID, missing=missing, invalid=invalid)
    assert counts.invalid == invalid.sum()
    assert counts.missing == (~invalid & (missing | ~VALID)).sum()
    assert counts.present == (VALID & ~missing & ~invalid).sum()


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float16])
def test_other_numbers_with_nulls(dtype):
    values = RNG.integers(0, 90, ROWS).astype(dtype)
    grid = Grid.numeric(RNG.poisson(30, 5_000))
    expected = grid.count(np.where(VALID, values.astype(np.float64), np.nan))
    assert grid.count(values, validity=VALID) == expected
    assert GRID.count(values, validity=VALID) == GRID.count(
        np.where(VALID, values.astype(np.float64), np.nan)
    )


def test_integers_far_beyond_the_atoms_find_their_cells():
    grid = Grid.numeric(RNG.poisson(30, 5_000))
    for dtype in (np.int64, np.uint64, np.int8):
        info = np.iinfo(dtype)
        values = np.array([info.min, info.max, 0, 1, 30, 31, 100, 127] * 200, dtype)
        assert grid.count(values) == grid.count(values.astype(np.float64))


def test_codes_with_a_bitmap():
    codes = RNG.integers(0, 3, ROWS).astype(np.int32)
    grid = Grid.categorical(["a", "b", "c"])
    bitmap = Bitmap(np.packbits(VALID, bitorder="little"))
    expected = grid.count_codes(np.where(VALID, codes, -1), ["a", "b", "c"])
    assert grid.count_codes(codes, ["a", "b", "c"], validity=bitmap) == expected
    assert grid.count_codes(codes, ["a", "b", "c"], validity=VALID) == expected


@pytest.mark.parametrize("how", ["plain", "bitmap", "strided", "mask", "integers", "byte-swapped"])
def test_no_column_is_copied(how):
    wide = np.zeros(2 * 2_000_000)
    column, validity = wide[:2_000_000], None
    if how == "bitmap":
        validity = Bitmap(np.zeros(250_000, np.uint8))
    elif how == "strided":
        column = wide[::2]
    elif how == "mask":
        validity = np.zeros(2_000_000, np.bool_)
    elif how == "integers":
        column = wide[:2_000_000].view(np.int64)
    elif how == "byte-swapped":
        column = wide[:2_000_000].view(">f8")
    GRID.count(column[:30_000])
    tracemalloc.start()
    GRID.count(column, validity=validity)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < column.nbytes / 4


def test_masks_that_do_not_fit_are_refused():
    with pytest.raises(BadValues, match="bitmap for 8 rows"):
        GRID.count(np.zeros(9), validity=Bitmap(np.zeros(1, np.uint8)))
    with pytest.raises(BadValues, match="a bitmap is bytes"):
        Bitmap(np.zeros(3, np.int64))
    with pytest.raises(BadValues, match="9 booleans"):
        GRID.count(np.zeros(9), validity=np.zeros(3, np.bool_))


def test_masks_that_say_nothing_cost_nothing():
    nothing = np.zeros(9, np.bool_)
    assert presence_of(9, None, nothing, nothing).plain


@pytest.mark.parametrize("offset", [0, 1, 7, 8, 13])
@pytest.mark.parametrize("rows", [0, 1, 5, 8, 16, 37])
def test_a_bitmap_is_full_where_all_its_rows_are(offset, rows):
    bits = np.full(8, 255, np.uint8)
    outside = np.ones(64, np.bool_)
    outside[offset : offset + rows] = False
    # what stands around the rows says nothing of them
    bits &= ~np.packbits(outside, bitorder="little")
    assert Bitmap(bits, offset).all(rows)
    assert presence_of(rows, Bitmap(bits, offset)).valid is None
    for row in range(rows):
        one = bits.copy()
        one[(offset + row) // 8] &= ~np.uint8(1 << (offset + row) % 8)
        assert not Bitmap(one, offset).all(rows)
