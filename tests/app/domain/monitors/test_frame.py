"""Frames: which windows a moment lies in, and which shapes can be used."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.monitors.frame import Frame, fault_of
from app.domain.monitors.monitor import BASE_FRAME, Monitor

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, st.integers(1, 8), st.integers(1, 12))
def test_a_moment_lies_in_as_many_windows_as_overlap(
    moment: datetime, quarters: int, overlap: int
) -> None:
    frame = Frame(overlap * quarters * QUARTER, quarters * QUARTER)
    last = frame.stride(moment)
    starts = [frame.start(last - back) for back in range(-1, frame.overlap + 1)]
    holds = [start <= moment < start + frame.width for start in starts]
    assert holds == [False, *[True] * overlap, False]


def test_days_begin_at_midnight_and_weeks_on_mondays() -> None:
    moment = datetime(2026, 3, 4, 13, 37, tzinfo=UTC)
    day, week = Frame(DAY, DAY), Frame(7 * DAY, 7 * DAY)
    assert day.start(day.stride(moment)) == datetime(2026, 3, 4, tzinfo=UTC)
    assert week.start(week.stride(moment)) == datetime(2026, 3, 2, tzinfo=UTC)
    assert (day.name, Frame(DAY, HOUR).name) == ("1440/1440", "1440/60")


@pytest.mark.parametrize(
    ("width", "step", "member"),
    [
        (QUARTER, QUARTER, None),
        (30 * DAY, DAY, None),
        (7 * DAY, HOUR, None),
        (7 * DAY, 3 * QUARTER, "step"),  # 224 windows overlap
        (31 * DAY, DAY, "window"),
        (timedelta(minutes=20), timedelta(minutes=20), "window"),
        (HOUR, timedelta(minutes=20), "step"),
        (HOUR, 3 * QUARTER, "step"),
        (HOUR, 2 * HOUR, "step"),
        (HOUR, timedelta(0), "step"),
    ],
)
def test_which_can_be_used(width: timedelta, step: timedelta, member: str | None) -> None:
    wrong = fault_of(Frame(width, step))
    assert (wrong and wrong[0]) == member


def test_a_monitor_of_the_models_own_width_shares_its_windows() -> None:
    assert Monitor("m", 1).frame_name(HOUR) == BASE_FRAME
    assert Monitor("m", 1, window=HOUR).frame_name(HOUR) == BASE_FRAME
    assert Monitor("m", 1, window=HOUR, step=QUARTER).frame_name(HOUR) == "60/15"
    assert Monitor("m", 1, step=QUARTER).frame_name(HOUR) == "60/15"
    assert Monitor("m", 1, window=DAY).frame_name(HOUR) == "1440/1440"
