"""Panes, windows, watermark, and when a window may close or is final."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.window import (
    MONDAY,
    PANE,
    Progress,
    SourceProgress,
    closable,
    closable_until,
    floor,
    is_final,
    is_future,
    pane_of,
    watermark,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WIDTHS = st.integers(1, 3_000).map(lambda n: n * PANE)


def source(event: datetime, committed: datetime = NOW, name: str = "http") -> SourceProgress:
    return SourceProgress(name, event, committed)


@given(TIMES, WIDTHS)
def test_every_time_lies_in_one_aligned_half_open_interval(time: datetime, width) -> None:
    start = floor(time, width)
    assert start <= time < start + width
    assert (start - MONDAY) % width == timedelta(0)
    assert floor(start, width) == start


@given(TIMES, WIDTHS)
def test_a_window_is_a_whole_number_of_panes(time: datetime, width) -> None:
    assert floor(pane_of(time), width) == floor(time, width)


def test_weeks_begin_on_monday_and_days_at_midnight() -> None:
    assert floor(datetime(2013, 3, 7, 15, 3, tzinfo=UTC), timedelta(days=7)) == datetime(
        2013, 3, 4, tzinfo=UTC
    )
    assert floor(NOW + 3 * HOUR, timedelta(days=1)) == datetime(2026, 3, 2, tzinfo=UTC)
    assert pane_of(datetime(1969, 12, 31, 23, 59, tzinfo=UTC)) == datetime(
        1969, 12, 31, 23, 45, tzinfo=UTC
    )


def test_the_slowest_live_source_decides_the_watermark() -> None:
    sources = [source(NOW, name="fast"), source(NOW - HOUR, name="slow")]
    assert watermark(sources, NOW) == NOW - HOUR


def test_rows_of_the_past_hold_back_no_live_source() -> None:
    live = SourceProgress("http", NOW, NOW)
    past = SourceProgress("backfill", NOW - 9 * HOUR, NOW, live=False)
    assert watermark([live, past], NOW) == NOW
    assert watermark([past], NOW) == NOW - 9 * HOUR


def test_a_silent_source_holds_nobody_back() -> None:
    silent = source(NOW - HOUR, NOW - timedelta(minutes=10, seconds=1), "gone")
    assert watermark([source(NOW), silent], NOW) == NOW
    assert watermark([silent], NOW) == NOW - HOUR
    assert watermark([], NOW) is None


@pytest.mark.parametrize(
    ("latest", "due"),
    [(15 * MINUTE, True), (15 * MINUTE - timedelta(microseconds=1), False), (HOUR, True)],
)
def test_a_window_closes_when_event_time_is_past_its_end_and_lateness(latest, due) -> None:
    end = NOW - timedelta(days=100)
    progress = Progress((source(end + latest),), NOW)
    assert closable(end, 15 * MINUTE, progress) is due


def test_where_traffic_stopped_real_time_closes_it() -> None:
    end = NOW - 20 * MINUTE
    quiet = Progress((source(end - MINUTE, NOW - 15 * MINUTE),), NOW)
    busy = Progress((source(end - MINUTE, NOW - 14 * MINUTE),), NOW)
    assert closable(end, 15 * MINUTE, quiet)
    assert not closable(end, 15 * MINUTE, busy)


def test_real_time_waits_a_minute_even_without_lateness() -> None:
    end = NOW - timedelta(seconds=59)
    late = Progress((source(end - MINUTE, NOW - timedelta(seconds=59)),), NOW)
    later = Progress((source(end - MINUTE, NOW - timedelta(seconds=60)),), NOW)
    assert not closable(end, timedelta(0), late)
    assert closable(end, timedelta(0), later)


def test_the_latest_end_that_may_close_parts_those_that_may_from_those_that_may_not() -> None:
    for latest, committed in itertools.product((0, 5, 90), (0, 14, 15, 40)):
        progress = Progress((source(NOW - latest * MINUTE, NOW - committed * MINUTE),), NOW)
        until = closable_until(15 * MINUTE, progress)
        assert until is not None
        assert closable(until, 15 * MINUTE, progress)
        assert not closable(until + timedelta(microseconds=1), 15 * MINUTE, progress)


def test_nothing_received_closes_nothing() -> None:
    assert closable_until(timedelta(0), Progress((), NOW)) is None
    assert not closable(NOW - HOUR, timedelta(0), Progress((), NOW))


def test_final_counts_from_the_first_close_in_real_time() -> None:
    assert not is_final(None, timedelta(0), NOW)
    assert not is_final(NOW - HOUR, HOUR + MINUTE, NOW)
    assert is_final(NOW - HOUR, HOUR, NOW)


def test_five_minutes_ahead_is_still_believed() -> None:
    assert not is_future(NOW + 5 * MINUTE, NOW)
    assert is_future(NOW + 5 * MINUTE + timedelta(microseconds=1), NOW)
