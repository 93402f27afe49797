"""What CSV spells is the same where it stands and as a column of text."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.counts.counting import count, place
from app.domain.model import Feature, Kind, Precision, TimeUnit
from app.domain.rows.flat import Columns, countable_of
from app.domain.rows.times import event_times
from app.domain.rows.values import Numbers, countable
from app.sources.formats import Limits, csv
from app.sources.formats._census import census
from app.sources.formats._spelled import Spelled
from drift_core import CategoricalGrid

LEVELS = CategoricalGrid(("true", "17", "level 12 of many"), 2, ("rare", "false"))
FIELDS = st.one_of(
    st.floats().map(repr),
    st.integers(-(10**22), 10**22).map(str),
    st.sampled_from(
        [
            *("", '""', '"1.5"', '"1""5"', "True", "False", "17", "17.0", "-", "1.", ".5", "+1"),
            *("1e999", "inf", "-Infinity", "nan", "1 ", "0x1", "00", "12-3", "1e5", "1E-5", "é"),
            *("level 12 of many", "2026-01-31T12:00:00Z", "2026-01-31 12:00:00.25+01:00"),
        ]
    ),
)
TIMES = st.datetimes(datetime(1960, 1, 1), datetime(2210, 1, 1)).map(datetime.isoformat)  # noqa: DTZ001


def spelled(fields: list[str]) -> Spelled:
    """Fields of a column beside another, so that none stands for an empty line."""
    body = "a,b\n" + "".join(f"{field},x\n" for field in fields)
    columns = csv.decode(body.encode(), Limits()).columns
    assert isinstance(columns, Columns)
    found = columns.flat["a"]
    assert isinstance(found, Spelled)
    return found


@given(st.lists(FIELDS, min_size=1), st.sampled_from(Precision))
@example(["9007199254740993", "1.7976931348623157e308", "-0.0", "-0"], Precision.FLOAT64)
def test_numbers_are_those_of_the_texts(fields: list[str], precision: Precision) -> None:
    feature = Feature("a", Kind.NUMERIC, precision=precision)
    column = spelled(fields)
    found = countable_of(column, feature)
    expected = countable(column.series(), feature, untyped=True)
    assert isinstance(found, Numbers)
    assert isinstance(expected, Numbers)
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(np.signbit(found.values), np.signbit(expected.values))
    np.testing.assert_array_equal(found.invalid, expected.invalid)


@given(st.lists(FIELDS, min_size=1))
def test_texts_are_counted_as_the_series_are(fields: list[str]) -> None:
    feature = Feature("a", Kind.CATEGORICAL)
    column = spelled(fields)
    assert column.series().to_list() == [
        field.removeprefix('"').removesuffix('"').replace('""', '"') or None for field in fields
    ]
    expected = countable(column.series(), feature, untyped=True)
    found = countable_of(column, feature)
    assert (found is None) == any(field in {"True", "False"} for field in fields)
    if found is not None:
        assert count(LEVELS, found) == count(LEVELS, expected)
        assert place(LEVELS, found).tolist() == place(LEVELS, expected).tolist()


@given(st.lists(TIMES, min_size=1), st.sampled_from([None, "17", "", "x"]))
def test_times_are_those_of_the_series_where_all_can_be_used(
    times: list[str], other: str | None
) -> None:
    column = spelled([*times, *([] if other is None else [other])])
    found = column.micros(None)
    expected = event_times(column.series(), None, untyped=True)
    assert (found is None) == bool(expected.problems.any())
    assert found is None or found.tolist() == expected.micros.tolist()


def test_numbers_with_a_unit_are_left_to_the_series() -> None:
    column = spelled(["1769860800"])
    assert column.micros(TimeUnit.SECONDS) is None
    found = event_times(column.series(), TimeUnit.SECONDS, untyped=True)
    assert found.micros.tolist() == [datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp() * 1e6]


@given(st.binary(max_size=2_000), st.binary(min_size=1, max_size=3))
def test_bytes_are_counted(body: bytes, marks: bytes) -> None:
    body += marks * 300
    assert census(body, marks) == [body.count(mark) for mark in marks]
    assert census(memoryview(body)[3:], marks) == [body[3:].count(mark) for mark in marks]


def test_a_quoted_header_may_hold_line_ends() -> None:
    table = csv.decode(b'"a\nb",c\n1,2\n', Limits())
    assert list(table.columns) == ["a\nb", "c"]
