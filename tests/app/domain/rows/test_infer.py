"""What columns are taken for where nobody declared it, and the reason that is given."""

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from app.domain.batch import Nested, RawColumn, Table
from app.domain.errors import Invalid
from app.domain.model import HOLDS_TIMES, Feature, Kind, Precision, Role
from app.domain.rows.infer import infer_schema
from drift_core import Coded

NUMERIC, CATEGORICAL, IGNORED = Kind


def inferred(column: RawColumn, name: str = "x", *, untyped: bool = False) -> Feature:
    rows = len(column.codes) if isinstance(column, Coded) else len(column)
    (feature,) = infer_schema(Table({name: column}, rows, untyped=untyped)).features
    assert feature.name == name
    assert feature.why not in ("", "declared")
    return feature


@pytest.mark.parametrize(
    ("column", "kind", "why"),
    [
        ([1, 2.5, None], NUMERIC, "numbers"),
        ([1, 2, "x"], NUMERIC, "numbers"),
        (["a", "a", "b", "b", "b", 1], CATEGORICAL, "text"),
        (["a", None, "a", "b", "b"], CATEGORICAL, "text"),
        (["a", "b", "c", "c"], IGNORED, "distinct"),
        (["1", "1", "2"], IGNORED, "distinct"),
        (["1", "1", "2", "2"], CATEGORICAL, "text"),
        ([True, False], CATEGORICAL, "booleans"),
        ([None, None], IGNORED, "no value"),
        ([[1], [2]], IGNORED, "nested"),
        ([{"a": 1}, None], IGNORED, "nested"),
        (pl.Series([1, 2]), NUMERIC, "numbers"),
        (pl.Series([1.0, None]), NUMERIC, "numbers"),
        (pl.Series(["a", "a", None]), CATEGORICAL, "text"),
        (pl.Series(["1", "2", "3"]), IGNORED, "distinct"),
        (pl.Series([True, None]), CATEGORICAL, "booleans"),
        (pl.Series([None, None]), IGNORED, "no value"),
        (pl.Series([None, None], dtype=pl.Int64), IGNORED, "no value"),
        (pl.Series([dt.date(2020, 1, 1)]), IGNORED, "Date are not counted; derive"),
        (pl.Series([dt.datetime(2020, 1, 1)]), IGNORED, "such as the hour or an age"),  # noqa: DTZ001
        (pl.Series([dt.time(12)]), IGNORED, "such as the hour"),
        (pl.Series([dt.timedelta(1), None]), NUMERIC, "durations, in seconds"),
        (pl.Series([Decimal("1.5")]), NUMERIC, "numbers"),
        (pl.Series([b"a"]), IGNORED, "Binary"),
    ],
)
def test_the_kind_is_that_of_the_values(column: RawColumn, kind: Kind, why: str) -> None:
    feature = inferred(column)
    assert (feature.kind, feature.role) == (kind, Role.FEATURE)
    assert why in feature.why


TIMES = [f"2026-01-{day:02}T00:00:00Z" for day in range(1, 11)]


@pytest.mark.parametrize(
    ("column", "held"),
    [
        (TIMES, True),
        (pl.Series(TIMES), True),
        (Coded(np.arange(10), tuple(TIMES)), True),
        ([*TIMES, None], True),
        (["2026-01-01"] * 10, True),
        (pl.Series([dt.date(2026, 1, 1)]), True),
        ([*TIMES, "never"], False),
        (pl.Series([dt.time(12)]), False),
        (["a", "b"], False),
        ([None, None], False),
        ([1_700_000_000.0] * 5, False),
    ],
)
def test_a_column_that_holds_times_is_told_where_none_is_named_for_them(
    column: RawColumn, held: bool
) -> None:
    assert inferred(column).why.endswith(HOLDS_TIMES) is held
    rows = 10 if isinstance(column, Coded) else len(column)
    columns = {"x": column, "timestamp": ["2026-01-01T00:00:00Z"] * rows}
    named = infer_schema(Table(columns, rows, untyped=False))
    assert not named.by_name()["x"].why.endswith(HOLDS_TIMES)


def test_a_column_without_a_name_is_ignored() -> None:
    feature = inferred([1.5, 2.5], name="")
    assert (feature.kind, feature.why) == (IGNORED, "it has no name")


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "2.5", None, "-3e2"], NUMERIC),
        (["0", "0.5", "-0.5"], NUMERIC),
        (["1", "NaN"], NUMERIC),
        (["007", "123", "007", "123"], CATEGORICAL),
        (["1", "x", "1", "x"], CATEGORICAL),
        (["true", "false", "true", "false"], CATEGORICAL),
        (["1", "1e400", "1", "1e400"], CATEGORICAL),
        (["NaN", "NaN", "NaN"], CATEGORICAL),
    ],
)
def test_text_that_spells_numbers_is_numeric_where_there_is_only_text(
    texts: list[str | None], kind: Kind
) -> None:
    assert inferred(pl.Series(texts, dtype=pl.String), untyped=True).kind is kind


def test_precision_is_that_of_the_column() -> None:
    assert inferred(pl.Series([1.5], dtype=pl.Float32)).precision is Precision.FLOAT32
    assert inferred(pl.Series([1.5])).precision is Precision.FLOAT64


@pytest.mark.parametrize(
    ("name", "column", "role", "kind"),
    [
        ("timestamp", ["2013-01-01T00:00:00Z"], Role.TIMESTAMP, IGNORED),
        ("timestamp", pl.Series([dt.date(2013, 1, 1)]), Role.TIMESTAMP, IGNORED),
        ("timestamp", [None], Role.TIMESTAMP, IGNORED),
        ("id", ["a", "b"], Role.ID, IGNORED),
        ("prediction_id", [1, 2], Role.ID, IGNORED),
        ("prediction", ["a", "b", "c"], Role.PREDICTION, CATEGORICAL),
        ("prediction", [1, 2], Role.PREDICTION, NUMERIC),
        ("score", [0.5], Role.SCORE, NUMERIC),
        ("score", ["a", "a", "a"], Role.FEATURE, CATEGORICAL),
        ("label", [True, False], Role.LABEL, CATEGORICAL),
        ("Timestamp", ["a", "a", "a"], Role.FEATURE, CATEGORICAL),
    ],
)
def test_some_names_give_a_role(name: str, column: RawColumn, role: Role, kind: Kind) -> None:
    feature = inferred(column, name)
    assert (feature.role, feature.kind) == (role, kind)
    assert (role is Role.FEATURE) == ("its name" not in feature.why)


@pytest.mark.parametrize("column", [[1, 2], [1.5], ["x", "y"], pl.Series([1]), [True]])
def test_a_timestamp_that_tells_no_time_is_refused(column: RawColumn) -> None:
    with pytest.raises(Invalid) as caught:
        inferred(column, "timestamp")
    assert caught.value.faults[0].field == "timestamp"


def test_a_role_is_given_once() -> None:
    rows = Table({"id": [1], "prediction_id": [2], "a": [3]}, 1)
    assert [feature.role for feature in infer_schema(rows).features] == [
        Role.ID,
        Role.FEATURE,
        Role.FEATURE,
    ]


def test_nested_columns_are_ignored_with_their_type() -> None:
    schema = infer_schema(Table({"a": [1]}, 1, nested={"embedding": Nested("list<float>")}))
    assert schema.features[1].kind is IGNORED
    assert "list<float>" in schema.features[1].why
