"""Feast's logged features: what an online store served, with the status of each value."""

import polars as pl

from app.domain.batch import Table
from app.domain.errors import Fault, Invalid
from app.domain.rows.texts import series_of
from app.sources.formats import Limits
from app.sources.payloads._spec import Columns, Payload
from drift_core import Coded

LOGGED_AT, LOGGED_ON, REQUEST = "__log_timestamp", "__log_date", "__request_id"
STATUS, TIMESTAMP = "__status", "__timestamp"
PRESENT = 1
"""The only status with a value that counts; others are null, not found, and too old."""


def reshape(table: Table, columns: Columns, limits: Limits) -> Table:  # noqa: ARG001
    """Keep the features, each named ``view__feature``, and when they were served."""
    typed = {name: _series(name, table) for name in table.columns}
    features = [name for name in typed if f"{name}{STATUS}" in typed]
    nested = {name: one for name, one in table.nested.items() if f"{name}{STATUS}" in typed}
    if LOGGED_AT not in typed or not (features or nested):
        raise Invalid(
            "these are no logged features of Feast",
            (Fault(f"needs {LOGGED_AT}, and columns with a {STATUS} beside them"),),
        )
    kept = {columns.renames.get(n, n): _present(typed[n], typed[n + STATUS]) for n in features}
    others = {columns.renames.get(n, n): one for n, one in nested.items()}
    if len({**kept, **others}) < len(features) + len(nested):
        raise ValueError("two columns would have one name")
    kept[columns.timestamp] = typed[LOGGED_AT]
    if REQUEST in typed:
        kept[columns.id] = _ids(typed, features)
    return Table(dict(kept), table.rows, others)


def _series(name: str, table: Table) -> pl.Series:
    column = table.columns[name]
    if isinstance(column, list):
        raise Invalid("logged features are typed", (Fault("must be typed", field=name),))
    return series_of(column) if isinstance(column, Coded) else column


def _present(values: pl.Series, status: pl.Series) -> pl.Series:
    if not status.dtype.is_integer():
        raise Invalid("a status is an integer", (Fault("must be integers", field=status.name),))
    # where there is no value the status comes with a default of its type
    return values.set((status != PRESENT).fill_null(value=True), None)


def _ids(typed: dict[str, pl.Series], features: list[str]) -> pl.Series:
    """Tell rows of one request apart: by their entities, then by their order."""
    ours = {LOGGED_AT, LOGGED_ON, REQUEST, *features}
    ours |= {f"{name}{end}" for name in features for end in (STATUS, TIMESTAMP)}
    entities = [column.cast(pl.String) for name, column in typed.items() if name not in ours]
    frame = pl.DataFrame([typed[REQUEST].cast(pl.String).alias("0"), *_numbered(entities)])
    keys = frame.select(pl.concat_str(pl.all(), separator="/", ignore_nulls=True).alias("key"))
    order = pl.int_range(pl.len()).over("key")
    later = pl.when(order > 0).then(pl.concat_str("key", order.cast(pl.String), separator="#"))
    return keys.select(later.otherwise("key").alias("id"))["id"]


def _numbered(columns: list[pl.Series]) -> list[pl.Series]:
    return [column.alias(str(place)) for place, column in enumerate(columns, 1)]


PAYLOAD = Payload("feast", "application/vnd.apache.parquet", reshape)
