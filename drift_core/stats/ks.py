"""Kolmogorov-Smirnov distance."""

import numpy as np

from drift_core.bridge import bridge_p_value
from drift_core.calibration import bins_p_value
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import FloatArray, IntArray

_LEAST_OUTSIDE = 20


@statistic(
    "ks",
    reads="cells",
    kinds=("numeric",),
    range=(0.0, 1.0),
    symmetric=True,
    f_divergence=False,
    effect="the distance itself",
    warning=None,
    drift=0.1,
)
def ks(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:
    """Largest distance ``sup |F - G|`` of the distribution functions of present values.

    The value is the largest distance at the cells' edges; where every distinct value is a cell
    of its own that is the distance itself. Inside an open cell F rises from F0 to F1 and G from
    G0 to G1, in an order that the counts do not tell, so that the distance may reach
    ``max(|F1 - G0|, |G1 - F0|)`` if both rise: `upper` allows for that.

    Parameters
    ----------
    ref, cur
        Shape (..., cells), in the order of the line.
    axis
        Which cells are single values.

    Returns
    -------
    Distances with the p-value of a Brownian bridge at the reference's cells. Where fewer than
    20 rows of the window are expected outside the reference's largest cell, the p-value is
    that of the bins below it, it, and above it.
    """
    n, m = ref.sum(-1), cur.sum(-1)
    defined = (n > 0) & (m > 0)
    safe_n, safe_m = np.maximum(n, 1), np.maximum(m, 1)
    f, g = ref.cumsum(-1) / safe_n[..., None], cur.cumsum(-1) / safe_m[..., None]
    distance = np.abs(f - g).max(-1)
    # subtracting counts, not shares, keeps the left limits exact
    f_left = (ref.cumsum(-1) - ref) / safe_n[..., None]
    g_left = (cur.cumsum(-1) - cur) / safe_m[..., None]
    reach = np.maximum(np.abs(f - g_left), np.abs(g - f_left))
    hidden = (ref > 0) & (cur > 0)
    if axis.point is not None:
        hidden &= ~axis.point
    upper = np.maximum(distance, np.where(hidden, reach, 0.0).max(-1))
    value = np.where(defined, distance, np.nan)
    return Estimates(
        value=value,
        lower=value,
        upper=np.where(defined, upper, np.nan),
        effect=value,
        p_value=np.where(defined, _p_value(ref, cur, distance), np.nan),
        n_ref=n,
        n_cur=m,
    )


def _p_value(ref: IntArray, cur: IntArray, distance: FloatArray) -> FloatArray:
    n, m = np.maximum(ref.sum(-1), 1), np.maximum(cur.sum(-1), 1)
    by_bridge = bridge_p_value(ref, distance * np.sqrt(n / (n + m) * m))
    outside = m * (1 - ref.max(-1) / n)
    if not (outside < _LEAST_OUTSIDE).any():
        return by_bridge
    by_bins = bins_p_value(_three(ref, ref), _three(ref, cur))
    return np.where(outside < _LEAST_OUTSIDE, by_bins, by_bridge)


def _three(ref: IntArray, counts: IntArray) -> IntArray:
    # below the reference's largest cell, in it, above it
    largest = ref.argmax(-1)[..., None]
    through = np.take_along_axis(counts.cumsum(-1), largest, -1)[..., 0]
    inside = np.take_along_axis(counts, largest, -1)[..., 0]
    return np.stack((through - inside, inside, counts.sum(-1) - through), -1)
