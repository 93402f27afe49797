"""Alert states as a table; every step has a named reason. Pure: windows in, steps out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain.monitors.monitor import Monitor


class AlertState(StrEnum):
    """Inactive until page evidence; pending while it gathers; firing; resolved."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Reason(StrEnum):
    """Why an alert is in its state after a window."""

    QUIET = "quiet"
    EVIDENCE = "evidence"
    STILL_FIRING = "still_firing"
    CLEARING = "clearing"
    CLEARED = "cleared"
    NOT_JUDGED = "not_judged"
    SILENT = "silent"
    """No rows came, though by this model's history or its declared limit some should have."""
    ROWS_ARRIVED = "rows_arrived"
    RETRAINING_FAILED = "retraining_failed"
    RETRAINING_TIMED_OUT = "retraining_timed_out"
    RETRAINED = "retrained"
    """A retraining came to its end again."""


@dataclass(frozen=True, slots=True, order=True)
class AlertKey:
    """Names one alert, and the window that is looked at."""

    model_id: int
    version: str
    segment: str
    monitor: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """One judged window, as far as an alert cares. ``page`` None: it could not be judged."""

    start: datetime
    revision: int
    page: bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """The alert after one look."""

    start: datetime
    revision: int
    state: AlertState
    reason: Reason
    run: int
    """What counts towards the next change of state: while firing, clean looks one after the other;
    before, the last looks as bits, the latest lowest, each set where there was page evidence."""
    since: datetime
    """Start of the window in which the present state began."""


@dataclass(frozen=True, slots=True)
class Present:
    """How an alert stands now, and the features that it is about."""

    state: AlertState
    worst: tuple[str, ...]


def step(before: Step | None, look: Look, monitor: Monitor) -> Step:
    """Return the alert after one more look; a window that could not be judged changes nothing."""
    state = before.state if before else AlertState.INACTIVE
    since = before.since if before else look.start
    run = before.run if before else 0
    if state is AlertState.FIRING:
        state, reason, run = _while_firing(look, run, monitor)
    else:
        state, reason, run = _while_quiet(state, look, run, monitor)
    if before is None or state is not before.state:
        since = look.start
    return Step(look.start, look.revision, state, reason, run, since)


def _while_firing(look: Look, run: int, monitor: Monitor) -> tuple[AlertState, Reason, int]:
    if look.page:
        return AlertState.FIRING, Reason.STILL_FIRING, 0
    if look.page is None:
        return AlertState.FIRING, Reason.NOT_JUDGED, run
    if run + 1 >= monitor.resolve_after:
        return AlertState.RESOLVED, Reason.CLEARED, 0
    return AlertState.FIRING, Reason.CLEARING, run + 1


def _while_quiet(
    state: AlertState, look: Look, run: int, monitor: Monitor
) -> tuple[AlertState, Reason, int]:
    if look.page is None:
        return state, Reason.NOT_JUDGED, run
    seen = run << 1 | look.page
    if _evidence(seen, monitor) >= monitor.fire_after:
        return AlertState.FIRING, Reason.EVIDENCE, 0
    reason = Reason.EVIDENCE if look.page else Reason.QUIET
    if kept := _counting(seen, monitor):
        return AlertState.PENDING, reason, kept
    calm = AlertState.RESOLVED if state is AlertState.RESOLVED else AlertState.INACTIVE
    return calm, reason, 0


def _evidence(seen: int, monitor: Monitor) -> int:
    """Return how many of the looks that count had page evidence."""
    return (seen & _last(monitor)).bit_count()


def _last(monitor: Monitor) -> int:
    return (1 << (monitor.fire_of or monitor.fire_after)) - 1


def _counting(seen: int, monitor: Monitor) -> int:
    """Return the looks so far; none where the alert would fire no sooner because of them."""
    for more in range(1, monitor.fire_after):
        if _evidence((seen + 1 << more) - 1, monitor) >= monitor.fire_after:
            return seen & _last(monitor)
    return 0


def replay(before: Step | None, looks: Sequence[Look], monitor: Monitor) -> tuple[Step, ...]:
    """Return the alert after each of ``looks``, which are in the order of their windows."""
    steps: list[Step] = []
    for look in looks:
        before = step(before, look, monitor)
        steps.append(before)
    return tuple(steps)


def telling(steps: Sequence[Step]) -> Step:
    """Return the step that is told: the last, or where that fires, the one in which it began.

    Late rows may have it fire since a window of before, and then it is evidence all the same that
    it is told for.
    """
    last = steps[-1]
    if last.state is not AlertState.FIRING:
        return last
    began = (one for one in steps if one.start == last.since)
    return next(began, replace(last, reason=Reason.EVIDENCE))


def past(before: Step | None, barrier: datetime | None) -> Step | None:
    """Return what counts of the step before a look; nothing pends from before a barrier."""
    if before is None or barrier is None or before.start > barrier:
        return before
    over = before.state in (AlertState.FIRING, AlertState.RESOLVED)
    return replace(before, state=AlertState.RESOLVED if over else AlertState.INACTIVE, run=0)


class Change(StrEnum):
    """What the world outside is told."""

    FIRING = "firing"
    RESOLVED = "resolved"


def change(before: AlertState | None, after: AlertState) -> Change | None:
    """Return what to announce when the present state went from ``before`` to ``after``."""
    was = before is AlertState.FIRING
    now = after is AlertState.FIRING
    if now and not was:
        return Change.FIRING
    if was and not now:
        return Change.RESOLVED
    return None
