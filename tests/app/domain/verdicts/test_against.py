"""What windows are held against beside the reference."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from app.domain.calendars.exclusion import Exclusion
from app.domain.monitors.monitor import Against, AgainstKind, Monitor
from app.domain.verdicts.against import barred, excluded, judge_against, stretches, together
from app.domain.verdicts.judgement import Gathered, WindowKey
from drift_core import State
from tests.app.domain.verdicts.test_judging import STORED, baseline, window

START = datetime(2026, 3, 4, 9, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
KEY = WindowKey(1, "b", "", "default", START)
PREVIOUS = Against(AgainstKind.PREVIOUS)


@pytest.mark.parametrize(
    ("against", "name", "spans"),
    [
        (PREVIOUS, "previous", [("b", START - HOUR, START)]),
        (
            Against(AgainstKind.TRAILING, span=WEEK),
            "trailing-10080m",
            [("b", START - WEEK, START)],
        ),
        (
            Against(AgainstKind.SAME_HOUR),
            "same_hour",
            [("b", START - WEEK, START + HOUR - WEEK)],
        ),
        (
            Against(AgainstKind.SAME_HOUR, weeks=2),
            "same_hour-2w",
            [("b", START - n * WEEK, START + HOUR - n * WEEK) for n in (1, 2)],
        ),
        (Against(AgainstKind.VERSION), "version", [("a", START, START + HOUR)]),
        (Against(AgainstKind.VERSION, version="c"), "version-c", [("c", START, START + HOUR)]),
        (Against(AgainstKind.VERSION, version="b"), "version-b", []),
    ],
)
def test_stretches(
    against: Against, name: str, spans: list[tuple[str, datetime, datetime]]
) -> None:
    found = stretches(against, KEY, START + HOUR, "a")
    assert [(one.key.version, one.key.start, one.end) for one in found] == spans
    assert against.name == name
    assert {one.key.frame for one in found} <= {"against"}


def test_a_champion_is_not_held_against_itself() -> None:
    assert stretches(Against(AgainstKind.VERSION), KEY, START + HOUR, "b") == []
    assert stretches(Against(AgainstKind.VERSION), KEY, START + HOUR, None) == []


NONE = Gathered(0, None, None)


def test_stretches_add_up_where_they_lie_on_one_grid_set() -> None:
    one, two = window(0.0, 300), window(0.0, 500)
    both = together([one, NONE, two])
    assert (both.rows, both.grid_set) == (800, 1)
    assert one.vector is not None
    assert two.vector is not None
    assert both.vector is not None
    assert (both.vector == one.vector + two.vector).all()
    assert together([one, Gathered(5, 2, np.zeros(3, np.int64))]).vector is None
    assert together([one, Gathered(5, None, None)]).vector is None
    assert together([one, Gathered(5, None, None, damaged=True)]).damaged
    assert together([NONE]).rows == 0


@pytest.mark.parametrize(
    ("other", "state", "reason"),
    [
        (window(0.0, 1_500), "ok", None),
        (window(1.0, 1_500), "drift", None),
        (NONE, "insufficient_data", "no_reference_rows"),
        (Gathered(9, 2, None), "insufficient_data", "grid"),
        (Gathered(9, None, None, damaged=True), "error", "counts damaged"),
    ],
)
def test_a_window_against_other_traffic(other: Gathered, state: str, reason: str | None) -> None:
    monitor = Monitor("m", 3, page_level=0.04)
    found = judge_against(window(0.0), other, (baseline(), STORED), monitor, PREVIOUS)
    assert (found.verdict.state, found.verdict.reason) == (State(state), reason)
    assert (found.comparison, found.baseline, found.verdict.page) == ("previous", None, False)
    assert (found.monitor.version, found.monitor.page_level) == (3, None)


OUT = Exclusion(first=date(2026, 2, 22), last=date(2026, 3, 1))
"""From a Sunday to the next; ``START`` is the Wednesday after."""
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("against", "starts"),
    [
        (Against(AgainstKind.SAME_HOUR), [START - 2 * WEEK]),
        (Against(AgainstKind.SAME_HOUR, weeks=2), [START - 2 * WEEK, START - 3 * WEEK]),
        (PREVIOUS, [START - HOUR]),
        (Against(AgainstKind.VERSION), [START]),
    ],
)
def test_the_next_earlier_takes_the_place_of_what_is_left_out(
    against: Against, starts: list[datetime]
) -> None:
    found = stretches(against, KEY, START + HOUR, "a", (OUT,))
    assert [one.key.start for one in found] == starts
    assert [one.end - one.key.start for one in found] == [HOUR] * len(found)


def test_the_window_before_a_weekend_follows_it() -> None:
    monday = replace(KEY, start=datetime(2026, 3, 2, tzinfo=UTC))
    (found,) = stretches(PREVIOUS, monday, monday.start + HOUR, "a", (OUT,))
    assert found.end == datetime(2026, 2, 22, tzinfo=UTC)


def test_a_trailing_span_has_holes() -> None:
    span = Against(AgainstKind.TRAILING, span=12 * DAY)
    found = stretches(span, KEY, START + HOUR, "a", (OUT,))
    assert [(one.key.start, one.end) for one in found] == [
        (datetime(2026, 3, 2, tzinfo=UTC), START),
        (START - 12 * DAY, datetime(2026, 2, 22, tzinfo=UTC)),
    ]
    odd = replace(span, span=timedelta(minutes=90))
    assert [one.key.start for one in stretches(odd, KEY, START + HOUR, "a", (OUT,))] == [
        START - timedelta(minutes=90)
    ]


def test_the_past_is_looked_at_so_far_only() -> None:
    always = (Exclusion(cron="0 0 * * *", span=DAY),)
    for one in (PREVIOUS, Against(AgainstKind.TRAILING, span=DAY), Against(AgainstKind.SAME_HOUR)):
        assert stretches(one, KEY, START + HOUR, "a", always) == []


def test_a_window_on_a_time_that_is_left_out_is_held_against_no_other() -> None:
    end = START + HOUR
    wednesday = (Exclusion(cron="0 9 * * 3", span=HOUR),)
    assert barred(PREVIOUS, wednesday, START, end)
    assert not barred(PREVIOUS, (OUT,), START, end)
    assert not barred(Against(AgainstKind.VERSION), wednesday, START, end)
    said = excluded(Monitor("m", 3, page_level=0.04), PREVIOUS)
    assert (said.comparison, said.verdict.state, said.verdict.reason) == (
        "previous",
        State.INSUFFICIENT_DATA,
        "excluded",
    )
    assert (said.baseline, said.monitor.page_level) == (None, None)
