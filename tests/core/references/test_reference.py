"""From a column to its grid and counts: numbers whole, levels split."""

from itertools import compress

import numpy as np
import pyarrow as pa
import pytest

from drift_core import Grid, pilot_rows, reference
from tests.core.arrow import LAYOUTS, texts_of


def test_numbers_are_counted_whole():
    grid, counts = reference([1.0, 2.0, None, 2.0], "numeric")
    assert grid == Grid.numeric([1.0, 2.0, 2.0])
    assert (counts.rows, counts.missing) == (4, 1)


def test_levels_come_from_the_pilot_and_counts_from_the_rest():
    values = [*np.random.default_rng(1).choice(list("abcdef"), 1_000).tolist(), "once"]
    grid, counts = reference(values, "categorical", key=b"k")
    pilot = pilot_rows(len(values), b"k")
    assert grid == Grid.categorical(list(compress(values, pilot)), seen=values)
    assert counts == grid.count(list(compress(values, ~pilot)))
    assert counts.rows == len(values) - pilot.sum()
    assert counts.cells[-1] == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_texts_of_arrow_s_give_what_python_s_do(layout):
    rng = np.random.default_rng(2)
    values = [None if x == 7 else f"{x}.0" if x % 2 else f"level {x}" for x in rng.zipf(1.4, 5_000)]
    grid, counts = reference(values, "categorical")
    found = reference(LAYOUTS[layout](pa.array(values, pa.string())), "categorical")
    assert found == (grid, counts)
    assert counts.missing > 0
    assert counts.cells[grid.rare_cell] > 0


def test_bytes_that_are_no_utf8_are_unseen_in_a_reference():
    texts = pa.array([b"a", b"\xff", None] * 500, pa.binary())
    grid, counts = reference(texts_of(texts), "categorical")
    rest = ~pilot_rows(1_500, b"leeway")
    assert grid.levels == ("a",)
    expected = [rest[2::3].sum(), 0, rest[0::3].sum(), 0, rest[1::3].sum()]
    assert counts.cells.tolist() == expected
