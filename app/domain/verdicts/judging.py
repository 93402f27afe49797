"""From counts and a baseline to a verdict, and from a verdict to what people are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from app.domain.alerts.alert import AlertState, Change, Present, Step
from app.domain.alerts.event import rfc3339
from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.criteria import USUAL_RULE, Criteria, Rule
from app.domain.monitors.kinds import JUDGES_OF
from app.domain.monitors.monitor import Monitor
from app.domain.telling.sentences import Said, sentence
from app.domain.verdicts.drifting import Prepare
from app.domain.verdicts.judgement import Gathered, Judgement, Revision, unjudged
from app.domain.verdicts.judges import ready
from app.domain.verdicts.ranking import moved
from drift_core import FeatureVerdict, State, WindowVerdict

WORST = 10
"""Features named in an event; the rest are counted."""


def judge_window(
    gathered: Gathered,
    baseline: Baseline,
    grids: StoredGridSet,
    monitor: Monitor,
    prepare: Prepare = ready,
) -> WindowVerdict:
    """Return a monitor's verdict on a window's counts against a baseline on the same grid set.

    A window whose rows were counted on two grid sets cannot be compared, and says so; neither can
    one whose stored counts are damaged. `prepare` may know the baseline from before.
    """
    if gathered.damaged:
        return unjudged(State.ERROR, "counts damaged")
    if gathered.vector is None or gathered.grid_set != baseline.grid_set:
        return unjudged(State.INSUFFICIENT_DATA, "grid")
    try:
        return JUDGES_OF[monitor.kind](gathered, baseline, grids, monitor, prepare)
    except ArithmeticError as error:
        return unjudged(State.ERROR, f"computation failed: {type(error).__name__}")


def judge_all(
    gathered: Gathered,
    baseline: Baseline,
    grids: StoredGridSet,
    monitors: Sequence[Monitor],
    prepare: Prepare = ready,
) -> tuple[Judgement, ...]:
    """Return what every monitor says."""
    return tuple(
        Judgement(
            monitor, baseline.number, judge_window(gathered, baseline, grids, monitor, prepare)
        )
        for monitor in monitors
    )


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


def drifted(verdict: WindowVerdict, rule: Rule = USUAL_RULE) -> tuple[str, ...]:
    """Return the features that drifted, those with the largest effect first.

    A rule that knows how important features are counts each effect by that.
    """
    found = [(name, f) for name, f in verdict.features.items() if f.state is State.DRIFT]
    found.sort(key=lambda item: (-rule.weight(item[0]) * _effect(item[1]), item[0]))
    return tuple(name for name, _ in found)


def _effect(feature: FeatureVerdict) -> float:
    return moved({name: estimate.effect for name, estimate in feature.estimates.items()})


def worst(verdict: WindowVerdict, rule: Rule = USUAL_RULE) -> tuple[str, ...]:
    """Return the features that paged, else those that drifted; largest effect first."""
    names = drifted(verdict, rule)
    paged = tuple(name for name in names if verdict.features[name].page)
    return paged or names


def about(
    before: Present | None, after: Step, start: datetime, judgement: Judgement
) -> tuple[str, ...]:
    """Return the features that an alert is about once a window's judgement was replayed into it.

    While it fires, those of the window that last gave it reason to, so that a calm or restated
    window does not take their names away; and so the resolve still says what has resolved.
    """
    verdict = judgement.verdict
    mine, present = worst(verdict, judgement.monitor.rule), after.start == start
    kept = before.worst if before else ()
    fires = after.state is AlertState.FIRING
    if fires or after.state is AlertState.RESOLVED:
        began = fires and (before is None or before.state is not AlertState.FIRING)
        return mine if verdict.page and (present or began) else kept
    return mine if present else kept


class Told(NamedTuple):
    """What is announced, the step that led to it, and the features that it is about."""

    change: Change
    step: Step
    names: Sequence[str]


def alert_data(
    model: str, revision: Revision, judgement: Judgement, baseline: Baseline, told: Told
) -> dict[str, Any]:
    """Return the ``data`` of an alert's event: what changed, where, and how sure we are."""
    announced, step, _ = told
    monitor, verdict = judgement.monitor, judgement.verdict
    names = [name for name in told.names if name in verdict.features]
    return {
        "model": model,
        "version": revision.window.version,
        "segment": revision.window.segment,
        "monitor": monitor.name,
        "severity": monitor.grave().value,
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
        "verdict": {"state": verdict.state.value, "reason": verdict.reason},
        "also": {
            one.comparison: one.verdict.state.value
            for one in revision.judgements
            if one.monitor.name == monitor.name and one.comparison != judgement.comparison
        },
        "features": [
            _feature(name, verdict.features[name], monitor.criteria) for name in names[:WORST]
        ],
        "features_left_out": max(0, len(names) - WORST),
    }


def _feature(name: str, verdict: FeatureVerdict, asked: Criteria) -> dict[str, Any]:
    thresholds = {key: asked.threshold(name, key) for key in verdict.estimates}
    return feature_data(name, verdict, thresholds)


def feature_data(
    name: str, verdict: Said, thresholds: Mapping[str, float | None]
) -> dict[str, Any]:
    """Return what an event says of one feature; ``thresholds`` are by statistic."""
    return {
        "feature": name,
        "summary": sentence(name, verdict, thresholds),
        "state": verdict.state.value,
        "rules": list(verdict.rules),
        "p_adjusted": verdict.p_adjusted,
        "statistics": {
            key: {
                "value": estimate.value,
                "effect": estimate.effect,
                "threshold": thresholds[key],
                "p_value": estimate.p_value,
            }
            for key, estimate in verdict.estimates.items()
        },
    }
