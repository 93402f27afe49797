"""Jensen-Shannon distance."""

import numpy as np
from scipy.special import xlogy

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.shares import chi_mean, shares_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import IntArray

_BITS_PER_NOISE = 1 / (8 * np.log(2.0))


@statistic(
    "jensen_shannon",
    reads="bins",
    kinds=("numeric", "categorical"),
    range=(0.0, 1.0),
    symmetric=True,
    f_divergence=True,
    effect="the distance after its divergence's mean without drift is taken off",
    warning=0.13,
    drift=0.19,
)
def jensen_shannon(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:  # noqa: ARG001
    """Root of the Jensen-Shannon divergence in bits (Lin 1991; Endres and Schindelin 2003).

    ``sqrt(sum(p log2(p / h) + q log2(q / h)) / 2)`` with h the mean of p and q: 0 for equal
    shares, 1 where no bin is filled on both sides. An empty bin needs no smoothing, since h is
    above zero wherever p or q is. On the bins the value is exact.

    Without drift the divergence is about ``chi2(B - 1) (1/n + 1/m) / (8 ln 2)``, B the filled
    bins; the effect is ``sqrt(max(value**2 - mean, 0))``. The default thresholds are what a PSI
    of 0.1 and 0.2 comes to while changes are small. More drift is a larger value.

    Parameters
    ----------
    ref, cur
        Shape (..., B).
    axis
        Not needed: bins are exact.

    Returns
    -------
    Distances; contributions are to the distance, each bin's part of the divergence over it.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.categorical(["a", "b"])
    >>> ref, cur = grid.count(["a"] * 300 + ["b"] * 100), grid.count(["a"] * 100 + ["b"] * 100)
    >>> round(STATISTICS["jensen_shannon"](ref, cur).value, 3)
    0.221
    """
    shares = shares_of(ref, cur)
    half = (shares.p + shares.q) / 2
    over = np.where(half > 0, half, 1.0)
    terms = (xlogy(shares.p, shares.p / over) + xlogy(shares.q, shares.q / over)) / 2
    parts = np.maximum(terms, 0.0) / np.log(2.0)
    divergence = np.clip(parts.sum(-1), 0.0, 1.0)
    value = shares.only_defined(np.sqrt(divergence))
    unit = shares.noise * _BITS_PER_NOISE
    freedom = np.maximum(shares.bins - 1, 0)
    root = np.sqrt(divergence)[..., None]
    return Estimates(
        value=value,
        lower=value,
        upper=value,
        effect=shares.only_defined(np.sqrt(np.maximum(divergence - freedom * unit, 0.0))),
        p_value=bins_p_value(ref, cur),
        n_ref=shares.n,
        n_cur=shares.m,
        null_mean=shares.only_defined(np.sqrt(unit) * chi_mean(freedom)),
        contributions=np.where(root > 0, parts / np.where(root > 0, root, 1.0), 0.0),
    )
