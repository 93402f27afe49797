"""Hellinger distance."""

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.shares import chi_mean, shares_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import IntArray


@statistic(
    "hellinger",
    reads="bins",
    kinds=("numeric", "categorical"),
    range=(0.0, 1.0),
    symmetric=True,
    f_divergence=True,
    effect="the distance after its square's mean without drift is taken off",
    warning=0.11,
    drift=0.16,
)
def hellinger(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:  # noqa: ARG001
    """Distance of the roots of the shares, ``sqrt(sum((sqrt p - sqrt q)**2) / 2)``.

    Hellinger 1909, in the form that lies between 0 (equal shares) and 1 (no bin filled on both
    sides). An empty bin counts with all of the other side's share, without smoothing. On the
    bins the value is exact.

    Without drift its square is about ``chi2(B - 1) (1/n + 1/m) / 8``, B the filled bins; the
    effect is ``sqrt(max(value**2 - mean, 0))``. The default thresholds are what a PSI of 0.1
    and 0.2 comes to while changes are small. More drift is a larger value.

    Parameters
    ----------
    ref, cur
        Shape (..., B).
    axis
        Not needed: bins are exact.

    Returns
    -------
    Distances; contributions are to the distance, each bin's part of its square over it.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.categorical(["a", "b"])
    >>> ref, cur = grid.count(["a"] * 300 + ["b"] * 100), grid.count(["a"] * 100 + ["b"] * 100)
    >>> round(STATISTICS["hellinger"](ref, cur).value, 3)
    0.185
    """
    shares = shares_of(ref, cur)
    parts = (np.sqrt(shares.p) - np.sqrt(shares.q)) ** 2 / 2
    square = np.minimum(parts.sum(-1), 1.0)
    value = shares.only_defined(np.sqrt(square))
    unit = shares.noise / 8
    freedom = np.maximum(shares.bins - 1, 0)
    root = np.sqrt(square)[..., None]
    return Estimates(
        value=value,
        lower=value,
        upper=value,
        effect=shares.only_defined(np.sqrt(np.maximum(square - freedom * unit, 0.0))),
        p_value=bins_p_value(ref, cur),
        n_ref=shares.n,
        n_cur=shares.m,
        null_mean=shares.only_defined(np.sqrt(unit) * chi_mean(freedom)),
        contributions=np.where(root > 0, parts / np.where(root > 0, root, 1.0), 0.0),
    )
