"""Traffic by the hour, and how alarms are counted."""

import numpy as np
import pytest

from benchmarks.scorecard.across_time import BUDGET, HOURLY, Quarter, _summary, quarter_row
from benchmarks.scorecard.across_time import _hourly as hourly
from benchmarks.scorecard.streams import SHIFT_10
from benchmarks.scorecard.traffic import (
    DAILY,
    FEATURES,
    INDEPENDENT,
    KINDS,
    REPEATED,
    WANDERING,
    WEEKLY,
    Happening,
    Traffic,
    hours_of,
    stacked,
)

NEVER = Happening(start=10**6)


@pytest.fixture
def rng():
    return np.random.default_rng(17)


@pytest.mark.parametrize("traffic", KINDS, ids=lambda one: one.name)
def test_all_hours_together_have_mean_zero_and_variance_one(traffic, rng):
    hours = 24 * 7 * 400
    shifts = traffic.shifts(hours, rng)
    assert shifts.mean() == pytest.approx(0.0, abs=0.05)
    assert shifts.var() + traffic.scale**2 == pytest.approx(1.0, abs=0.01)


def test_swings_come_when_they_are_said_to(rng):
    assert DAILY.shifts(48, rng)[[6, 18, 30]] == pytest.approx([0.3, -0.3, 0.3])
    week = WEEKLY.shifts(168, rng)
    assert week[130] - week[10] == pytest.approx(0.3)
    days = WANDERING.shifts(24 * 4_000, rng).reshape(-1, 24)
    assert (days == days[:, :1]).all()
    assert np.corrcoef(days[1:, 0], days[:-1, 0])[0, 1] == pytest.approx(0.7, abs=0.06)


def test_hours_hold_their_rows_and_repeat_them(rng):
    columns = hours_of(REPEATED, NEVER, 10_000, 1_000, 30, rng)
    assert len(columns) == len(FEATURES)
    for column in columns:
        assert column.m.tolist() == [1_000] * 30
        assert column.n.tolist() == [10_000]
        assert (column.cur_bins % 5 == 0).all()
    assert stacked([column.cur_bins for column in columns]).shape[:2] == (30, len(FEATURES))


def test_a_change_begins_in_its_hour_and_in_its_feature(rng):
    columns = hours_of(INDEPENDENT, Happening(SHIFT_10, 0, 20), 10_000, 1_000, 40, rng)
    first = columns[0].cur_bins[:, 1] / 1_000
    assert first[:20].mean() == pytest.approx(0.1, abs=0.02)
    assert first[20:].mean() == pytest.approx(0.0115, abs=0.01)
    other = columns[-1].cur_bins[:, 1] / 1_000
    assert other[20:].mean() == pytest.approx(0.1, abs=0.02)


def test_alarms_are_counted_before_the_change_and_timed_after_it():
    alarm = np.array([0, 1, 1, 0, 0, 0, 1, 1], bool)
    opens = np.array([0, 1, 0, 0, 0, 0, 1, 0], bool)
    assert _summary(alarm, opens, 5, 1) == Quarter(1, 0.4, 2)
    # an alarm that goes on until it was clean for two looks
    assert _summary(alarm, opens, 5, 3) == Quarter(1, 0.8, 2)
    assert _summary(alarm, opens, 8, 1) == Quarter(2, 0.5, None)


def test_quarters_are_summed_up():
    some = [Quarter(0, 0.0, 3), Quarter(4, 0.5, None), Quarter(1, 0.1, 30)]
    found = quarter_row(INDEPENDENT, Happening(SHIFT_10), {BUDGET: some}).rules[BUDGET]
    assert (found.within.hits, found.within.trials) == (2, 3)
    assert found.pages == pytest.approx(5 / 3)
    assert found.hours == pytest.approx(0.2)
    assert (found.found.hits, found.found.trials, found.delay) == (2, 3, 16.5)
    assert (found.soon.hits, found.soon.trials) == (1, 3)
    calm = quarter_row(Traffic("calm"), None, {BUDGET: some})
    assert (calm.change, calm.rules[BUDGET].found) == ("none", None)


def test_hourly_rules_know_always_from_never_and_the_verdict_from_noise(rng):
    found = hourly(hours_of(INDEPENDENT, NEVER, 10_000, 1_000, 60, rng), rng)
    assert found["always fire"].all()
    assert not found["never fire"].any()
    assert not found[HOURLY].any()
    assert found["one-sample PSI quantile"].mean() > 0.2
