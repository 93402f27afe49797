"""From counts and a baseline to a verdict, and from a verdict to what people are told."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from app.domain.alert import AlertState, Change, Present, Step
from app.domain.event import rfc3339
from app.domain.judgement import Gathered, Revision
from app.domain.judges import ready
from app.domain.model import Baseline, StoredGridSet
from app.domain.monitor import Monitor
from drift_core import FeatureVerdict, Judge, State, WindowVerdict

WORST = 10
"""Features named in an event; the rest are counted."""


def judge_window(
    gathered: Gathered,
    baseline: Baseline,
    grids: StoredGridSet,
    monitor: Monitor,
    prepare: Callable[[Baseline, StoredGridSet, Monitor], Judge] = ready,
) -> WindowVerdict:
    """Return the verdict on a window's counts against a baseline on the same grid set.

    A window whose rows were counted on two grid sets cannot be compared, and says so; neither can
    one whose stored counts are damaged. `prepare` may know the baseline from before.
    """
    if gathered.damaged:
        return unjudged(State.ERROR, "counts damaged")
    if gathered.vector is None or gathered.grid_set != baseline.grid_set:
        return unjudged(State.INSUFFICIENT_DATA, "grid")
    names = [feature.name for feature in baseline.schema.counted()]
    cur = {name: grids.grids.counts(gathered.vector, name) for name in names}
    try:
        return prepare(baseline, grids, monitor).window(cur)
    except ArithmeticError as error:
        return unjudged(State.ERROR, f"computation failed: {type(error).__name__}")


def unjudged(state: State, reason: str) -> WindowVerdict:
    return WindowVerdict(state=state, warning=False, page=False, reason=reason, features={})


class Candidate(Protocol):
    """What of a baseline decides whether rows are compared with it."""

    @property
    def number(self) -> int: ...
    @property
    def grid_set(self) -> int: ...
    @property
    def activated_at(self) -> datetime | None: ...


C = TypeVar("C", bound=Candidate)


def fitting(baselines: Sequence[C], active: int | None, grid_set: int | None) -> C:
    """Return the baseline that rows on ``grid_set`` are compared with.

    The active one where it fits; else, for rows counted before it was activated, the one on their
    grid set that was activated last; else the active one, which then answers ``grid``.
    """
    current = next(b for b in baselines if b.number == active)
    if grid_set is None or current.grid_set == grid_set:
        return current
    older = [(b.activated_at, b.number, b) for b in baselines if b.grid_set == grid_set]
    activated = [one for one in older if one[0] is not None]
    return max(activated, key=lambda one: one[:2], default=(None, 0, current))[2]


def drifted(verdict: WindowVerdict) -> tuple[str, ...]:
    """Return the features that drifted, those with the largest effect first."""
    found = [(name, f) for name, f in verdict.features.items() if f.state is State.DRIFT]
    found.sort(key=lambda item: (-_effect(item[1]), item[0]))
    return tuple(name for name, _ in found)


def _effect(feature: FeatureVerdict) -> float:
    """Return the largest effect as a multiple of its threshold's natural scale (PSI first)."""
    psi = feature.estimates.get("psi")
    return psi.effect if psi is not None and psi.effect is not None else 0.0


def worst(verdict: WindowVerdict) -> tuple[str, ...]:
    """Return the features that paged, else those that drifted; largest effect first."""
    names = drifted(verdict)
    paged = tuple(name for name in names if verdict.features[name].page)
    return paged or names


def about(before: Present | None, after: Step, revision: Revision) -> tuple[str, ...]:
    """Return the features that an alert is about once ``revision`` was replayed into it.

    While it fires, those of the window that last gave it reason to, so that a calm or restated
    window does not take their names away; and so the resolve still says what has resolved.
    """
    mine, present = worst(revision.verdict), after.start == revision.window.start
    kept = before.worst if before else ()
    fires = after.state is AlertState.FIRING
    if fires or after.state is AlertState.RESOLVED:
        began = fires and (before is None or before.state is not AlertState.FIRING)
        return mine if revision.verdict.page and (present or began) else kept
    return mine if present else kept


class Told(NamedTuple):
    """What is announced, the step that led to it, and the features that it is about."""

    change: Change
    step: Step
    names: Sequence[str]


def alert_data(
    model: str, revision: Revision, baseline: Baseline, monitor: Monitor, told: Told
) -> dict[str, Any]:
    """Return the ``data`` of an alert's event: what changed, where, and how sure we are."""
    announced, step, _ = told
    names = [name for name in told.names if name in revision.verdict.features]
    return {
        "model": model,
        "version": revision.window.version,
        "segment": revision.window.segment,
        "monitor": monitor.name,
        "severity": monitor.severity.value,
        "state": announced.value,
        "reason": step.reason.value,
        "since": rfc3339(step.since),
        "window": {
            "start": rfc3339(revision.window.start),
            "end": rfc3339(revision.end),
            "revision": revision.number,
            "rows": revision.gathered.rows,
        },
        "baseline": {"id": baseline.number, "fingerprint": baseline.fingerprint},
        "verdict": {"state": revision.verdict.state.value, "reason": revision.verdict.reason},
        "features": [_feature(name, revision.verdict.features[name]) for name in names[:WORST]],
        "features_left_out": max(0, len(names) - WORST),
    }


def _feature(name: str, verdict: FeatureVerdict) -> dict[str, Any]:
    return {
        "feature": name,
        "rules": list(verdict.rules),
        "p_adjusted": verdict.p_adjusted,
        "statistics": {
            key: {"value": estimate.value, "effect": estimate.effect, "p_value": estimate.p_value}
            for key, estimate in verdict.estimates.items()
        },
    }
