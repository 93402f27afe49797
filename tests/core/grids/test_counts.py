"""Counts are an algebra: commutative, associative, with zero; and they refuse what is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drift_core import BadCounts, Counts, Grid, GridMismatch

GRID = Grid.numeric([1.0, 2.0])
vectors = arrays(np.int64, GRID.size, elements=st.integers(0, 10**12))


@given(vectors, vectors, vectors)
def test_adding_is_commutative_and_associative_with_zero(a, b, c):
    a, b, c = (Counts(GRID, cells) for cells in (a, b, c))
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + GRID.zero() == a
    assert hash(a + b) == hash(b + a)


@given(vectors)
def test_totals_reconcile(cells):
    counts = Counts(GRID, cells)
    assert counts.rows == counts.missing + counts.invalid + counts.present == cells.sum()


def test_cells_are_a_read_only_copy():
    given = np.ones(GRID.size, np.int64)
    counts = Counts(GRID, given)
    given[0] = 9
    assert counts.missing == 1
    with pytest.raises(ValueError, match="read-only"):
        counts.cells[0] = 5


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (np.zeros(GRID.size), "integers"),
        (np.zeros(3, np.int64), "do not fit"),
        (np.full(GRID.size, -1), "never negative"),
        (np.full(GRID.size, 2**63, np.uint64), "never negative"),
    ],
)
def test_what_is_no_counts_is_refused(cells, why):
    with pytest.raises(BadCounts, match=why):
        Counts(GRID, cells)


def test_another_grid_is_refused():
    other = Grid.numeric([1.0, 3.0])
    with pytest.raises(GridMismatch, match="another numeric grid"):
        _ = GRID.zero() + other.zero()
    assert GRID.zero() != other.zero()
    assert GRID.zero() + Grid.numeric([1.0, 2.0]).zero() == GRID.zero()
