"""What windows' counts have to say, feature by feature, before anything is decided."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.combination import combine
from drift_core.evidence.repeats import rows_of
from drift_core.judging.pieces import Table, evaluate, pieces_of
from drift_core.judging.policy import Policy
from drift_core.stats import STATISTICS, Estimates
from drift_core.types import BoolArray, FloatArray, IntArray

# shares of small whole numbers miss a round threshold by rounding alone
_SLACK = 1 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of features; arrays of the table's leading shape (...).

    Attributes
    ----------
    p_value
        The pieces of evidence combined; NaN where there is none.
    estimates
        By statistic.
    matters
        By statistic: its effect is large enough to matter.
    moved
        Shape (..., B): the bin's share moved enough to matter by itself.
    noteworthy
        Some effect is at or above its warning threshold.
    bracket
        The widest gap between the bounds of a statistic that lies between 0 and 1.
    """

    p_value: FloatArray
    estimates: Mapping[str, Estimates]
    matters: Mapping[str, BoolArray]
    moved: BoolArray
    noteworthy: BoolArray
    bracket: FloatArray


def weigh(table: Table, policy: Policy) -> Evidence:
    """Weigh many features at once, in as many windows."""
    found = {name: evaluate(name, table) for name in policy.statistics.get(table.kind, ())}
    weights = policy.evidence_of(table.kind)
    pieces = pieces_of(table, found, weights)
    limits = {name: policy.thresholds_of(name) for name in found}
    nothing = np.zeros(table.bins.cur.shape[:-1])
    noteworthy = nothing > 0
    for name, many in found.items():
        noteworthy = noteworthy | _reaches(many.effect, limits[name].warning)
    return Evidence(
        p_value=combine(np.stack(list(pieces.values()), -1), np.array(list(weights.values()))),
        estimates=found,
        matters={name: _reaches(many.effect, limits[name].drift) for name, many in found.items()},
        moved=moved_bins(table.bins.ref, table.bins.cur, policy),
        noteworthy=noteworthy,
        bracket=np.max([nothing, *_gaps(found)], axis=0),
    )


def _reaches(effect: FloatArray, threshold: float | None) -> BoolArray:
    # NaN, what is not known, reaches nothing
    return effect >= (np.inf if threshold is None else threshold)


def _gaps(found: Mapping[str, Estimates]) -> list[FloatArray]:
    # only a distance of distribution functions has bounds on the scale of shares
    gaps = [
        many.upper - many.lower
        for name, many in found.items()
        if STATISTICS[name].range == (0.0, 1.0)
    ]
    return [np.where(np.isfinite(gap), gap, 0.0) for gap in gaps]


def moved_bins(ref: IntArray, cur: IntArray, policy: Policy) -> BoolArray:
    """Say which single bins moved enough, and surely enough, to matter by themselves.

    Parameters
    ----------
    ref, cur
        Shape (..., B).
    policy
        Its gates: points, factor, level.

    Returns
    -------
    Shape (..., B).
    """
    ref, cur = np.broadcast_arrays(ref, cur)
    n, m = (rows_of(side)[..., None] for side in (ref, cur))
    p, q = ref / np.maximum(n, 1), cur / np.maximum(m, 1)
    points = np.abs(q - p) >= policy.gate_points * _SLACK
    factor = np.maximum(p, q) >= policy.gate_factor * np.minimum(p, q) * _SLACK
    moved: BoolArray = points & factor & (n > 0) & (m > 0)
    level = policy.gate_level / np.maximum(((ref + cur) > 0).sum(-1, keepdims=True), 1)
    # few bins come this far: each is tested against the rest of its feature
    at = np.nonzero(moved)
    own = bins_p_value(_against_rest(ref, n, at), _against_rest(cur, m, at))
    moved[at] = own <= np.broadcast_to(level, moved.shape)[at]
    return moved


def _against_rest(counts: IntArray, total: IntArray, at: tuple[IntArray, ...]) -> IntArray:
    own = counts[at]
    return np.stack((own, np.broadcast_to(total, counts.shape)[at] - own), -1)
