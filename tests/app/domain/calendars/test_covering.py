"""Times that a calendar leaves out, held against plain ways to say the same."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendars.covering import covers
from app.domain.calendars.exclusion import Exclusion

BERLIN = "Europe/Berlin"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
XMAS = Exclusion(on=date(2026, 12, 24), zone=BERLIN)
WEEK = Exclusion(first=date(2026, 12, 28), last=date(2027, 1, 3))
NIGHT = Exclusion(cron="0 22 * * 5", span=8 * HOUR)
FRIDAY = datetime(2026, 3, 6, 22, tzinfo=UTC)


def hour(*when: int) -> tuple[datetime, datetime]:
    start = datetime(*when, tzinfo=UTC)  # type: ignore[arg-type,misc]
    return start, start + HOUR


@pytest.mark.parametrize(
    ("one", "when", "expected"),
    [
        (XMAS, (2026, 12, 23, 22), False),
        (XMAS, (2026, 12, 23, 23), True),  # midnight in Berlin
        (XMAS, (2026, 12, 24, 22), True),
        (XMAS, (2026, 12, 24, 23), False),
        (WEEK, (2026, 12, 27, 23), False),
        (WEEK, (2026, 12, 28, 0), True),
        (WEEK, (2027, 1, 3, 23), True),
        (WEEK, (2027, 1, 4, 0), False),
        (Exclusion(country="DE"), (2026, 10, 3, 12), True),
        (Exclusion(country="DE"), (2026, 3, 8, 12), False),
        (Exclusion(country="DE", subdivision="BE"), (2026, 3, 8, 12), True),
        (Exclusion(country="US"), (2026, 11, 26, 12), True),  # Thanksgiving
        (NIGHT, (2026, 3, 6, 21), False),
        (NIGHT, (2026, 3, 6, 22), True),
        (NIGHT, (2026, 3, 7, 5), True),
        (NIGHT, (2026, 3, 7, 6), False),
        (NIGHT, (2026, 3, 7, 22), False),
    ],
)
def test_an_hour(one: Exclusion, when: tuple[int, ...], *, expected: bool) -> None:
    assert covers((one,), *hour(*when)) is expected
    assert covers((Exclusion(on=date(2000, 1, 1)), one), *hour(*when)) is expected


def test_a_window_is_out_where_any_of_it_is() -> None:
    assert covers((NIGHT,), FRIDAY - 3 * DAY, FRIDAY + timedelta(minutes=15))
    assert not covers((NIGHT,), FRIDAY - 3 * DAY, FRIDAY)
    assert not covers((), FRIDAY, FRIDAY + DAY)


@settings(max_examples=60, deadline=None)
@given(
    minute=st.integers(0, 59),
    at=st.integers(0, 23),
    weekday=st.integers(0, 6),
    length=st.integers(1, 7 * 24 * 60),
    start=st.integers(0, 400 * 96),
    width=st.integers(1, 96 * 2),
    zone=st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe"]),
)
def test_cron_ranges_are_those_that_a_walk_over_days_finds(
    minute: int, at: int, weekday: int, length: int, start: int, width: int, zone: str
) -> None:
    """A time that the clocks jump over comes an hour later or so: there the walk is not asked."""
    begin = datetime(2025, 6, 1, tzinfo=UTC) + start * timedelta(minutes=15)
    end = begin + width * timedelta(minutes=15)
    span, where = timedelta(minutes=length), ZoneInfo(zone)
    found, sure = False, True
    for back in range(-12, 6):
        day = begin.astimezone(where).date() + back * DAY
        if day.isoweekday() % 7 != weekday:
            continue
        local = datetime(day.year, day.month, day.day, at, minute, tzinfo=where)
        began = local.astimezone(UTC)
        sure &= began.astimezone(where).hour == at and local.utcoffset() == (
            local.replace(fold=1).utcoffset()
        )
        found |= began < end and began + span > begin
    if sure:
        one = Exclusion(cron=f"{minute} {at} * * {weekday}", span=span, zone=zone)
        assert covers((one,), begin, end) is found
