"""The kinds ``data_drift`` and ``prediction_drift``: counts of columns against a reference's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.criteria import Rule, RuleKind
from app.domain.monitors.monitor import Monitor
from app.domain.monitors.ruling import ruled
from app.domain.verdicts.judgement import Gathered, unjudged
from app.domain.verdicts.judges import ready
from drift_core import Judge, State, WindowVerdict

IMPORTANCE = "feature_importance"
"""Where a version's lineage says how important its features are."""

Prepare = Callable[[Baseline, StoredGridSet, Monitor], Judge]


def drift(
    gathered: Gathered,
    baseline: Baseline,
    grids: StoredGridSet,
    monitor: Monitor,
    prepare: Prepare = ready,
) -> WindowVerdict:
    """Judge a window whose counts lie on the baseline's grid set."""
    names = monitor.columns(baseline.schema)
    if gathered.vector is None or not names:
        return unjudged(State.INSUFFICIENT_DATA, "no_features")
    cur = {name: grids.grids.counts(gathered.vector, name) for name in names}
    verdict = prepare(baseline, grids, monitor).window(cur)
    return ruled(verdict, weighted(monitor, baseline))


def weighted(monitor: Monitor, baseline: Baseline) -> Monitor:
    """Return the monitor with the importance of features that the lineage tells, if it asks."""
    rule = monitor.rule
    if rule.kind is not RuleKind.WEIGHTED_SHARE or rule.weights:
        return monitor
    return replace(monitor, rule=replace(rule, weights=_importance(baseline.lineage)))


def _importance(lineage: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    told = lineage.get(IMPORTANCE)
    if not isinstance(told, Mapping):
        return Rule().weights
    return tuple((name, float(told[name])) for name in sorted(told) if _is_weight(told[name]))


def _is_weight(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return isfinite(value) and value >= 0
