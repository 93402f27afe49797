"""The alert machine as a table, and its laws."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.alerts.alert import (
    AlertState,
    Change,
    Look,
    Reason,
    Step,
    change,
    past,
    replay,
    step,
    telling,
)
from app.domain.monitors.monitor import Monitor, default_monitor

WEEK = timedelta(days=7)
START = datetime(2026, 1, 5, tzinfo=UTC)
LETTERS = {
    "i": AlertState.INACTIVE,
    "p": AlertState.PENDING,
    "F": AlertState.FIRING,
    "r": AlertState.RESOLVED,
}
PAGES = {"!": True, ".": False, "?": None}


def monitor(fire: int = 1, resolve: int = 2) -> Monitor:
    return Monitor("m", 1, WEEK, fire_after=fire, resolve_after=resolve)


def looks(text: str) -> list[Look]:
    return [Look(START + i * WEEK, 1, PAGES[c]) for i, c in enumerate(text)]


@pytest.mark.parametrize(
    ("fire", "resolve", "seen", "states"),
    [
        (1, 2, "", ""),
        (1, 2, ".", "i"),
        (1, 2, "?", "i"),
        (1, 2, "!", "F"),
        (1, 2, "!!!!", "FFFF"),
        (1, 2, "!.", "FF"),
        (1, 2, "!..", "FFr"),
        (1, 2, "!.!..", "FFFFr"),
        (1, 2, "!.?.", "FFFr"),  # what could not be judged neither clears nor restarts
        (1, 2, "!??????", "FFFFFFF"),
        (1, 2, "!...", "FFrr"),
        (1, 2, "!..?", "FFrr"),
        (1, 2, "!..!", "FFrF"),
        (2, 1, "!", "p"),
        (2, 1, "!!", "pF"),
        (2, 1, "!.!", "pip"),
        (2, 1, "!?!", "ppF"),
        (2, 1, "!!.", "pFr"),
        (2, 1, "!!.!.", "pFrpi"),
        (3, 3, "!!!...", "ppFFFr"),
        (3, 3, "!!!..!...", "ppFFFFFFr"),
    ],
)
def test_states(fire: int, resolve: int, seen: str, states: str) -> None:
    steps = replay(None, looks(seen), monitor(fire, resolve))
    assert [s.state for s in steps] == [LETTERS[c] for c in states]


@pytest.mark.parametrize(
    ("fire", "of", "seen", "states"),
    [
        (2, 3, "!!", "pF"),
        (2, 3, "!.!", "ppF"),
        (2, 3, "!..!", "ppip"),
        (2, 3, "!.?!", "pppF"),  # what could not be judged counts for none of the three
        (3, 5, "!!..!", "ppppF"),
        (3, 5, "!....!", "pppiip"),
        (3, 5, "!...!!.!", "pppipppF"),
        (1, 4, ".!", "iF"),
    ],
)
def test_so_many_of_so_many(fire: int, of: int, seen: str, states: str) -> None:
    asked = replace(monitor(fire), fire_of=of)
    assert [s.state for s in replay(None, looks(seen), asked)] == [LETTERS[c] for c in states]


@given(st.text("!.", max_size=40), st.integers(1, 5), st.integers(0, 4))
def test_it_fires_first_where_so_many_of_the_last_had_evidence(
    seen: str, fire: int, more: int
) -> None:
    of = fire + more
    first = next(
        (i for i in range(len(seen)) if seen[max(0, i + 1 - of) : i + 1].count("!") >= fire), None
    )
    steps = replay(None, looks(seen), replace(monitor(fire), fire_of=of))
    fired = [i for i, s in enumerate(steps) if s.state is AlertState.FIRING]
    assert (fired[0] if fired else None) == first
    assert all(s.run < 2**of for s in steps), "the memory is bounded"


def test_reasons() -> None:
    steps = replay(None, looks(".!!.?..?"), monitor())
    assert [s.reason for s in steps] == [
        Reason.QUIET,
        Reason.EVIDENCE,
        Reason.STILL_FIRING,
        Reason.CLEARING,
        Reason.NOT_JUDGED,
        Reason.CLEARED,
        Reason.QUIET,
        Reason.NOT_JUDGED,
    ]


def test_since_is_the_window_in_which_the_state_began() -> None:
    steps = replay(None, looks("..!!..."), monitor())
    weeks = [(s.since - START) // WEEK for s in steps]
    assert weeks == [0, 0, 2, 2, 2, 5, 5]


def test_the_default_monitor_fires_at_once_and_resolves_after_two() -> None:
    states = [s.state.value for s in replay(None, looks("!.."), default_monitor(WEEK))]
    assert states == ["firing", "firing", "resolved"]


@pytest.mark.parametrize("before", [None, *AlertState])
@pytest.mark.parametrize("now", list(AlertState))
def test_what_is_announced(before: AlertState | None, now: AlertState) -> None:
    firing = AlertState.FIRING
    wanted = {
        (True, True): None,
        (True, False): Change.RESOLVED,
        (False, True): Change.FIRING,
        (False, False): None,
    }[before is firing, now is firing]
    assert change(before, now) is wanted


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (AlertState.PENDING, AlertState.INACTIVE),
        (AlertState.INACTIVE, AlertState.INACTIVE),
        (AlertState.FIRING, AlertState.RESOLVED),
        (AlertState.RESOLVED, AlertState.RESOLVED),
    ],
)
def test_nothing_pends_or_fires_from_before_a_barrier(state: AlertState, after: AlertState) -> None:
    before = Step(START, 1, state, Reason.EVIDENCE, 3, START)
    assert past(None, START) is None
    assert past(before, None) == past(before, START - WEEK) == before
    for barrier in (START, START + WEEK):
        assert past(before, barrier) == replace(before, state=after, run=0)


histories = st.text("!.?", max_size=40)
monitors = st.builds(monitor, st.integers(1, 4), st.integers(1, 4))


@given(histories, monitors, st.integers(0, 40))
def test_replaying_from_any_window_gives_the_same(seen: str, m: Monitor, cut: int) -> None:
    """A restatement replays from its window on: that must equal replaying everything."""
    whole = replay(None, looks(seen), m)
    head = whole[:cut]
    tail = replay(head[-1] if head else None, looks(seen)[cut:], m)
    assert head + tail == whole


@given(histories, monitors)
def test_announcements_alternate(seen: str, m: Monitor) -> None:
    states = [None, *(s.state for s in replay(None, looks(seen), m))]
    told = [c for a, b in pairwise(states) if b is not None and (c := change(a, b))]
    assert told == [Change.FIRING, Change.RESOLVED] * (len(told) // 2) + [Change.FIRING] * (
        len(told) % 2
    )


@given(histories, monitors)
def test_firing_needs_evidence_in_its_own_window(seen: str, m: Monitor) -> None:
    before: Step | None = None
    for look in looks(seen):
        now = step(before, look, m)
        was = before.state if before else AlertState.INACTIVE
        if change(was, now.state) is Change.FIRING:
            assert look.page is True
        if change(was, now.state) is Change.RESOLVED:
            assert look.page is False
        if look.page is None:
            assert now.state is was
        before = now


@given(histories, monitors)
def test_many_windows_that_cannot_be_judged_change_nothing(seen: str, m: Monitor) -> None:
    def changes(text: str) -> list[Change]:
        states = [None, *(s.state for s in replay(None, looks(text), m))]
        return [c for a, b in pairwise(states) if b is not None and (c := change(a, b))]

    assert changes(seen) == changes(seen.replace("?", ""))


@pytest.mark.parametrize(
    ("seen", "at", "reason"),
    [
        ("..!", 2, Reason.EVIDENCE),
        (".!.", 1, Reason.EVIDENCE),
        ("!..!?.", 3, Reason.EVIDENCE),
        ("!..", 2, Reason.CLEARED),
        ("..", 1, Reason.QUIET),
    ],
)
def test_what_fires_is_told_by_the_window_in_which_it_began(
    seen: str, at: int, reason: Reason
) -> None:
    told = telling(replay(None, looks(seen), monitor()))
    assert (told.start, told.reason) == (START + at * WEEK, reason)


def test_what_fires_since_before_is_told_by_evidence() -> None:
    steps = replay(None, looks("!.!"), monitor())
    told = telling(steps[1:2])
    assert (steps[1].reason, told.reason) == (Reason.CLEARING, Reason.EVIDENCE)
    assert told.since == START
