"""Placing values one by one and counting them at once agree, for the nastiest of values."""

import math
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import RawColumn
from app.domain.counts.counting import MANY_ROWS, count, count_panes, place
from app.domain.model import Feature, Kind
from app.domain.rows.values import Floats, Levels, Numbers, Values, coerce, countable
from app.sources.formats import Limits, from_arrow
from drift_core import Grid, GridSet, canonical_level

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


TEXTS = st.sampled_from(["a", "b", "other", "1", "1.0", "-0.0", "007", "True", "é" * 20, "", None])
FORMS = {
    "text": pl.Series,
    "views": lambda array: pl.Series(array.cast(pa.string_view())),
    "list": lambda array: array.to_pylist(),
    "long list": lambda array: array.to_pylist() * 300,
    "coded": lambda array: decoded(array.dictionary_encode()),
    "long codes": lambda array: decoded(array.cast(pa.large_string()).dictionary_encode()),
}


def decoded(array: pa.Array) -> RawColumn:
    """As the decoders hand a column on."""
    return from_arrow(pa.table({"c": array}), Limits()).columns["c"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("untyped", [False, True])
@given(texts=st.lists(TEXTS, min_size=1, max_size=30), data=st.data())
def test_texts_as_they_lie_are_counted_as_spelled_by_hand(
    form: str, untyped: bool, texts: list[str | None], data: st.DataObject
) -> None:
    grid = Grid.categorical(["a", "a", "b", "1", "true"], seen=["other", "0", "é" * 20, "-0"])
    column = FORMS[form](pa.array(texts, pa.string()))
    rows = texts * (300 if form == "long list" else 1)
    # only CSV, which is decoded to series of text, spells booleans
    untyped = untyped and isinstance(column, pl.Series)
    rows = ["true" if text == "True" and untyped else text for text in rows]
    spelt = [None if text is None else canonical_level(text) for text in rows]
    levels = {level: cell for cell, level in enumerate(grid.levels, 2)}
    cells = [
        0 if t is None
        else levels.get(t, grid.rare_cell if t in grid.rare else grid.unseen_cell)
        for t in spelt
    ]  # fmt: skip
    values = countable(column, Feature("c", Kind.CATEGORICAL), untyped=untyped)
    assert place(grid, values).tolist() == cells
    assert count(grid, values).cells.tolist() == np.bincount(cells, minlength=grid.size).tolist()
    some = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1))), np.int64)
    picked = np.bincount(np.array(cells)[some], minlength=grid.size)
    assert count(grid, values, some).cells.tolist() == picked.tolist()
    assert not values.invalid.any()
    again = coerce(column, Feature("c", Kind.CATEGORICAL), untyped=untyped)
    assert place(grid, again).tolist() == cells
