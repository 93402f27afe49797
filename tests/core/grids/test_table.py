"""A whole table: the same counts with threads and without, from arrays of any kind."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest

from drift_core import BadValues, Bitmap, Column, Counts, Grid, GridSet, Texts, count_table
from tests.core.arrow import LAYOUTS

ROWS = 1_200_000
RNG = np.random.default_rng(1)


@pytest.fixture(scope="module")
def table():
    numbers, valid = RNG.normal(size=ROWS), RNG.random(ROWS) < 0.9
    codes = RNG.integers(-1, 3, ROWS).astype(np.int32)
    narrow = numbers[: ROWS // 2].astype(np.float32)
    grids = GridSet(
        (
            ("n", Grid.numeric(numbers[:20_000])),
            ("m", Grid.numeric(numbers[:5_000])),
            ("c", Grid.categorical(["x", "y"])),
            ("absent", Grid.numeric([1.0])),
        )
    )
    columns = {
        "n": Column(numbers, validity=Bitmap(np.packbits(valid, bitorder="little"))),
        "m": Column(narrow, validity=valid[: ROWS // 2]),
        "c": Column(codes, dictionary=("x", "y", "z")),
    }
    return grids, columns


def test_threads_count_the_same(table):
    grids, columns = table
    alone = count_table(grids, columns)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(3):
            assert np.array_equal(count_table(grids, columns, pool), alone)


def test_each_column_is_counted_as_alone(table):
    grids, columns = table
    found = grids.split(count_table(grids, columns))
    assert [found[name].rows for name in ("n", "m", "c", "absent")] == [ROWS, ROWS // 2, ROWS, 0]
    n = columns["n"]
    assert found["n"] == grids["n"].count(n.values, validity=n.validity)
    expected = [(columns["c"].values == code).sum() for code in (-1, 0, 1, 2)]
    c = found["c"]
    grid = grids["c"]
    assert isinstance(c, Counts)
    assert [c.missing, *c.values[:2], c.cells[grid.unseen_cell]] == expected


def test_texts_and_objects_are_counted_too():
    grids = GridSet((("c", Grid.categorical(["x", "y"])), ("n", Grid.numeric([1.0, 2.0]))))
    texts = np.array(["x", "y", "x", "?"], object)
    odd = np.array([1, None, "?", 2.0], object)
    valid = np.array([True, True, False, True])
    found = grids.split(
        count_table(
            grids,
            {
                "c": Column(texts, validity=Bitmap(np.packbits(valid, bitorder="little"))),
                "n": Column(odd),
            },
        )
    )
    assert found["c"].cells.tolist() == [1, 0, 1, 1, 0, 1]
    assert (found["n"].missing, found["n"].invalid, found["n"].present) == (1, 1, 2)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_of_texts_and_of_codes_into_texts_are_counted_as_one(layout):
    names = ["x", "y", None, "a name that is rather long", "another name that is long", "z"]
    codes = RNG.integers(-1, 6, ROWS).astype(np.int32)
    texts = pa.array(names).take(pa.array(codes, mask=codes < 0))
    grid = Grid.categorical(["x", "y", "a name that is rather long"])
    grids = GridSet(tuple((name, grid) for name in ("texts", "coded", "told", "hidden")))
    valid = RNG.random(ROWS) < 0.5
    dictionary = LAYOUTS[layout](pa.array(names))
    columns = {
        "texts": Column(LAYOUTS[layout](texts)),
        "coded": Column(codes, dictionary),
        "told": Column(codes, grid.index(dictionary)),
        "hidden": Column(LAYOUTS[layout](texts), validity=valid),
    }
    with ThreadPoolExecutor(2) as pool:
        together = count_table(grids, columns, pool)
    assert np.array_equal(together, count_table(grids, columns))
    found = grids.split(together)
    tally = np.bincount(codes + 1, minlength=7)
    cells = {level: tally[1 + names.index(level)] for level in grid.levels}
    expected = [tally[0] + tally[3], 0, *cells.values(), 0, tally[5] + tally[6]]
    assert found["texts"].cells.tolist() == expected
    assert found["texts"] == found["coded"] == found["told"]
    assert found["hidden"] == grid.count(texts.filter(pa.array(valid)).to_pylist()) + grid.count(
        [None] * int(ROWS - valid.sum())
    )


def test_texts_do_not_go_with_a_numeric_grid():
    with pytest.raises(BadValues, match="numeric"):
        Column(Texts.of(["1"])).count(Grid.numeric([1.0]))
