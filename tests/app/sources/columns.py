"""Decoded columns spelled out, whatever form they have."""

import polars as pl

from app.domain.batch import RawColumn, Table
from app.domain.rows.texts import series_of
from drift_core import Coded


def typed(column: RawColumn) -> pl.Series:
    """A column that is typed, in polars' form."""
    assert not isinstance(column, list)
    return series_of(column) if isinstance(column, Coded) else column


def listed(column: RawColumn) -> list[object]:
    """The column's values as Python's."""
    return column if isinstance(column, list) else typed(column).to_list()


def rows_of(table: Table) -> dict[str, list[object]]:
    """All columns' values by name."""
    return {name: listed(column) for name, column in table.columns.items()}
