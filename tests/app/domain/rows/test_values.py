"""What a column's values are taken for, in each form in which a column may come."""

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import RawColumn
from app.domain.model import Feature, Kind, Precision
from app.domain.rows import values
from app.domain.rows.values import Levels, Numbers, absent, coerce, levels, numbers_of
from drift_core import canonical_level

NAN = math.nan


def shown(found: Numbers) -> list[object]:
    """Numbers as they are, None for missing, "invalid" for invalid."""
    marks = zip(found.values.tolist(), found.missing, found.invalid, strict=True)
    return ["invalid" if wrong else None if gone else value for value, gone, wrong in marks]


def spelled(found: Levels) -> list[object]:
    marks = zip(found.codes.tolist(), found.missing, found.invalid, strict=True)
    return [
        "INVALID" if wrong else None if gone else found.dictionary[code]
        for code, gone, wrong in marks
    ]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1, 2.5, None, -0.0], [1.0, 2.5, None, 0.0]),
        ([1, True], [1.0, "invalid"]),
        ([1, "1.0"], [1.0, "invalid"]),
        ([1, [1], {"x": 1}, None], [1.0, "invalid", "invalid", None]),
        ([2**53 + 1], [float(2**53)]),
        ([2**64], [2.0**64]),
        ([1, 10**400], [1.0, "invalid"]),
        ([None, None], [None, None]),
        (pl.Series([1, None, 3]), [1.0, None, 3.0]),
        (pl.Series([1.5, NAN, None]), [1.5, None, None]),
        (pl.Series([math.inf, -math.inf]), [math.inf, -math.inf]),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), [2.0**64]),
        (pl.Series(["1", None]), ["invalid", None]),
        (pl.Series([True, None]), ["invalid", None]),
        (pl.Series([None, None]), [None, None]),
        (pl.Series([dt.date(2020, 1, 1), None]), ["invalid", None]),
        (pl.Series([b"1", None]), ["invalid", None]),
        (pl.Series([dt.timedelta(1), None]), [86_400.0, None]),
        (pl.Series([-1_500], dtype=pl.Duration("ms")), [-1.5]),
        (pl.Series([1_500], dtype=pl.Duration("ns")), [1.5e-6]),
    ],
)
def test_numbers_of_typed_columns(column: RawColumn, expected: list[object]) -> None:
    assert shown(numbers_of(column, untyped=False)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5", 12.5),
        ("-1e3", -1000.0),
        ("+1", 1.0),
        ("007", 7.0),
        ("1e-400", 0.0),
        ("NaN", None),
        ("nan", None),
        (None, None),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("1e400", "invalid"),
        ("-1e400", "invalid"),
        ("12,5", "invalid"),
        (" 1", "invalid"),
        ("0x1f", "invalid"),
        ("1_000", "invalid"),
        ("true", "invalid"),
        ("\u0663", "invalid"),
        ("one", "invalid"),
    ],
)
def test_numbers_of_text_that_may_spell_them(text: str | None, expected: object) -> None:
    column = pl.Series([text, "1"], dtype=pl.String)
    assert shown(numbers_of(column, untyped=True)) == [expected, 1.0]


MIXED = [1, 1.0, True, "1", "1.0", "007", None, [1], {"a": 1}, 2.5, False, "true", 2**64, ""]
SPELLED = ["1", "1", "true", "1", "1", "007", None, "INVALID", "INVALID", "2.5", "false", "true"]


@pytest.mark.parametrize("times", [1, 200], ids=["few", "many"])
def test_levels_of_mixed_values(times: int) -> None:
    found = levels(MIXED * times)
    assert spelled(found) == [*SPELLED, "18446744073709551616", ""] * times
    assert found.dictionary == ("1", "true", "007", "2.5", "false", "18446744073709551616", "")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pl.Series(["a", None, "1.0", "1", ""]), ["a", None, "1", "1", ""]),
        (pl.Series([True, None, False]), ["true", None, "false"]),
        (pl.Series([3, None, -1]), ["3", None, "-1"]),
        (pl.Series([1.0, NAN, None, 0.1]), ["1", None, None, "0.1"]),
        (pl.Series([0.1, 2.0], dtype=pl.Float32), ["0.1", "2"]),
        (pl.Series([math.inf]), ["inf"]),
        (pl.Series([None, None]), [None, None]),
        (pl.Series([dt.date(2020, 1, 1), None]), ["INVALID", None]),
        (pl.Series([b"x"]), ["INVALID"]),
    ],
)
def test_levels_of_typed_columns(column: pl.Series, expected: list[object]) -> None:
    assert spelled(levels(column)) == expected


TEXTS = st.lists(
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3), max_size=9
)


@given(TEXTS, st.sampled_from([1, 150]))
def test_lists_and_series_of_text_are_coded_alike(texts: list[str | None], times: int) -> None:
    column = texts * times
    listed, typed = levels(list(column)), levels(pl.Series(column, dtype=pl.String))
    assert listed.dictionary == typed.dictionary
    assert listed.codes.tolist() == typed.codes.tolist()
    assert spelled(listed) == [None if text is None else canonical_level(text) for text in column]


def test_float32_features_are_narrowed_whatever_sent_them() -> None:
    feature = Feature("x", Kind.NUMERIC, precision=Precision.FLOAT32)
    sent: list[object] = [0.1, 1e300, None]
    for column in (sent, pl.Series(sent, dtype=pl.Float64)):
        found = coerce(column, feature, untyped=False)
        assert isinstance(found, Numbers)
        assert found.values.dtype == np.float32
        assert found.values[:2].tolist() == [float(np.float32(0.1)), math.inf]
        assert shown(found)[2] is None


@pytest.mark.parametrize("kind", [Kind.NUMERIC, Kind.CATEGORICAL])
def test_an_absent_column_is_missing_in_every_row(kind: Kind) -> None:
    found = absent(3, Feature("x", kind))
    assert found.missing.tolist() == [True] * 3
    assert not found.invalid.any()


def test_csv_spells_booleans_in_either_way() -> None:
    column = pl.Series(["True", "true", "FALSE", None, "False"])
    feature = Feature("paid", Kind.CATEGORICAL)
    spelled = coerce(column, feature, untyped=True)
    typed = coerce(column, feature, untyped=False)
    assert isinstance(spelled, Levels)
    assert isinstance(typed, Levels)
    assert spelled.dictionary == ("true", "FALSE", "false")
    assert spelled.codes.tolist() == [0, 0, 1, -1, 2]
    assert typed.dictionary == ("True", "true", "FALSE", "False")


SPELLED_NUMBERS = st.one_of(
    st.none(),
    st.floats().map(repr),
    st.integers().map(str),
    st.sampled_from(
        ["", " 1", "1 ", "+1", "1.", ".5", "1e5", "1E400", "-1e400", "inf", "NaN", "0x1"]
    ),
    st.text("0123456789+-.eE", max_size=24),
)


@given(st.lists(SPELLED_NUMBERS, min_size=1, max_size=12), st.booleans())
def test_the_loop_and_the_expression_read_the_same_numbers(
    texts: list[str | None], sliced: bool
) -> None:
    column = pl.Series(texts, dtype=pl.String)
    column = column[1:] if sliced else column
    fast, slow = values._numbers_of_text(column), values._numbers_of_any_text(column)
    assert fast.invalid.tolist() == slow.invalid.tolist()
    # zeros of either sign are one value
    assert repr((fast.values + 0.0).tolist()) == repr((slow.values + 0.0).tolist())
