"""Small tables, grid sets and envelopes for the tests of counting."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from app.domain.batch import Envelope, Table
from app.domain.model import Feature, Kind, Role, Schema, StoredGridSet
from app.domain.references.reference import Reference, build_reference

NOW = datetime(2026, 1, 10, 12, 34, 56, tzinfo=UTC)
FEATURES = (
    Feature("timestamp", Kind.IGNORED, Role.TIMESTAMP),
    Feature("amount", Kind.NUMERIC),
    Feature("colour", Kind.CATEGORICAL),
)
SCHEMA = Schema(FEATURES)
TIMELESS = Schema(FEATURES[1:])


def envelope(now: datetime = NOW) -> Envelope:
    return Envelope(1, "key", b"0123456789abcdef", "default", "http", True, now)


def table(**columns: Sequence[object] | pl.Series) -> Table:
    read = {n: c if isinstance(c, pl.Series) else list(c) for n, c in columns.items()}
    return Table(read, len(next(iter(read.values()))))


def reference(schema: Schema = SCHEMA) -> Reference:
    amounts = [float(i % 50) for i in range(2_000)]
    colours = [("red", "green", "blue", "red")[i % 4] for i in range(2_000)]
    return build_reference(table(amount=amounts, colour=colours), schema, None)


def stored(found: Reference) -> StoredGridSet:
    return StoredGridSet(7, 1, found.grids)
