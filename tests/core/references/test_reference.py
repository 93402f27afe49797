"""From a column to its grid and counts: numbers whole, levels split."""

from itertools import compress

import numpy as np

from drift_core import Grid, pilot_rows, reference


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
