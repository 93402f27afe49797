"""What a window's counts have to say, feature by feature, before anything is decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from drift_core.bins import Bins
from drift_core.calibration import bins_p_value, combine
from drift_core.counts import Counts
from drift_core.policy import Policy
from drift_core.stats import STATISTICS, Axis, Estimate, Estimates, axis_of
from drift_core.types import BoolArray, IntArray, Kind

_TOGETHER = 128
# shares of small whole numbers miss a round threshold by rounding alone
_SLACK = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Pair:
    """One feature's reference, window and bins, on one grid."""

    name: str
    ref: Counts
    cur: Counts
    bins: Bins


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one feature.

    Attributes
    ----------
    p_value
        The distinct pieces of evidence combined; NaN where there is none.
    estimates
        By statistic.
    rules
        Which effects are large enough to matter: statistics' names, and ``bin:3``.
    noteworthy
        Some effect is at or above its warning threshold.
    bracket
        The widest gap between the bounds of a statistic that lies between 0 and 1.
    """

    p_value: float
    estimates: Mapping[str, Estimate]
    rules: tuple[str, ...]
    noteworthy: bool
    bracket: float


def weigh(pairs: Sequence[Pair], policy: Policy) -> dict[str, Evidence]:
    """Weigh many features at once: by kind, padded to one shape, in arrays."""
    found: dict[str, Evidence] = {}
    for kind in get_args(Kind):
        alike = [pair for pair in pairs if pair.ref.grid.kind == kind]
        for start in range(0, len(alike), _TOGETHER):
            together = alike[start : start + _TOGETHER]
            found.update(_weigh_alike(together, kind, policy))
    return found


def _weigh_alike(
    pairs: Sequence[Pair], kind: Kind, policy: Policy
) -> Iterator[tuple[str, Evidence]]:
    ref = _stack([pair.bins.coarsen(pair.ref.cells) for pair in pairs])
    cur = _stack([pair.bins.coarsen(pair.cur.cells) for pair in pairs])
    found = {name: _estimate(name, pairs, ref, cur) for name in policy.statistics.get(kind, ())}
    # the bins are always evidence; what several statistics share counts as one piece
    pieces = {STATISTICS[name].evidence: found[name].p_value for name in found}
    pieces["bins"] = bins_p_value(ref, cur)
    p_values = combine(np.stack(list(pieces.values()), -1))
    moved = moved_bins(ref, cur, policy)
    for at, pair in enumerate(pairs):
        estimates = {
            name: STATISTICS[name].pick(many, (at,), pair.bins.size) for name, many in found.items()
        }
        yield pair.name, _summary(float(p_values[at]), estimates, moved[at], policy)


def _estimate(name: str, pairs: Sequence[Pair], ref: IntArray, cur: IntArray) -> Estimates:
    statistic = STATISTICS[name]
    if statistic.reads == "bins":
        return statistic.evaluate(ref, cur, Axis())
    cells = [_stack([side.values for side in sides]) for sides in _sides(pairs)]
    return statistic.evaluate(cells[0], cells[1], axis_of([pair.ref.grid for pair in pairs]))


def _sides(pairs: Sequence[Pair]) -> tuple[list[Counts], list[Counts]]:
    return [pair.ref for pair in pairs], [pair.cur for pair in pairs]


def _stack(rows: Sequence[IntArray]) -> IntArray:
    stacked = np.zeros((len(rows), max(row.size for row in rows)), np.int64)
    for at, row in enumerate(rows):
        stacked[at, : row.size] = row
    return stacked


def moved_bins(ref: IntArray, cur: IntArray, policy: Policy) -> BoolArray:
    """Say which single bins moved enough, and surely enough, to matter by themselves.

    Parameters
    ----------
    ref, cur
        Shape (features, B).
    policy
        Its gates: points, factor, level.

    Returns
    -------
    Shape (features, B).
    """
    n, m = ref.sum(-1, keepdims=True), cur.sum(-1, keepdims=True)
    p, q = ref / np.maximum(n, 1), cur / np.maximum(m, 1)
    points = np.abs(q - p) >= policy.gate_points * _SLACK
    factor = np.maximum(p, q) >= policy.gate_factor * np.minimum(p, q) * _SLACK
    moved: BoolArray = points & factor & (n > 0) & (m > 0)
    level = policy.gate_level / np.maximum(((ref + cur) > 0).sum(-1, keepdims=True), 1)
    at = np.nonzero(moved)
    # few bins come this far: each is tested against the rest of its feature
    own = bins_p_value(_against_rest(ref, n)[at], _against_rest(cur, m)[at])
    moved[at] = own <= np.broadcast_to(level, moved.shape)[at]
    return moved


def _against_rest(counts: IntArray, total: IntArray) -> IntArray:
    return np.stack((counts, total - counts), -1)


def _summary(
    p_value: float, estimates: dict[str, Estimate], moved: BoolArray, policy: Policy
) -> Evidence:
    rules = [name for name, found in estimates.items() if _matters(found, policy)]
    rules += [f"bin:{at}" for at in np.flatnonzero(moved)]
    gaps = [
        found.upper - found.lower
        for name, found in estimates.items()
        if found.upper is not None
        and found.lower is not None
        # only a distance of distribution functions has bounds on the scale of shares
        and STATISTICS[name].range == (0.0, 1.0)
    ]
    return Evidence(
        p_value=p_value,
        estimates=estimates,
        rules=tuple(rules),
        noteworthy=any(_is_noteworthy(found, policy) for found in estimates.values()),
        bracket=max(gaps, default=0.0),
    )


def _matters(found: Estimate, policy: Policy) -> bool:
    drift = policy.thresholds_of(found.statistic).drift
    return found.effect is not None and drift is not None and found.effect >= drift


def _is_noteworthy(found: Estimate, policy: Policy) -> bool:
    warning = policy.thresholds_of(found.statistic).warning
    return found.effect is not None and warning is not None and found.effect >= warning


def filled_bins(pair: Pair) -> int:
    """Count the bins that the reference fills."""
    return int(np.count_nonzero(pair.bins.coarsen(pair.ref.cells)))
