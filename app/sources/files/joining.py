"""The pieces of one file put together again, where all of its rows are wanted at once."""

from collections.abc import Sequence

import polars as pl

from app.domain.batch import RawColumn, Table
from app.domain.texts import series_of
from drift_core import Coded


def joined(tables: Sequence[Table]) -> Table:
    """Return one table of all rows; a column that a piece does not have is missing there."""
    if len(tables) == 1:
        return tables[0]
    names = dict.fromkeys(name for table in tables for name in table.columns)
    return Table(
        {name: _column(name, tables) for name in names},
        sum(table.rows for table in tables),
        {name: kind for table in tables for name, kind in table.nested.items()},
        untyped=tables[0].untyped,
        layout=tables[0].layout,
    )


def _column(name: str, tables: Sequence[Table]) -> RawColumn:
    found = (table.columns.get(name, [None] * table.rows) for table in tables)
    parts = [series_of(part) if isinstance(part, Coded) else part for part in found]
    typed = [part for part in parts if isinstance(part, pl.Series)]
    if len(typed) == len(parts):
        return pl.concat(typed)
    return [value for part in parts for value in part]
