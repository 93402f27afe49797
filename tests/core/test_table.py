"""A whole table: the same counts with threads and without, from arrays of any kind."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from drift_core import Bitmap, Column, Counts, Grid, GridSet, count_table

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
