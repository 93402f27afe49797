"""Texts as Arrow lays them out are counted as Python's would be, whatever lies around them."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drift_core import BadValues, Bitmap, CategoricalGrid, Grid, Texts, TextViews
from tests.core.arrow import LAYOUTS, texts_of, views_of

LEVELS = (
    "", "a", "b", "1", "10", "-3", "-0", "0", "100", "007", "Zoë", "12345678", "123456789012",
    "1234567890123", "sixteen bytes ok", "seventeen bytes..", "x" * 40, "x" * 39 + "y", "é" * 9,
)  # fmt: skip
AWKWARD = (
    "1.0", "1.000", "-3.0", "-0.0", "0.0", "00.0", "007.0", ".0", "1.", "1.50", "10.0", "100.0",
    "+1.0", "-.0", "-", "-00.0", "1.0\n", "1..0", "1.0.0", "\u0661.0", "0", "00", "000", "0.00",
    "1234567890123.0", "123456789012.000000", "12345678.0000", "x" * 41, "x" * 8, "\x00", "a\x00",
    "\x00" * 16, "sixteen bytes oK", "seventeen bytes.?",
)  # fmt: skip
texts = st.one_of(
    st.none(),
    st.sampled_from(LEVELS + AWKWARD),
    st.text(max_size=20),
    st.from_regex(r"-?[0-9]{0,18}\.?0{0,20}", fullmatch=True),
)
columns = st.lists(texts, max_size=40)


def grid_of(levels, rare=()):
    return CategoricalGrid(tuple(levels), 0, tuple(rare))


@pytest.mark.parametrize("layout", LAYOUTS)
@given(columns, st.sets(st.sampled_from(LEVELS)), st.integers(0, 5))
@example(list(AWKWARD) + list(LEVELS), set(LEVELS), 0)
def test_they_count_as_python_s_texts_do(layout, values, levels, skipped):
    ordered = sorted(levels)
    grid = grid_of(ordered[::2], ordered[1::2])
    column = pa.array(values, pa.string())
    expected = grid.count(values[skipped:])
    assert grid.count(LAYOUTS[layout](column.slice(skipped))) == expected
    coded = column.slice(skipped).dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy()
    assert grid.count_codes(codes, LAYOUTS[layout](coded.dictionary)) == expected


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kept", [3, 5_000])
def test_many_texts_of_many_levels(layout, kept):
    rng = np.random.default_rng(kept)
    names = [f"{'level' if i % 3 else 'a longer name of level'} {i}" for i in range(2 * kept)]
    picked = rng.integers(0, len(names), 300_000)
    column = pa.array(names).take(pa.array(picked))
    grid = grid_of(names[:kept], names[kept : kept + kept // 2])
    found = grid.count(LAYOUTS[layout](column))
    rows = np.bincount(picked, minlength=len(names))
    assert np.array_equal(found.cells[2:-2], rows[:kept])
    assert found.cells[grid.rare_cell] == rows[kept : kept + kept // 2].sum()
    assert found.cells[grid.unseen_cell] == rows[kept + kept // 2 :].sum()


def test_bytes_around_a_text_do_not_matter():
    names = ["a", "abcdefgh", "abcdefghijklmnop", "abcdefghijklmnopq", ""]
    grid = grid_of(names)
    for filler in (0, 65, 48, 255):
        data = np.full(64, filler, np.uint8)
        for name in names:
            for start in range(40):
                line = data.copy()
                line[start : start + len(name)] = np.frombuffer(name.encode(), np.uint8)
                where = np.array([start, start + len(name)], np.int32)
                # once with bytes behind it, once at the buffer's very end
                for end in (64, start + len(name)):
                    found = grid.count(Texts(where, line[:end]))
                    assert found.cells[2 + names.index(name)] == 1


def test_null_slots_may_hold_garbage():
    grid = grid_of(["a", "b"])
    valid = np.array([True, False, True])
    texts = Texts(np.array([0, 1, 2, 3]), np.frombuffer(b"aab", np.uint8), valid)
    views = np.full((3, 16), 255, np.uint8)
    views[[0, 2]] = np.frombuffer(
        b"\1\0\0\0a" + bytes(11) + b"\1\0\0\0b" + b"?" * 11, np.uint8
    ).reshape(2, 16)
    for column in (texts, TextViews(views, (), valid)):
        assert grid.count(column).cells.tolist() == [1, 0, 1, 1, 0, 0]
    bitmap = Bitmap(np.packbits(valid, bitorder="little"))
    assert grid.count(TextViews(views), validity=bitmap) == grid.count(texts)


def test_masks_and_own_nulls_come_together():
    grid = grid_of(["a"])
    texts = Texts.of(["a", None, "a", "a", "b"])
    validity = np.array([True, True, False, True, True])
    missing = np.array([False, False, False, True, False])
    invalid = np.array([False, False, True, False, True])
    found = grid.count(texts, missing=missing, invalid=invalid, validity=validity)
    assert found.cells.tolist() == [2, 2, 1, 0, 0]


BROKEN = {
    "backward": ([0, 2, 1], 3),
    "before the bytes": ([-1, 0], 3),
    "beyond the bytes": ([0, 4], 3),
    "far beyond": ([0, 2**62], 3),
}


@pytest.mark.parametrize("case", BROKEN)
def test_offsets_that_leave_the_bytes_are_refused(case):
    offsets, size = BROKEN[case]
    column = Texts(np.array(offsets, np.int64), np.zeros(size, np.uint8))
    with pytest.raises(BadValues, match="outside"):
        grid_of(["a"]).count(column)
    with pytest.raises(BadValues, match="outside"):
        Grid.categorical(column)


@pytest.mark.parametrize(
    "view",
    [
        (13, 0, 1, 0),
        (13, 0, 0, 8),
        (-1, 0, 0, 0),
        (13, 0, 0, -1),
        (13, 0, -1, 0),
        (2**31 - 1, 0, 0, 2**31 - 1),
    ],
)
def test_views_that_leave_their_buffer_are_refused(view):
    table = np.array([view], np.int32).view(np.uint8)
    with pytest.raises(BadValues, match="outside"):
        grid_of(["a"]).count(TextViews(table, (np.zeros(20, np.uint8),)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Texts(np.zeros(2, np.int16), np.zeros(0, np.uint8)),
        lambda: Texts(np.zeros((2, 1), np.int32), np.zeros(0, np.uint8)),
        lambda: Texts(np.zeros(2, np.int32), np.zeros(0, np.int8)),
        lambda: TextViews(np.zeros((1, 15), np.uint8)),
        lambda: TextViews(np.zeros((1, 16), np.uint8), (np.zeros(3, np.int8),)),
    ],
)
def test_buffers_of_another_form_are_refused(make):
    with pytest.raises(BadValues):
        make()


def test_no_rows_and_unaligned_buffers():
    grid = grid_of(["a"])
    empty = Texts(np.zeros(0, np.int32), np.zeros(0, np.uint8))
    assert grid.count(empty).rows == grid.count(TextViews(np.zeros((0, 16), np.uint8))).rows == 0
    memory = np.zeros(13, np.uint8)
    memory[1:] = np.array([0, 1, 2], np.int32).view(np.uint8)
    offsets = np.frombuffer(memory.data[1:], np.int32)
    assert not offsets.flags.aligned
    assert grid.count(Texts(offsets, np.frombuffer(b"ab", np.uint8))).cells.tolist()[2:] == [
        1,
        0,
        1,
    ]


def test_bytes_that_are_no_utf8_are_unseen_and_never_a_level():
    column = texts_of(pa.array([b"\xff", b"a", b"\xff", b"\xed\xb3\xbf"]))
    grid = Grid.categorical(column)
    assert (grid.levels, grid.rare) == (("a",), ())
    assert grid.count(column).cells.tolist() == [0, 0, 1, 0, 3]


def test_half_a_surrogate_pair_is_a_level_like_any_other():
    grid = grid_of(["\ud800", "a"])
    assert grid.count(Texts.of(["\ud800", "a", "\udfff"])).cells.tolist() == [0, 0, 1, 1, 0, 1]


def test_huge_texts():
    huge = "0" * 10_000_000
    column = [huge, huge + "1", "1." + huge, huge + ".0"]
    grid = grid_of([huge, "1"])
    assert grid.count(Texts.of(column)).cells.tolist() == [0, 0, 1, 1, 0, 2]


def test_a_grid_s_tables_survive_a_copy_and_are_shared_by_threads():
    names = [f"a rather long level {i}" for i in range(3_000)]
    grid, column = grid_of(names), Texts.of(names * 20)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: grid.count(column), range(8)))
    again = pickle.loads(pickle.dumps(grid))  # noqa: S301
    stored = Grid.from_json(json.loads(json.dumps(grid.to_json())))
    assert all(counts == found[0] for counts in found)
    assert again.count(column).cells.tolist() == stored.count(column).cells.tolist()
    assert found[0].cells[2:-2].tolist() == [20] * 3_000


def test_levels_that_no_value_is_spelled_as_are_never_met():
    grid = grid_of(["1.0", "1"])
    values = ["1.0", "1"]
    assert grid.count(Texts.of(values)) == grid.count(values)


def test_views_and_offsets_of_one_column_agree_on_slices():
    names = [None, "a", "twelve bytes", "thirteen byte", "1234567890.00", "x" * 30] * 500
    grid = grid_of(["a", "twelve bytes", "thirteen byte", "1234567890", "x" * 30])
    column = pa.array(names)
    views = views_of(column.cast(pa.string_view()))
    for start, stop in ((0, 3_000), (1, 2), (7, 1_500), (255, 513)):
        part = column.slice(start, stop - start)
        expected = grid.count(names[start:stop])
        assert grid.count(views.part(start, stop)) == grid.count(texts_of(part)) == expected
