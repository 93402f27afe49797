"""The kinds ``data_drift`` and ``prediction_drift``: counts of columns against a reference's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from app.domain.batch import CountVector
from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.criteria import Rule, RuleKind
from app.domain.monitors.monitor import Monitor
from app.domain.monitors.ruling import ruled
from app.domain.verdicts.figuring import Columns, columns_of, with_figures, without
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
    looked = columns_of(monitor, baseline, grids)
    if gathered.vector is None or not looked.names:
        return unjudged(State.INSUFFICIENT_DATA, "no_features")
    verdict = prepare(baseline, grids, monitor).window(looked.counts(gathered.vector))
    return finished(verdict, looked, gathered.vector, baseline, monitor)


def finished(
    verdict: WindowVerdict,
    looked: Columns,
    vector: CountVector,
    baseline: Baseline,
    monitor: Monitor,
) -> WindowVerdict:
    """Return what the core found with its figures told, by the monitor's own limits and rule."""
    found = with_figures(verdict, looked, (baseline.vector, vector), monitor)
    return without(ruled(found, weighted(monitor, baseline)), looked)


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
