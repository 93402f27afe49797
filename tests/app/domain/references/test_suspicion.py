"""What is said to look wrong in a reference, by code, and that sensitive values stay unsaid."""

import numpy as np
import pytest

from app.domain.batch import Nested, Table
from app.domain.model import Feature, Kind, Schema, StoredGridSet, Warned
from app.domain.references.reference import build_reference
from tests.app.domain.tables import table

ROWS = 1_200
SEED = np.random.default_rng(3)
NORMAL = SEED.normal(20, 5, size=ROWS).tolist()
HEAVY = np.exp(SEED.normal(0, 2, size=ROWS)).tolist()


def warned(rows: Table, schema: Schema | None = None) -> list[Warned]:
    return list(build_reference(rows, schema, None).warnings)


def codes(rows: Table, schema: Schema | None = None) -> list[tuple[str | None, str]]:
    return [(warning.feature, warning.code) for warning in warned(rows, schema)]


@pytest.mark.parametrize("column", [NORMAL, HEAVY, ["a", "b"] * 600, [0, 1] * 600])
def test_nothing_is_said_of_a_good_column(column: list[object]) -> None:
    assert codes(table(x=column)) == []


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ([1.5] * ROWS, "constant"),
        (["a"] * ROWS, "constant"),
        ([1.0, 2.0, None, None, None] * 240, "mostly_missing"),
        (["a", None, None] * 400, "mostly_missing"),
        ([*NORMAL[1:], "x"], "invalid"),
        ([*NORMAL[1:], True], "invalid"),
        ([*NORMAL[1:], float("inf")], "infinite"),
        ([*NORMAL[1:], 1_048.0], "outlier"),
        ([*NORMAL[2:], 1_048.0, 1_048.0], "outlier"),
        ([*NORMAL[1:], -9_999.0], "outlier"),
        ([*NORMAL[1:], 1e308], "outlier"),
        ([f"level {i % 400}" for i in range(ROWS)], "many_levels"),
    ],
)
def test_what_looks_wrong_is_said(column: list[object], code: str) -> None:
    assert ("x", code) in codes(table(x=column, other=NORMAL))
    assert not any(feature == "other" for feature, _ in codes(table(x=column, other=NORMAL)))


@pytest.mark.parametrize(
    ("name", "column"),
    [("t", [f"text {i}" for i in range(ROWS)]), ("n", [[1]] * ROWS), ("e", [None] * ROWS)],
)
def test_columns_that_are_not_watched_are_named(name: str, column: list[object]) -> None:
    assert codes(table(**{"x": NORMAL, name: column})) == [(name, "ignored")]


def test_times_that_are_not_the_event_time_are_named() -> None:
    hours = [f"2026-01-01T{hour % 24:02}:00:00Z" for hour in range(ROWS)]
    assert codes(table(x=NORMAL, at=hours)) == [("at", "time")]
    assert not any(code == "time" for _, code in codes(table(x=NORMAL, at=hours, timestamp=hours)))


def test_a_nested_column_is_named() -> None:
    rows = Table({"x": NORMAL}, ROWS, nested={"embedding": Nested("list<float>")})
    assert codes(rows) == [("embedding", "ignored")]


def test_a_declared_column_may_be_absent_or_empty() -> None:
    schema = Schema(
        (Feature("x", Kind.NUMERIC), Feature("y", Kind.NUMERIC), Feature("z", Kind.IGNORED))
    )
    assert codes(table(x=[None] * ROWS), schema) == [("x", "all_missing"), ("y", "absent")]


def test_a_column_that_the_schema_does_not_know_is_named() -> None:
    schema = Schema((Feature("x", Kind.NUMERIC), Feature("temp", Kind.NUMERIC)))
    rows = table(x=NORMAL, tmep=NORMAL, timestamp=["2024-01-01T00:00:00Z"] * ROWS)
    assert codes(rows, schema) == [("temp", "absent"), ("tmep", "unknown")]


def test_few_rows_are_said_of_the_whole() -> None:
    assert codes(table(x=NORMAL[:100])) == [(None, "few_rows")]


def test_unseen_levels_are_said_of_a_reference_that_joins() -> None:
    first = build_reference(table(c=["a", "b"] * 600), None, None)
    rows = table(c=["a", "b"] * 597 + ["new"] * 6)
    joined = build_reference(rows, first.schema, StoredGridSet(1, 1, first.grids))
    assert not joined.founding
    assert [(w.feature, w.code) for w in joined.warnings] == [("c", "unseen")]


@pytest.mark.parametrize("sensitive", [False, True])
def test_a_value_is_only_said_where_it_may_be(sensitive: bool) -> None:
    schema = Schema((Feature("x", Kind.NUMERIC, sensitive=sensitive),))
    (warning,) = warned(table(x=[*NORMAL[1:], 1_048.0]), schema)
    assert ("1048" in warning.message) is not sensitive
