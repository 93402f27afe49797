"""Silence against a model's own history: what is usual, what is an alarm, what is not known."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from app.domain.alerts.traffic import (
    HOUR,
    LOOK,
    SHORTEST,
    Hour,
    Mark,
    Rhythm,
    hours_of,
    judge,
    look,
    threshold,
)
from app.domain.window import MONDAY

WEEKS = 6
START = MONDAY + timedelta(weeks=2_900)
NOW = START + timedelta(weeks=WEEKS)
MINUTE = timedelta(minutes=1)


def office(at: datetime) -> bool:
    return at.weekday() < 5 and 8 <= at.hour < 18


def history(active: int = 60, weeks: int = WEEKS, when=lambda _: True) -> list[Hour]:
    """Hours with rows in ``active`` looks each, at the hours that ``when`` takes."""
    hours = [START + n * HOUR for n in range(weeks * 168)]
    return [Hour(at, 60, active, 100 * active) if when(at) else Hour(at, 60, 0, 0) for at in hours]


def mark(silent: timedelta, now: datetime = NOW) -> Mark:
    return Mark(10, now, now - silent)


def test_minutes_without_rows_are_looked_at_and_kept_as_the_hour_s_longest() -> None:
    first = look(None, 5, NOW, alarmed=False)
    assert (first.mark, first.hour) == (Mark(5, NOW, None), None)
    second = look(first.mark, 9, NOW + MINUTE, alarmed=False)
    assert second.mark.arrived_at == NOW + MINUTE
    assert second.hour == Hour(NOW, 1, 1, 4)
    quiet = second.mark
    for minute in range(2, 6):
        seen = look(quiet, 9, NOW + minute * MINUTE, alarmed=False)
        quiet = seen.mark
        assert seen.hour == Hour(NOW, 1, 0, 0)
    back = look(quiet, 10, NOW + 6 * MINUTE, alarmed=False)
    assert back.hour == Hour(NOW, 1, 1, 1, NOW + MINUTE, NOW + 6 * MINUTE)


def test_time_that_nobody_watched_is_no_silence() -> None:
    seen = look(mark(2 * MINUTE), 10, NOW + 2 * HOUR, alarmed=False)
    assert seen.hour is None
    assert seen.mark.blind
    later = look(seen.mark, 10, NOW + 2 * HOUR + MINUTE, alarmed=False)
    assert later.mark.blind, "what was not seen before is still not known"
    assert judge(later.mark, history(), NOW + 30 * HOUR, None) is None
    back = look(later.mark, 11, NOW + 2 * HOUR + 2 * MINUTE, alarmed=False)
    assert not back.mark.blind
    assert back.hour is not None
    assert back.hour.quiet_from is None


def test_an_outage_that_was_told_is_not_learned() -> None:
    back = look(mark(5 * HOUR), 11, NOW + MINUTE, alarmed=True)
    assert back.hour is not None
    assert back.hour.quiet_from is None


def test_a_busy_model_is_silent_after_a_quarter_of_an_hour() -> None:
    assert judge(mark(SHORTEST - MINUTE), history(), NOW, None) is None
    found = judge(mark(SHORTEST + MINUTE), history(), NOW, None)
    assert found is not None
    assert found.since == NOW - SHORTEST - MINUTE
    assert found.usual_rows == pytest.approx(16 * 100)


def test_nights_and_weekends_are_no_alarm_and_a_silent_monday_is() -> None:
    hours = [
        Hour(h.start, 60, 60, 6_000, h.start - 62 * HOUR, h.start)
        if (h.start.weekday(), h.start.hour) == (0, 8)
        else h
        for h in history(when=office)
    ]
    friday = START + timedelta(weeks=WEEKS - 1, days=4, hours=18)
    monday = START + timedelta(weeks=WEEKS, hours=8)
    assert judge(Mark(10, monday, friday), hours, monday, None) is None
    found = judge(Mark(10, monday, friday), hours, monday + SHORTEST, None)
    assert found is not None
    assert (found.usual_rows or 0) == pytest.approx(1_500, rel=0.01)


def test_a_rule_of_flat_rates_would_cry_wolf_every_night() -> None:
    """The control: the same hours taken for one rate, as a plain timeout takes them."""
    hours = history(when=office)
    flat = [Hour(h.start, 60, 18, 100) for h in hours]
    night = START + timedelta(weeks=WEEKS, days=1, hours=8)
    evening = night - 14 * HOUR
    assert judge(Mark(10, night, evening), flat, night, None) is not None
    assert judge(Mark(10, night, evening), hours, night, None) is None


def test_what_always_was_silent_as_long_is_no_alarm_and_two_outages_hide_nothing() -> None:
    quiet = [Hour(h.start, 60, 40, 40, h.start - HOUR, h.start) for h in history()]
    assert judge(mark(3 * HOUR), quiet, NOW, None) is None
    assert judge(mark(4 * HOUR), quiet, NOW, None) is not None
    outages = history()
    for at in (200, 400):
        long = outages[at].start - 20 * HOUR
        outages[at] = Hour(outages[at].start, 60, 60, 60, long, outages[at].start)
    assert judge(mark(SHORTEST + MINUTE), outages, NOW, None) is not None


@pytest.mark.parametrize("hours", [history(weeks=1), history(active=0), []])
def test_too_little_history_is_no_ground_for_an_alarm(hours: list[Hour]) -> None:
    assert threshold(Rhythm(hours), hours) is None
    assert judge(mark(48 * HOUR), hours, NOW, None) is None


def test_a_declared_limit_needs_no_history() -> None:
    assert judge(mark(2 * HOUR), [], NOW, 3 * HOUR) is None
    found = judge(mark(4 * HOUR), [], NOW, 3 * HOUR)
    assert found is not None
    assert (found.usual_rows, found.threshold) == (None, None)
    assert judge(Mark(0, NOW, None), [], NOW, 3 * HOUR) is None, "no row ever came"


def test_surprise_adds_up_over_any_cut_and_weeks_repeat() -> None:
    rhythm = Rhythm(history(active=30, when=office))
    start = hours_of(START)
    cuts = start + np.sort(np.random.default_rng(1).uniform(0, 400, 20))
    pieces = rhythm.surprise(cuts[:-1], cuts[1:])
    whole = rhythm.surprise(cuts[:1], cuts[-1:])
    assert pieces.sum() == pytest.approx(whole[0])
    assert (pieces >= 0).all()
    week = rhythm.surprise(np.array([start]), np.array([start + 168.0]))
    again = rhythm.surprise(np.array([start + 5.5]), np.array([start + 173.5]))
    assert week == pytest.approx(again)
    # half of the looks of an hour see rows: a silent minute is worth about log 2
    assert rhythm.surprise(
        np.array([start + 9.0]), np.array([start + 9.0 + LOOK / HOUR])
    ) == pytest.approx(np.log(2), rel=0.01)
