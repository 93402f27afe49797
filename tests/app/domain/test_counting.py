"""Placing values one by one and counting them at once agree, for the nastiest of values."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.counting import MANY_ROWS, count, count_panes, place
from app.domain.values import Floats, Levels, Numbers, Values
from drift_core import Grid, GridSet

FEW = [0.0, 1.0, 2.0, 0.1, math.inf, -math.inf]
MANY = (np.random.default_rng(5).normal(size=3_000) * 100).tolist()
EDGES = [*FEW, 5e-324, -5e-324, 1e308, math.nextafter(1.0, 2.0), math.nextafter(1.0, 0.0), -0.0]
LEVELS = ("a", "b", "new", "other")


def agrees(grid: Grid, values: Values) -> None:
    placed = np.bincount(place(grid, values), minlength=grid.size)
    assert placed.tolist() == count(grid, values).cells.tolist()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("reference", [FEW, MANY, [1.0], []], ids=["few", "many", "one", "none"])
@given(
    st.lists(
        st.tuples(st.floats() | st.sampled_from(EDGES) | st.sampled_from(MANY[:50]), st.booleans())
    )
)
def test_numbers(reference: list[float], kind: type, rows: list[tuple[float, bool]]) -> None:
    with np.errstate(over="ignore"):
        values: Floats = np.array([value for value, _ in rows], np.float64).astype(kind)
    invalid = np.array([wrong for _, wrong in rows], np.bool_)
    agrees(Grid.numeric(reference), Numbers(np.where(invalid, kind(np.nan), values), invalid))


@given(st.lists(st.tuples(st.integers(-1, 3), st.booleans())))
def test_levels(rows: list[tuple[int, bool]]) -> None:
    invalid = np.array([wrong for _, wrong in rows], np.bool_)
    codes = np.array([-1 if wrong else code for code, wrong in rows], np.int32)
    grid = Grid.categorical(["a", "a", "b"], seen=["a", "b", "other"])
    agrees(grid, Levels(codes, LEVELS, invalid))


def test_no_features_still_have_rows() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for rows in (3, MANY_ROWS + 1):
        (pane,) = count_panes(GridSet(()), {}, np.zeros(rows, np.int64), [start])
        assert (pane.rows, pane.cells.size, pane.counts.size) == (rows, 0, 0)
