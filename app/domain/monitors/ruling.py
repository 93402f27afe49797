"""A monitor's own limits and rule, held against what the core found of single features."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.domain.monitors.criteria import USUAL_RULE, Criteria, Limit, Rule, RuleKind
from app.domain.monitors.monitor import Monitor
from drift_core import FeatureVerdict, State, WindowVerdict

BIN = "bin:"
"""Begins the rules that single bins fulfilled."""
HOPELESS = ("no_reference_rows", "small_reference")
"""Reasons that lie in the reference: no window could be judged."""


def ruled(verdict: WindowVerdict, monitor: Monitor) -> WindowVerdict:
    """Return the verdict by a monitor's limits and rule; the usual ones change nothing."""
    criteria = monitor.criteria
    if criteria.overrides:
        level = monitor.page_level
        features = {
            name: _overridden(found, criteria, criteria.limits_of(name), level)
            for name, found in verdict.features.items()
        }
        verdict = decide(replace(verdict, features=features), USUAL_RULE)
    if monitor.rule == USUAL_RULE:
        return verdict
    return decide(verdict, monitor.rule)


def _overridden(
    found: FeatureVerdict, criteria: Criteria, limits: tuple[Limit, ...], page_level: float | None
) -> FeatureVerdict:
    """Return a feature's verdict by limits of its own; its evidence stays what it was."""
    if not limits or found.p_adjusted is None:
        return found
    own = {one.statistic: one for one in limits}
    kept = [rule for rule in found.rules if rule.startswith(BIN) or rule not in own]
    reached = [name for name, one in own.items() if _effect(found, name) >= _least(one.drift)]
    rules = (*reached, *kept)
    sure = found.p_adjusted <= criteria.level
    drift = sure and bool(rules)
    noted = any(_effect(found, name) >= _least(one.warning) for name, one in own.items())
    worth = noted or found.warning or found.state is State.DRIFT
    return replace(
        found,
        state=State.DRIFT if drift else State.OK,
        warning=sure and worth and not drift,
        page=drift and page_level is not None and found.p_adjusted <= page_level,
        rules=rules,
    )


def _effect(found: FeatureVerdict, statistic: str) -> float:
    estimate = found.estimates.get(statistic)
    effect = None if estimate is None else estimate.effect
    return float("-inf") if effect is None else effect


def _least(limit: float | None) -> float:
    return float("inf") if limit is None else limit


def decide(verdict: WindowVerdict, rule: Rule) -> WindowVerdict:
    """Return what a rule makes of the features of a window.

    It is ``ok`` only where the features that could not be judged would not have made it drift.
    A page needs the rule, and one of its features with page evidence.
    """
    asked = _asked(verdict.features, rule)
    drifted = [name for name, one in asked.items() if one.state is State.DRIFT]
    unknown = {n: one for n, one in asked.items() if one.state not in (State.OK, State.DRIFT)}
    heard = {name: one for name, one in unknown.items() if not _hopeless(one)}
    judged = [name for name in asked if name not in unknown]
    worth = any(one.warning for one in verdict.features.values())
    if _holds(rule, drifted, judged):
        page = any(asked[name].page for name in drifted)
        return replace(verdict, state=State.DRIFT, warning=worth, page=page, reason=None)
    if not judged or _holds(rule, [*drifted, *heard], [*judged, *heard]):
        short = replace(verdict, warning=worth, page=False)
        return _not_known(short, heard or unknown, len(asked))
    reason = f"rule: {len(drifted)} of {len(asked)} features drifted" if drifted else None
    warning = worth or bool(drifted)
    return replace(verdict, state=State.OK, warning=warning, page=False, reason=reason)


def _asked(features: Mapping[str, FeatureVerdict], rule: Rule) -> Mapping[str, FeatureVerdict]:
    if rule.kind is not RuleKind.NAMED:
        return features
    return {name: features[name] for name in rule.features if name in features}


def _holds(rule: Rule, drifted: Iterable[str], judged: Iterable[str]) -> bool:
    """Whether so many features of those that were judged are enough."""
    if rule.kind in (RuleKind.ANY, RuleKind.NAMED):
        return any(True for _ in drifted)
    weigh = rule.weight if rule.kind is RuleKind.WEIGHTED_SHARE else lambda _: 1.0
    moved, total = (sum(weigh(name) for name in names) for names in (drifted, judged))
    return moved > 0 and moved >= (rule.share or 0.0) * total


def _not_known(
    verdict: WindowVerdict, unknown: Mapping[str, FeatureVerdict], asked: int
) -> WindowVerdict:
    failed = {name: one for name, one in unknown.items() if one.state is State.ERROR}
    state = State.ERROR if failed else State.INSUFFICIENT_DATA
    if not unknown:
        return replace(verdict, state=state, reason="no_features")
    name, first = next(iter((failed or unknown).items()))
    why = f"{name}: {first.reason}"
    reason = why if asked == 1 else f"{len(failed or unknown)} of {asked} features; {why}"
    return replace(verdict, state=state, reason=reason)


def _hopeless(found: FeatureVerdict) -> bool:
    return (found.reason or "").startswith(HOPELESS)
