"""Population stability index."""

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.repeats import rows_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import IntArray

_HALF = 0.5


@statistic(
    "psi",
    reads="bins",
    kinds=("numeric", "categorical"),
    range=(0.0, float("inf")),
    symmetric=True,
    f_divergence=False,
    effect="PSI less its mean without drift",
    warning=0.1,
    drift=0.2,
)
def psi(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:  # noqa: ARG001
    """Sum ``(q - p) ln(q / p)`` over the bins.

    The shares p of the reference and q of the window are smoothed by half a row a bin
    (Jeffreys), so that an empty bin costs what its rows can tell and no more. Bins empty on
    both sides take no part, neither in the sum nor in the smoothing.

    Parameters
    ----------
    ref, cur
        Shape (..., B).
    axis
        Not needed: bins are exact.

    Returns
    -------
    Values in nats with ``(B - 1)(1/n + 1/m)`` as their mean without drift, B the bins that are
    not empty (Yurdakul and Naranjo 2020); the effect is the value less that mean.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.categorical(["a", "b"])
    >>> ref, cur = grid.count(["a"] * 300 + ["b"] * 100), grid.count(["a"] * 100 + ["b"] * 100)
    >>> round(STATISTICS["psi"](ref, cur).value, 3)
    0.273
    """
    n, m = rows_of(ref), cur.sum(-1)
    filled = (ref + cur) > 0
    bins = filled.sum(-1)
    p = np.where(filled, ref + _HALF, 1.0) / np.maximum(n + _HALF * bins, 1.0)[..., None]
    q = np.where(filled, cur + _HALF, 1.0) / np.maximum(m + _HALF * bins, 1.0)[..., None]
    parts = np.where(filled, (q - p) * np.log(q / p), 0.0)
    defined = (n > 0) & (m > 0)
    value = np.where(defined, parts.sum(-1), np.nan)
    null_mean = (bins - 1) * (1 / np.maximum(n, 1) + 1 / np.maximum(m, 1))
    return Estimates(
        value=value,
        lower=value,
        upper=value,
        effect=value - null_mean,
        p_value=bins_p_value(ref, cur),
        n_ref=n,
        n_cur=m,
        null_mean=np.where(defined, null_mean, np.nan),
        contributions=parts,
    )
