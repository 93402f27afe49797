"""What windows have to say against what traffic does by itself, and whether it is worth a page."""

import numpy as np
from scipy.special import chndtr

from drift_core.evidence.calibration import williams_g
from drift_core.evidence.squares import Law
from drift_core.judging.evidence import moved_bins
from drift_core.judging.policy import Policy
from drift_core.paging.traffic import Noise, Traffic
from drift_core.paging.uncertain import critical, uncertain_tail
from drift_core.stats import STATISTICS, Axis
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray

_POLICY = Policy()


def surely_above(ref: IntArray, cur: IntArray, size: float) -> FloatArray:
    """p-value of "PSI is at most `size`" for independent rows: shape (..., B) to (...).

    With the noise ``1/n + 1/m``, PSI over it is close to a non-central chi-squared variable with
    B - 1 degrees of freedom and non-centrality `size` over it; B counts the filled bins.
    """
    found = STATISTICS["psi"].evaluate(ref, cur, Axis())
    noise = 1 / np.maximum(found.n_ref, 1) + 1 / np.maximum(found.n_cur, 1)
    freedom = ((ref + cur) > 0).sum(-1) - 1
    p = 1 - chndtr(found.value / noise, np.maximum(freedom, 1), size / noise)
    return np.where(freedom > 0, np.clip(p, 0.0, 1.0), np.where(np.isnan(found.value), np.nan, 1.0))


def evidence(
    traffic: Traffic,
    ref: IntArray,
    cur: IntArray,
    *,
    long: bool,
    certain: float,
    upto: float | None = None,
) -> FloatArray:
    """p-value of "nothing but what such traffic does by itself", over bins chosen beforehand.

    A distance over the noise, against a weighted sum of squared normals over an uncertain scale:
    G with Williams' correction, which keeps its promise in sparse bins, or PSI for features that
    wander, which grows with the square of a shift, however far. Short windows of a restless
    feature have to be surely above a PSI of `certain` besides; those of a feature that nothing
    is known of, for independent rows.

    Parameters
    ----------
    ref, cur
        Shapes (features, B) and (looks, features, B).
    upto
        Give 1 for p-values above this, which takes much less time; `None`: give them all.

    Returns
    -------
    Shape (looks, features); NaN where a side has no rows.
    """
    n, m = ref.sum(-1), cur.sum(-1)
    noise = traffic.noise(ref, cur, long=long)
    squared = _distance(traffic, ref, cur, long=long) / noise.size
    asked = (squared > 0) & traffic.known
    if upto is not None:
        asked &= squared >= _least(traffic, upto, long=long)
    p, at = np.ones(m.shape), np.nonzero(asked)
    p[at] = uncertain_tail(squared[at], *_of(noise, at))
    if not long:
        at = tuple(part[~traffic.calm[at[1]]] for part in at)
        p[at] = np.maximum(p[at], _surely_large(ref[at[1]], cur[at], noise, at, certain))
    strange = np.flatnonzero(~traffic.known)
    p[:, strange] = surely_above(ref[strange], cur[:, strange], certain)
    return np.where((n > 0) & (m > 0), p, np.nan)


def _distance(traffic: Traffic, ref: IntArray, cur: IntArray, *, long: bool) -> FloatArray:
    n, m = np.maximum(ref.sum(-1), 1), np.maximum(cur.sum(-1), 1)
    g = williams_g(ref, cur)[0] * (1 / n + 1 / m)
    far = np.flatnonzero(traffic.wandering)
    if long and far.size:
        g[:, far] = STATISTICS["psi"].evaluate(ref[far], cur[:, far], Axis()).value
    return np.where((n > 0) & (m > 0), g, 0.0)


def _least(traffic: Traffic, level: float, *, long: bool) -> FloatArray:
    """Below this, shape (features,), no p-value is as small as `level`."""
    seen = traffic.long if long else traffic.short
    return critical(seen.law, np.maximum(seen.freedom, traffic.long.freedom), level)


def _surely_large(
    ref: IntArray, cur: IntArray, noise: Noise, at: tuple[AnyArray, ...], certain: float
) -> FloatArray:
    """p-value of "PSI is at most `certain`, but for what such traffic does by itself", (N,)."""
    size, psi = noise.size[at], STATISTICS["psi"].evaluate(ref, cur, Axis()).value
    p, above = np.ones(size.shape), np.flatnonzero(psi > certain)
    law, freedom = _of(noise, tuple(part[above] for part in at))
    p[above] = uncertain_tail(psi[above] / size[above], law, freedom, certain / size[above])
    return p


def sight(traffic: Traffic, ref: IntArray, level: float, wandering: float) -> FloatArray:
    """Least PSI that is evidence at `level`, shape (2, features), the short scale first.

    Of windows with as many rows as those learned from; at `wandering` for features that wander,
    at the long scale. Infinite for short windows of restless features, and where nothing is known.
    """
    found = np.full((2, ref.shape[0]), np.inf)
    for scale, seen in enumerate((traffic.short, traffic.long)):
        rows = seen.rows / np.maximum(ref.sum(-1), 1)
        noise = traffic.noise(ref, np.ceil(ref * rows[:, None]).astype(np.int64), long=bool(scale))
        least = critical(noise.law, noise.freedom, level)
        if scale:
            wide = critical(noise.law, noise.freedom, wandering)
            least = np.where(traffic.wandering, wide, least)
        found[scale] = np.where(traffic.calm | bool(scale), least * noise.size, np.inf)
    return found


def _of(noise: Noise, at: tuple[AnyArray, ...]) -> tuple[Law, FloatArray]:
    return Law(noise.law.lead[at], noise.law.variance[at]), noise.freedom[at]


def worth_a_page(ref: IntArray, cur: IntArray, gate: float) -> BoolArray:
    """Say whether PSI's effect is at least `gate` or a bin moved: (..., B) to (...)."""
    effect = STATISTICS["psi"].evaluate(ref, cur, Axis()).effect
    return (effect >= gate) | moved_bins(ref, cur, _POLICY).any(-1)
