"""Figures of outputs among the columns of a monitor: counted, judged and corrected with them."""

from dataclasses import dataclass, replace
from math import inf

from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.criteria import USUAL_RULE
from app.domain.monitors.monitor import Monitor
from app.domain.monitors.ruling import BIN, decide
from app.domain.outputs.estimating import estimate
from app.domain.outputs.figure import CONFIDENCE, LIMITS
from app.domain.outputs.planning import Plan, plan
from drift_core import Counts, Estimate, FeatureVerdict, State, WindowVerdict
from drift_core.types import IntArray

NOTHING = Plan((), ())


@dataclass(frozen=True, slots=True)
class Columns:
    """What a monitor looks at on one grid set: columns, and figures that are made from them."""

    names: tuple[str, ...]
    grids: StoredGridSet
    figures: Plan

    def counts(self, vector: IntArray) -> dict[str, Counts]:
        """Return the counts of all of it in one window, or in a reference."""
        grids = self.grids.grids
        own = {name: grids.counts(vector, name) for name in self.names}
        made = {one.name: one.counts(own[one.column]) for one in self.figures.figures}
        return {**own, **made}


def columns_of(monitor: Monitor, baseline: Baseline, grids: StoredGridSet) -> Columns:
    """Return what a monitor looks at; which figures there are, the reference decides alone."""
    known = monitor.columns(baseline.schema)
    if monitor.outputs is None:
        return Columns(known, grids, NOTHING)
    declared = baseline.schema.by_name()
    asked = [(declared[name], grids.grids.counts(baseline.vector, name)) for name in known]
    found = plan(baseline.schema, asked, monitor.outputs)
    # a column may have the very name of a figure
    barred = {*monitor.exclude, *known}
    return Columns(
        known,
        grids,
        Plan(
            tuple(one for one in found.figures if one.name not in barred),
            tuple(one for one in found.without if one.name not in barred),
        ),
    )


def with_figures(
    verdict: WindowVerdict,
    looked: Columns,
    sides: tuple[IntArray, IntArray],
    monitor: Monitor,
) -> WindowVerdict:
    """Return a verdict in which each figure says what it is, and its own limits count too."""
    if not looked.figures.figures:
        return verdict
    features = dict(verdict.features)
    for figure in looked.figures.figures:
        ref, cur = (looked.grids.grids.counts(side, figure.column) for side in sides)
        if (found := estimate(figure, ref, cur)) is not None:
            features[figure.name] = _told(features[figure.name], found, monitor)
    return decide(replace(verdict, features=features), USUAL_RULE)


def _told(said: FeatureVerdict, found: Estimate, monitor: Monitor) -> FeatureVerdict:
    """Return what is said of a figure once its own size counts.

    A share is one number, so that no other statistic says more of it; a distribution can change
    while its mean stays.
    """
    whole = found.statistic == CONFIDENCE
    shown = replace(said, estimates={found.statistic: found, **(said.estimates if whole else {})})
    if said.p_adjusted is None:
        return shown
    criteria = monitor.criteria
    warning, drift = _limits(monitor, found.statistic)
    effect = found.effect or 0.0
    heard = tuple(rule for rule in said.rules if whole or rule.startswith(BIN))
    rules = (found.statistic, *heard) if effect >= drift else heard
    sure = said.p_adjusted <= criteria.level
    drifts = sure and bool(rules)
    return replace(
        shown,
        state=State.DRIFT if drifts else State.OK,
        warning=sure and not drifts and ((whole and said.warning) or effect >= warning),
        page=drifts and said.p_adjusted <= monitor.paging,
        rules=rules,
    )


def _limits(monitor: Monitor, figure: str) -> tuple[float, float]:
    for one in monitor.criteria.limits:
        if one.statistic == figure:
            warning, drift = (inf if limit is None else limit for limit in (one.warning, one.drift))
            return warning, drift
    return LIMITS[figure]


def without(verdict: WindowVerdict, looked: Columns) -> WindowVerdict:
    """Return a verdict that also names the figures which cannot be told; they decide nothing."""
    if not looked.figures.without:
        return verdict
    more = {one.name: _refused(one.reason) for one in looked.figures.without}
    return replace(verdict, features={**verdict.features, **more})


def _refused(reason: str) -> FeatureVerdict:
    return FeatureVerdict(State.INSUFFICIENT_DATA, False, False, reason, None, None, (), {})
