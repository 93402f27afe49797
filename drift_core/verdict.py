"""Verdicts: what a window's counts say against a reference's, as values and the one decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drift_core.bins import Bins
from drift_core.calibration import adjust_bh, minimum_rows
from drift_core.counts import Counts
from drift_core.evidence import Evidence, Pair, filled_bins, weigh
from drift_core.policy import Policy
from drift_core.stats import Estimate

_DEFAULT = Policy()
_PSI_DRIFT = 0.2


class State(StrEnum):
    """What can be said of a feature or a window."""

    OK = "ok"
    DRIFT = "drift"
    INSUFFICIENT_DATA = "insufficient_data"
    ERROR = "error"


# what is known of any feature that drifted outweighs what is not known of others; but that no
# feature drifted cannot be said while one that could be judged was not
_GRAVEST = (State.DRIFT, State.ERROR, State.INSUFFICIENT_DATA, State.OK)
_HOPELESS = ("no_reference_rows", "small_reference")


@dataclass(frozen=True, slots=True)
class FeatureVerdict:
    """One feature's verdict and what it rests on.

    Attributes
    ----------
    state
        ``drift`` needs evidence *and* an effect that matters.
    warning
        An ``ok`` with evidence for an effect that is worth a word.
    page
        A ``drift`` whose evidence also survives at the policy's page level.
    reason
        Why there is no judgement: ``grid``, ``no_reference_rows``, ``few_rows: ...``,
        ``small_reference: ...``, ``grid_mismatch``, ``no_counts``; otherwise `None`.
    p_value, p_adjusted
        The feature's one p-value, and the same after Benjamini-Hochberg over the window.
    rules
        Which effects matter: names of statistics, and ``bin:3`` for a bin that moved alone.
    estimates
        By statistic.
    """

    state: State
    warning: bool
    page: bool
    reason: str | None
    p_value: float | None
    p_adjusted: float | None
    rules: tuple[str, ...]
    estimates: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class WindowVerdict:
    """A window's verdict.

    Any feature that drifted makes it ``drift``. It is ``ok`` only where every feature was judged
    that the reference allows to judge: one that was not might have drifted.
    """

    state: State
    warning: bool
    page: bool
    reason: str | None
    features: Mapping[str, FeatureVerdict]


def judge(
    ref: Mapping[str, Counts],
    cur: Mapping[str, Counts],
    policy: Policy = _DEFAULT,
    *,
    bins: Mapping[str, Bins] | None = None,
) -> WindowVerdict:
    """Judge a window of traffic against a reference, all features together.

    A feature drifted when its evidence survives Benjamini-Hochberg among the features that
    could be judged, *and* an effect matters: a statistic at its threshold, or a single bin
    that moved far enough. Numeric features bring the evidence of their bins and of KS,
    categorical ones that of their bins.

    Parameters
    ----------
    ref, cur
        Counts by feature; a feature's counts share a grid.
    policy
        How sure and how large a change must be.
    bins
        Bins by feature, where they were fixed before; the reference's own by default.
    """
    pairs = [
        Pair(name, counts, cur[name], _bins_of(name, counts, bins))
        for name, counts in ref.items()
        if name in cur and cur[name].grid == counts.grid
    ]
    found = weigh(pairs, policy)
    refused = {pair.name: _refusal(pair, found[pair.name], policy) for pair in pairs}
    judged = [np.nan if refused[name] else found[name].p_value for name in found]
    adjusted = dict(zip(found, adjust_bh(np.array(judged, np.float64)).tolist(), strict=True))
    features = {
        name: _unfit(name, ref, cur)
        if name not in found
        else _decide(found[name], adjusted[name], refused[name], policy)
        for name in (*ref, *(name for name in cur if name not in ref))
    }
    return _window(features)


def _bins_of(name: str, ref: Counts, bins: Mapping[str, Bins] | None) -> Bins:
    return bins[name] if bins is not None and name in bins else ref.grid.bins(ref)


def _unfit(name: str, ref: Mapping[str, Counts], cur: Mapping[str, Counts]) -> FeatureVerdict:
    if name not in ref:
        return _unjudged(State.INSUFFICIENT_DATA, "no_reference_rows", {})
    reason = "grid_mismatch" if name in cur else "no_counts"
    return _unjudged(State.ERROR, reason, {})


def _refusal(pair: Pair, found: Evidence, policy: Policy) -> str | None:
    n_ref, n_cur = pair.ref.rows, pair.cur.rows
    if not n_ref:
        return "no_reference_rows"
    needed = _rows_needed(pair, n_ref, policy)
    if needed is None:
        return f"small_reference: {n_ref} rows cannot carry {filled_bins(pair)} bins"
    if n_cur < needed:
        return f"few_rows: {n_cur} rows, at least {needed} are needed"
    return "grid" if found.bracket > policy.max_bracket else None


def _rows_needed(pair: Pair, n_ref: int, policy: Policy) -> int | None:
    if policy.min_rows is not None:
        return max(policy.min_rows, 1)
    threshold = policy.thresholds_of("psi").drift
    return minimum_rows(threshold or _PSI_DRIFT, filled_bins(pair), n_ref)


def _decide(
    found: Evidence, adjusted: float, refusal: str | None, policy: Policy
) -> FeatureVerdict:
    if refusal:
        return _unjudged(State.INSUFFICIENT_DATA, refusal, found.estimates)
    sure = adjusted <= policy.level
    drift = sure and bool(found.rules)
    return FeatureVerdict(
        state=State.DRIFT if drift else State.OK,
        warning=sure and found.noteworthy and not drift,
        page=drift and policy.page_level is not None and adjusted <= policy.page_level,
        reason=None,
        p_value=found.p_value,
        p_adjusted=adjusted,
        rules=found.rules,
        estimates=found.estimates,
    )


def _unjudged(state: State, reason: str, estimates: Mapping[str, Estimate]) -> FeatureVerdict:
    return FeatureVerdict(state, False, False, reason, None, None, (), estimates)


def _window(features: Mapping[str, FeatureVerdict]) -> WindowVerdict:
    heard = {name: verdict for name, verdict in features.items() if not _hopeless(verdict)}
    states = {verdict.state for verdict in heard.values()}
    state = next((state for state in _GRAVEST if state in states), State.INSUFFICIENT_DATA)
    return WindowVerdict(
        state=state,
        warning=any(verdict.warning for verdict in features.values()),
        page=any(verdict.page for verdict in features.values()),
        reason=_reason(state, heard or features),
        features=features,
    )


def _hopeless(verdict: FeatureVerdict) -> bool:
    """Whether no window at all could be judged, because of the reference; said when it was made."""
    return verdict.reason is not None and verdict.reason.startswith(_HOPELESS)


def _reason(state: State, features: Mapping[str, FeatureVerdict]) -> str | None:
    if not features:
        return "no_features"
    if state not in (State.INSUFFICIENT_DATA, State.ERROR):
        return None
    why = [(name, verdict.reason) for name, verdict in features.items() if verdict.state is state]
    reason = f"{why[0][0]}: {why[0][1]}"
    return reason if len(features) == 1 else f"{len(why)} of {len(features)} features; {reason}"
