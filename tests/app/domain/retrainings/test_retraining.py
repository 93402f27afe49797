"""Words about a run may come in any order, twice, late or not at all: the end is the same."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.retrainings.retraining import IN_FLIGHT, TABLE, Reason, Signal, State, move

OF_ONE_RUN = (Signal.ACCEPTED, Signal.RUNNING, Signal.SUCCEEDED, Signal.PROMOTED)
RANK = {
    State.REQUESTED: 0,
    State.ACCEPTED: 1,
    State.RUNNING: 2,
    State.TIMED_OUT: 3,
    State.FAILED: 4,
    State.SUCCEEDED: 5,
    State.PROMOTED: 6,
    State.REJECTED: 6,
}
signals = st.lists(st.sampled_from(sorted(Signal)), max_size=20)


def said(state: State, signal: Signal) -> tuple[State, Reason, bool]:
    moved = move(state, signal, names_version=False, newer_promoted=False)
    return moved.state, moved.reason, moved.changed


def after(words: list[Signal] | tuple[Signal, ...]) -> State:
    state = State.REQUESTED
    for word in words:
        state = said(state, word)[0]
    return state


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("signal", Signal)
def test_every_word_is_answered_in_every_state_and_leads_upwards(
    state: State, signal: Signal
) -> None:
    to, reason, changed = said(state, signal)
    if changed:
        assert RANK[to] > RANK[state]
        assert (to, reason) == (TABLE[signal].to, TABLE[signal].reason)
    else:
        assert to is state
        assert reason in {Reason.REPEATED, Reason.OVERTAKEN, Reason.ALREADY_DECIDED}


@pytest.mark.parametrize("order", list(permutations(OF_ONE_RUN)))
def test_the_words_of_a_run_mean_the_same_in_any_order(order: tuple[Signal, ...]) -> None:
    assert after(order) is State.PROMOTED


@given(signals, st.data())
def test_the_end_does_not_depend_on_order_or_repeats(
    words: list[Signal], data: st.DataObject
) -> None:
    words = [word for word in words if word is not Signal.UNDELIVERABLE]
    decided = [word for word in words if word in (Signal.PROMOTED, Signal.REJECTED)]
    words = [word for word in words if word not in decided] + decided[:1]
    mixed = data.draw(st.permutations(words + words))
    assert after(mixed) is after(words)


@given(signals)
def test_a_run_that_is_over_never_flies_again(words: list[Signal]) -> None:
    state, over = State.REQUESTED, False
    for word in words:
        state = said(state, word)[0]
        assert not (over and state in IN_FLIGHT)
        over = state not in IN_FLIGHT


def test_the_first_decision_stands() -> None:
    assert said(State.REJECTED, Signal.PROMOTED) == (State.REJECTED, Reason.ALREADY_DECIDED, False)
    assert said(State.PROMOTED, Signal.REJECTED) == (State.PROMOTED, Reason.ALREADY_DECIDED, False)


def test_a_success_that_comes_late_still_counts() -> None:
    assert said(State.TIMED_OUT, Signal.SUCCEEDED) == (State.SUCCEEDED, Reason.TRAINED, True)
    assert said(State.FAILED, Signal.SUCCEEDED) == (State.SUCCEEDED, Reason.TRAINED, True)
    assert said(State.SUCCEEDED, Signal.FAILED) == (State.SUCCEEDED, Reason.OVERTAKEN, False)


def test_a_version_is_named_after_a_poll_saw_the_success() -> None:
    named = move(State.SUCCEEDED, Signal.SUCCEEDED, names_version=True, newer_promoted=False)
    assert (named.reason, named.changed) == (Reason.VERSION_NAMED, True)


def test_an_old_run_does_not_push_a_newer_champion_aside() -> None:
    late = move(State.SUCCEEDED, Signal.PROMOTED, names_version=False, newer_promoted=True)
    assert (late.state, late.reason, late.changed) == (
        State.SUCCEEDED,
        Reason.NEWER_PROMOTED,
        False,
    )
