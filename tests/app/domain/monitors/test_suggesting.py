"""Suggested thresholds keep to the budget on what was seen, and none less would."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.domain.alerts import alert
from app.domain.alerts.alert import Change, Look
from app.domain.monitors.monitor import BUDGET_SPAN, Monitor
from app.domain.monitors.suggesting import above, allowed, rate_bound, suggest

START, HOUR = datetime(2026, 3, 2, tzinfo=UTC), timedelta(hours=1)
EFFECTS = st.lists(st.sampled_from([-0.1, 0.02, 0.1, 0.25, 0.4, 0.7]) | st.none(), max_size=40)


def firings(effects: list[float | None], threshold: float, monitor: Monitor) -> int:
    """How often the live alert fires where evidence and effect suffice; None: no evidence."""
    looks = [
        Look(START + at * HOUR, 1, effect is not None and effect >= threshold)
        for at, effect in enumerate(effects)
    ]
    states = [None, *(step.state for step in alert.replay(None, looks, monitor))]
    return sum(b is not None and alert.change(a, b) is Change.FIRING for a, b in pairwise(states))


def suggested(effects: list[float | None], monitor: Monitor, most: int) -> float:
    at = [index for index, effect in enumerate(effects) if effect is not None]
    return suggest(len(effects), at, [effects[i] or 0.0 for i in at], monitor, most)


@given(EFFECTS, st.integers(1, 3), st.integers(0, 2), st.integers(1, 3), st.integers(0, 3))
def test_from_the_suggestion_on_the_alert_keeps_to_the_budget(
    effects: list[float | None], needed: int, more: int, resolve: int, most: int
) -> None:
    monitor = Monitor("m", 1, fire_after=needed, fire_of=needed + more, resolve_after=resolve)
    least = suggested(effects, monitor, most)
    higher = {one for one in effects if one is not None and one >= least}
    assert all(firings(effects, one, monitor) <= most for one in {least, *higher})


@given(EFFECTS, st.integers(1, 3), st.integers(0, 2), st.integers(1, 3))
def test_no_threshold_below_would_keep_an_alert_from_firing(
    effects: list[float | None], needed: int, more: int, resolve: int
) -> None:
    monitor = Monitor("m", 1, fire_after=needed, fire_of=needed + more, resolve_after=resolve)
    least = suggested(effects, monitor, 0)
    lower = {one for one in effects if one is not None and 0 <= one < least}
    assert all(firings(effects, one, monitor) > 0 for one in lower)


def test_windows_that_cannot_be_told_apart_by_the_alert_are_one_firing() -> None:
    effects: list[float | None] = [0.5, 0.4, None, 0.3, None, None, 0.2]
    assert suggested(effects, Monitor("m", 1, resolve_after=2), 1) == above(0.2)
    assert suggested(effects, Monitor("m", 1, resolve_after=1), 1) == above(0.3)
    assert suggested(effects, Monitor("m", 1, resolve_after=1), 3) == 0.0
    assert suggested([None] * 3, Monitor("m", 1), 0) == 0.0


def test_the_next_number_of_three_digits_is_larger() -> None:
    assert [above(one) for one in (0.2, 0.1234, 0.9999, 12.34, 0.0)] == [
        0.201,
        0.124,
        1.0,
        12.4,
        0.001,
    ]


def test_what_a_history_allows_and_excludes() -> None:
    assert allowed(0.1, 9 * BUDGET_SPAN) == 0
    assert allowed(0.1, 10 * BUDGET_SPAN) == 1
    bound = rate_bound(0, BUDGET_SPAN)
    assert bound is not None
    assert abs(bound - 2.9957) < 1e-3, "three events at most where none was seen"
    two = rate_bound(2, 2 * BUDGET_SPAN)
    assert two is not None
    assert abs(two - 6.2958 / 2) < 1e-3
    assert rate_bound(0, timedelta(0)) is None
