"""The kind ``data_quality``: shares of rows that exceed the reference's, and odd columns."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan

import numpy as np

from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.criteria import Criteria
from app.domain.monitors.monitor import Monitor
from app.domain.monitors.ruling import decide
from app.domain.verdicts.drifting import Prepare, weighted
from app.domain.verdicts.judgement import Gathered, Sighting, unjudged
from app.domain.verdicts.judges import ready
from app.domain.verdicts.quality_shares import TESTED, Part, parts
from drift_core import Counts, Estimate, FeatureVerdict, State, WindowVerdict, adjust_bh
from drift_core.evidence.two_bins import two_bins_p_value

LEAST_ROWS = 50
"""Of a window, where a monitor does not say."""
ODD = 100
"""Columns that the schema does not know, named in a verdict; the window's page has all."""


def judge_quality(
    gathered: Gathered,
    baseline: Baseline,
    grids: StoredGridSet,
    monitor: Monitor,
    prepare: Prepare = ready,  # noqa: ARG001  nothing about a reference is worth keeping ready
) -> WindowVerdict:
    """Judge the quality of a window's rows.

    A finding matters when its share exceeds the reference's by its limit, and with evidence: an
    exact test on that one share, corrected for all that is asked of a column, and by
    Benjamini-Hochberg across columns.
    """
    names = monitor.columns(baseline.schema)
    vector = gathered.vector
    if vector is None or not names:
        return unjudged(State.INSUFFICIENT_DATA, "no_features")
    pairs = {
        name: (grids.grids.counts(baseline.vector, name), grids.grids.counts(vector, name))
        for name in names
    }
    found = _estimates({name: list(parts(*pair)) for name, pair in pairs.items()})
    judged = {
        name: _judged(name, pair, found[name], monitor.criteria) for name, pair in pairs.items()
    }
    # which of the states it is, the rule says
    blank = replace(unjudged(State.OK, None), features=_corrected(judged, monitor))
    verdict = decide(blank, weighted(monitor, baseline).rule)
    features = _with_sightings(verdict.features, gathered.sightings, monitor)
    odd = any(one.warning for one in features.values())
    return replace(verdict, warning=verdict.warning or odd, features=features)


def _judged(
    name: str, pair: tuple[Counts, Counts], found: Mapping[str, Estimate], criteria: Criteria
) -> FeatureVerdict:
    ref, cur = pair
    needed = criteria.min_rows or LEAST_ROWS
    if not ref.rows:
        return _refused("no_reference_rows")
    if cur.rows < needed:
        return _refused(f"few_rows: {cur.rows} rows, at least {needed} are needed")
    reached = {
        one: estimate.p_value
        for one, estimate in found.items()
        if estimate.p_value is not None and _matters(estimate, criteria.threshold(name, one))
    }
    tests = TESTED[ref.grid.kind]
    # evidence is that of a finding which matters: another one's must not stand in for it
    known = [one.p_value for one in found.values() if one.p_value is not None]
    least = min(reached.values() if reached else known, default=1.0)
    surely = (one for one, p in reached.items() if tests * p <= criteria.level)
    rules = tuple(sorted(surely, key=lambda one: (reached[one], one)))
    p_value = min(1.0, tests * least)
    return FeatureVerdict(State.OK, False, False, None, p_value, None, rules, found)


def _matters(estimate: Estimate, threshold: float | None) -> bool:
    return threshold is not None and (estimate.effect or 0.0) >= threshold


def _refused(reason: str) -> FeatureVerdict:
    return FeatureVerdict(State.INSUFFICIENT_DATA, False, False, reason, None, None, (), {})


def _estimates(parts_of: Mapping[str, Sequence[Part]]) -> dict[str, dict[str, Estimate]]:
    """Return what is known of each part of each column; all are tested at once."""
    every = [part for several in parts_of.values() for part in several]
    p_values = iter(_p_values(every))
    return {
        name: {part.name: _estimate(part, next(p_values)) for part in several}
        for name, several in parts_of.items()
    }


def _p_values(every: Sequence[Part]) -> list[float]:
    """Return the evidence that each share is not the reference's; NaN where there can be none."""
    ref, cur, n, m, choices = (
        np.array([(part.ref, part.cur, part.n, part.m, part.choices) for part in every], np.int64)
        .reshape(-1, 5)
        .T
    )
    found: list[float] = np.minimum(1.0, choices * two_bins_p_value(ref, cur, n, m)).tolist()
    return found


def _estimate(part: Part, p_value: float) -> Estimate:
    share, usual = part.cur / max(part.m, 1), part.ref / max(part.n, 1)
    return Estimate(
        statistic=part.name,
        value=share,
        lower=share,
        upper=share,
        null_mean=usual,
        effect=share - usual,
        # only a share that is larger than the reference's is worth a word
        p_value=p_value if share > usual and not isnan(p_value) else None,
        n_ref=part.n,
        n_cur=part.m,
        contributions=None,
        resolution="cells",
        reason=None,
    )


def _corrected(judged: Mapping[str, FeatureVerdict], monitor: Monitor) -> dict[str, FeatureVerdict]:
    values = [np.nan if one.p_value is None else one.p_value for one in judged.values()]
    adjusted = adjust_bh(np.array(values, np.float64)[None])[0]
    level = monitor.criteria.level
    made = {}
    for (name, one), p_adjusted in zip(judged.items(), adjusted.tolist(), strict=True):
        if one.p_value is None:
            made[name] = one
            continue
        drift = bool(one.rules) and p_adjusted <= level
        made[name] = replace(
            one,
            state=State.DRIFT if drift else State.OK,
            page=drift and p_adjusted <= monitor.paging,
            p_adjusted=p_adjusted,
            rules=one.rules if drift else (),
        )
    return made


def _with_sightings(
    features: Mapping[str, FeatureVerdict], sightings: Sequence[Sighting], monitor: Monitor
) -> dict[str, FeatureVerdict]:
    """Add a word on columns that batches lacked, or had beyond the schema.

    It is no drift by itself: what batches without a column amount to, its missing share says.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for sighting in sightings:
        kinds[sighting.column].append(sighting.kind)
    made = dict(features)
    room = ODD
    for name, seen in kinds.items():
        if name in made:
            one = made[name]
            made[name] = replace(one, warning=one.state is State.OK, rules=(*one.rules, *seen))
        elif "unknown" in seen and monitor.include is None and name not in monitor.exclude and room:
            room -= 1
            made[name] = FeatureVerdict(State.OK, True, False, None, None, None, ("unknown",), {})
    return made
