"""Event times: what is one, in which unit, and what is said of what is none."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import RawColumn
from app.domain.model import TimeUnit
from app.domain.rows import times
from app.domain.rows.times import DETAILS, Problem, event_times, to_datetime, to_micros

UTC = dt.UTC
NONE, MISSING, WRONG, RANGE, UNIT, LEAP = Problem


def one(value: object, unit: TimeUnit | None = None) -> object:
    """What a single value of a JSON body is: a time, or its problem."""
    return shown([value], unit)[0]


def shown(
    column: RawColumn, unit: TimeUnit | None = None, *, untyped: bool = False
) -> list[object]:
    found = event_times(column, unit, untyped=untyped)
    return [
        Problem(problem) if problem else to_datetime(int(micros))
        for micros, problem in zip(found.micros, found.problems, strict=True)
    ]


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013-01-01T00:00:00Z", at(2013, 1, 1)),
        ("2013-01-01t00:00:00z", at(2013, 1, 1)),
        ("2013-01-01 05:06:07", at(2013, 1, 1, 5, 6, 7)),
        ("2013-01-01", at(2013, 1, 1)),
        ("2013-01-01T00:00:00.5Z", at(2013, 1, 1, 0, 0, 0, 500_000)),
        ("2013-01-01T00:00:00.123456789Z", at(2013, 1, 1, 0, 0, 0, 123_456)),
        ("2013-01-01T00:00:00+02:30", at(2012, 12, 31, 21, 30)),
        ("2013-01-01T00:00:00+0230", at(2012, 12, 31, 21, 30)),
        ("2013-01-01T00:00:00-23:59", at(2013, 1, 1, 23, 59)),
        ("2013-01-01T23:59:59+23:59", at(2013, 1, 1, 0, 0, 59)),
        ("2013-01-01T00:00:00-00:00", at(2013, 1, 1)),
        ("2013-03-31T02:30:00", at(2013, 3, 31, 2, 30)),
        ("2012-02-29T00:00:00Z", at(2012, 2, 29)),
        ("1970-01-01T00:00:00Z", at(1970, 1, 1)),
        ("2199-12-31T23:59:59.999999Z", at(2199, 12, 31, 23, 59, 59, 999_999)),
        ("2200-01-01T00:00:00Z", RANGE),
        ("1969-12-31T23:59:59.999999Z", RANGE),
        ("1970-01-01T00:00:00+00:01", RANGE),
        ("0001-01-01T00:00:00Z", RANGE),
        ("9999-12-31T23:59:59Z", RANGE),
        ("10000-01-01T00:00:00Z", WRONG),
        ("2013-02-29T00:00:00Z", WRONG),
        ("2013-04-31T00:00:00Z", WRONG),
        ("2013-13-01T00:00:00Z", WRONG),
        ("2013-00-01T00:00:00Z", WRONG),
        ("2013-01-01T24:00:00Z", WRONG),
        ("2013-01-01T23:59:60Z", LEAP),
        ("2016-12-31T23:59:60Z", LEAP),
        ("2017-01-01t00:59:60.5+01:00", LEAP),
        ("2016-12-31T23:60:60Z", WRONG),
        ("2016-12-31T23:59:61Z", WRONG),
        ("2013-01-01T00:60:00Z", WRONG),
        ("2013-01-01T00:00Z", WRONG),
        ("2013-01-01T00:00:00+24:00", WRONG),
        ("2013-01-01T00:00:00 UTC", WRONG),
        ("2013-01-01T00:00:00.Z", WRONG),
        ("2013-01-01T00:00:00,5Z", WRONG),
        (" 2013-01-01T00:00:00Z", WRONG),
        ("2013-01-01T00:00:00Z\n", WRONG),
        ("2013-1-1", WRONG),
        ("20130101", WRONG),
        ("01/02/2013", WRONG),
        ("\u0662\u0660\u0661\u0663-01-01", WRONG),
        ("now", WRONG),
        ("", WRONG),
        (None, MISSING),
        (True, WRONG),
        ([2013], WRONG),
        ({}, WRONG),
        (0, UNIT),
        (1.5, UNIT),
    ],
)
def test_values_without_a_unit(text: object, expected: object) -> None:
    assert one(text) == expected
    # beside a value of another type the slow way is taken
    assert shown([text, None, "2013-01-01"])[0] == expected


@pytest.mark.parametrize(
    ("unit", "number"),
    [
        (TimeUnit.SECONDS, 1_357_000_000),
        (TimeUnit.SECONDS, 1_357_000_000.0),
        (TimeUnit.MILLISECONDS, 1_357_000_000_000),
        (TimeUnit.MICROSECONDS, 1_357_000_000_000_000),
        (TimeUnit.NANOSECONDS, 1_357_000_000_000_000_000),
    ],
)
def test_numbers_have_the_unit_of_the_schema(unit: TimeUnit, number: float) -> None:
    expected = [at(2013, 1, 1, 0, 26, 40)]
    assert shown([number], unit) == expected
    assert shown(pl.Series([number]), unit) == expected
    assert shown(pl.Series([str(number)]), unit, untyped=True) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, at(1970, 1, 1)),
        (0.25, at(1970, 1, 1, 0, 0, 0, 250_000)),
        (-1, RANGE),
        (1e300, RANGE),
        (10**30, RANGE),
        (2**63 - 1, RANGE),
        (7_258_118_400, RANGE),
        (7_258_118_399, at(2199, 12, 31, 23, 59, 59)),
        (True, WRONG),
        ("2013-01-01", at(2013, 1, 1)),
    ],
)
def test_numbers_of_seconds(number: object, expected: object) -> None:
    assert one(number, TimeUnit.SECONDS) == expected


def test_text_formats_may_spell_numbers() -> None:
    column = pl.Series(["1", "x", None, "1.5", "2013-01-01"])
    assert shown(column, TimeUnit.SECONDS, untyped=True)[:4] == [
        at(1970, 1, 1, 0, 0, 1),
        WRONG,
        MISSING,
        at(1970, 1, 1, 0, 0, 1, 500_000),
    ]
    assert shown(column, untyped=True) == [UNIT, WRONG, MISSING, UNIT, at(2013, 1, 1)]
    assert shown(column) == [WRONG, WRONG, MISSING, WRONG, at(2013, 1, 1)]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_typed_times(unit: str, zone: str | None) -> None:
    naive = pl.Series([dt.datetime(2013, 6, 1, 12)]).cast(pl.Datetime(unit))  # type: ignore[arg-type]  # noqa: DTZ001
    column = naive if zone is None else naive.dt.replace_time_zone(zone)
    hour = 10 if zone == "Europe/Berlin" else 12
    assert shown(column) == [at(2013, 6, 1, hour)]


def test_typed_dates_and_others() -> None:
    far = pl.Series([dt.date(2013, 1, 1), None, dt.date(1, 1, 1), dt.date(9999, 12, 31)])
    assert shown(far) == [at(2013, 1, 1), MISSING, RANGE, RANGE]
    assert shown(pl.Series([True])) == [WRONG]
    assert shown(pl.Series([None])) == [MISSING]
    assert shown(pl.Series([b"2013"])) == [WRONG]


@given(
    st.datetimes(
        min_value=dt.datetime(1970, 1, 2),  # noqa: DTZ001
        max_value=dt.datetime(2199, 12, 30),  # noqa: DTZ001
        timezones=st.timezones().map(lambda _: UTC)
        | st.integers(-1439, 1439).map(lambda m: dt.timezone(dt.timedelta(minutes=m))),
    )
)
def test_agrees_with_the_standard_library(time: dt.datetime) -> None:
    assert one(time.isoformat()) == time
    assert to_datetime(to_micros(time)) == time


MOMENTS = st.datetimes(dt.datetime(1960, 1, 1), dt.datetime(2210, 1, 1))  # noqa: DTZ001 - a zone is written behind
TEXT = st.builds(
    lambda moment, letter, digits, zone: (
        moment.strftime(f"%Y-%m-%d{letter}%H:%M:%S")
        + (f".{moment:%f}000"[: digits + 1] if digits else "")
        + zone
    ),
    MOMENTS,
    st.sampled_from(["T", "t", " "]),
    st.integers(0, 9),
    st.sampled_from(
        ["", "Z", "z", "+00:00", "-00:00", "+05:30", "-23:59", "+0530", "+24:00", "+5"]
    ),
)
NEAR = TEXT | st.builds(
    lambda text, at, mark: text[: at % len(text)] + mark + text[at % len(text) + 1 :],
    TEXT,
    st.integers(0, 40),
    st.sampled_from(list("0123456789-:.TZ+ x\u00e9")),
)


@given(st.lists(st.none() | NEAR, min_size=1, max_size=8))
def test_the_loop_and_the_expression_agree(texts: list[str | None]) -> None:
    column = pl.Series(texts, dtype=pl.String)
    fast, slow = times._of_rfc3339(column), times._of_any_rfc3339(column)
    assert fast.problems.tolist() == slow.problems.tolist()
    sound = fast.problems == 0
    assert fast.micros[sound].tolist() == slow.micros[sound].tolist()


def test_what_is_said_of_a_leap_second_names_it() -> None:
    texts = pl.Series(["2016-12-31T23:59:60Z", None, "2016-12-31T23:59:59Z"])
    expected = [LEAP, MISSING, at(2016, 12, 31, 23, 59, 59)]
    assert shown(texts) == shown(texts, untyped=True) == expected
    assert "leap seconds are not read" in DETAILS[LEAP]
