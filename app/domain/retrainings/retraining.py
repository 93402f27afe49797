"""One run asked of an orchestrator: its states as a table, each step with a named reason. Pure.

Words about a run may be lost, repeated, late or in any order. Each state has a rank, and a word is
taken only where it leads to a higher one, so what is left in the end is the same in any order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Requested, accepted and running are *in flight*; a model has one such run at most."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    RUNNING = "running"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    PROMOTED = "promoted"
    REJECTED = "rejected"


IN_FLIGHT = frozenset({State.REQUESTED, State.ACCEPTED, State.RUNNING})
BROKEN = frozenset({State.TIMED_OUT, State.FAILED})
WELL = frozenset({State.SUCCEEDED, State.PROMOTED, State.REJECTED})
"""The run came to its end; whether its version is any good is another question."""


class Signal(StrEnum):
    """A word about a run: of the receiver, of the orchestrator, or of our own clock."""

    ACCEPTED = "accepted"
    UNDELIVERABLE = "undeliverable"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PROMOTED = "promoted"
    REJECTED = "rejected"
    DEADLINE = "deadline"


class Origin(StrEnum):
    """Who said so: a callback with the run's token, our poll, the delivery, our loop, a person."""

    CALLBACK = "callback"
    POLL = "poll"
    DELIVERY = "delivery"
    LOOP = "loop"
    PERSON = "person"
    ALERT = "alert"
    """An alert that fired, in the same transaction."""


class Reason(StrEnum):
    """Why a run is in its state, or why a word changed nothing."""

    ASKED = "asked"
    TAKEN = "taken"
    """The receiver took the request."""
    NOT_DELIVERED = "not_delivered"
    STARTED = "started"
    TRAINED = "trained"
    RUN_FAILED = "run_failed"
    PROMOTED = "promoted"
    REJECTED = "rejected"
    DEADLINE_PASSED = "deadline_passed"
    VERSION_NAMED = "version_named"
    """It was known to have succeeded; now it is known what it made."""
    REPEATED = "repeated"
    OVERTAKEN = "overtaken"
    """A later word was here before this one."""
    ALREADY_DECIDED = "already_decided"
    """Promoted and rejected exclude each other: the first of them stands."""
    NEWER_PROMOTED = "newer_promoted"
    """A run that was asked for later has been promoted meanwhile."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a signal leads, from which states, and what that is called."""

    to: State
    reason: Reason
    accepted_in: frozenset[State]


DECISIONS = frozenset({State.PROMOTED, State.REJECTED})
UNDECIDED = frozenset(State) - DECISIONS

TABLE: Mapping[Signal, Rule] = {
    Signal.ACCEPTED: Rule(State.ACCEPTED, Reason.TAKEN, frozenset({State.REQUESTED})),
    Signal.RUNNING: Rule(
        State.RUNNING, Reason.STARTED, frozenset({State.REQUESTED, State.ACCEPTED})
    ),
    Signal.UNDELIVERABLE: Rule(State.FAILED, Reason.NOT_DELIVERED, frozenset({State.REQUESTED})),
    Signal.DEADLINE: Rule(State.TIMED_OUT, Reason.DEADLINE_PASSED, IN_FLIGHT),
    Signal.FAILED: Rule(State.FAILED, Reason.RUN_FAILED, IN_FLIGHT | {State.TIMED_OUT}),
    # a run that was given up, or cleared and run again, may still come to a good end
    Signal.SUCCEEDED: Rule(State.SUCCEEDED, Reason.TRAINED, IN_FLIGHT | BROKEN),
    # either of these means that it succeeded, though that word was lost
    Signal.PROMOTED: Rule(State.PROMOTED, Reason.PROMOTED, UNDECIDED),
    Signal.REJECTED: Rule(State.REJECTED, Reason.REJECTED, UNDECIDED),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What comes with a signal: what the run made, and how good it is."""

    detail: str | None = None
    version: str | None = None
    lineage: Mapping[str, Any] | None = None
    metrics: Mapping[str, Any] | None = None
    baseline: int | None = None
    run: str | None = None
    """The orchestrator's own name of the run."""


NOTHING = Said()


@dataclass(frozen=True, slots=True)
class Move:
    """What a signal did: the state afterwards, why, and whether anything changed."""

    state: State
    reason: Reason
    changed: bool


def move(state: State, signal: Signal, *, names_version: bool, newer_promoted: bool) -> Move:
    """Return what a signal does to a run.

    Parameters
    ----------
    names_version
        Whether it names a version where none is known yet.
    newer_promoted
        Whether a run that was asked for later has been promoted already.
    """
    rule = TABLE[signal]
    if state in rule.accepted_in:
        if signal is Signal.PROMOTED and newer_promoted:
            return Move(state, Reason.NEWER_PROMOTED, changed=False)
        return Move(rule.to, rule.reason, changed=True)
    if state is rule.to:
        if signal is Signal.SUCCEEDED and names_version:
            return Move(state, Reason.VERSION_NAMED, changed=True)
        return Move(state, Reason.REPEATED, changed=False)
    if state in DECISIONS and rule.to in DECISIONS:
        return Move(state, Reason.ALREADY_DECIDED, changed=False)
    return Move(state, Reason.OVERTAKEN, changed=False)


@dataclass(frozen=True, slots=True)
class Retraining:
    """A run as stored."""

    number: int
    """In the order in which all runs were asked for."""
    id: str
    model_id: int
    model: str
    version: str
    """The champion that it is to replace."""
    cause: str
    episode: str
    detail: str
    """In words, why it was asked for."""
    state: State
    reason: Reason
    target: str
    requested_at: datetime
    deadline_at: datetime
    poll_every: timedelta
    about: Mapping[str, Any]
    """What the orchestrator was told: alert, features, baseline, window."""
    changed_at: datetime
    run: str | None = None
    challenger: str | None = None
    """The version that it made."""
    metrics: Mapping[str, Any] | None = None
    baseline: int | None = None
    """The baseline that became active with the promotion."""
    words: int = 0
    """How many entries its history has; a flood of them is cut off."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One word in a run's history, and what it did."""

    at: datetime
    origin: Origin
    signal: str
    move: Move
    said: Said = NOTHING


MOST_IDLE_WORDS = 100
"""Words without effect that the history of one run keeps."""
