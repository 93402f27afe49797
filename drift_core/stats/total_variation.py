"""Total variation distance."""

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.shares import shares_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import IntArray


@statistic(
    "total_variation",
    reads="bins",
    kinds=("numeric", "categorical"),
    range=(0.0, 1.0),
    symmetric=True,
    f_divergence=True,
    effect="the distance less its mean without drift",
    warning=None,
    drift=0.1,
)
def total_variation(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:  # noqa: ARG001
    """Share of the rows that would have to change their bin, ``sum |p - q| / 2``.

    An empty bin counts with the other side's share, without smoothing. On the bins the value is
    exact; over finer bins it can only grow, up to the distance of the columns themselves.

    Without drift a bin with the pooled share h differs by ``sqrt(2 h (1-h) (1/n + 1/m) / pi)``
    on average, as the normal law has it; half their sum is the null mean, and the effect is the
    value less that. Where drift is large chance adds less than that to the value, so that the
    effect is a little too small, never too large. More drift is a larger value.

    Parameters
    ----------
    ref, cur
        Shape (..., B).
    axis
        Not needed: bins are exact.

    Returns
    -------
    Distances, with each bin's part of them.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.categorical(["a", "b"])
    >>> ref, cur = grid.count(["a"] * 300 + ["b"] * 100), grid.count(["a"] * 100 + ["b"] * 100)
    >>> STATISTICS["total_variation"](ref, cur).value
    0.25
    """
    shares = shares_of(ref, cur)
    parts = np.abs(shares.p - shares.q) / 2
    value = shares.only_defined(np.minimum(parts.sum(-1), 1.0))
    pooled = shares.pooled()
    spread = np.sqrt(np.maximum(pooled * (1 - pooled), 0.0) * shares.noise[..., None])
    null_mean = shares.only_defined(spread.sum(-1) / np.sqrt(2 * np.pi))
    return Estimates(
        value=value,
        lower=value,
        upper=value,
        effect=value - null_mean,
        p_value=bins_p_value(ref, cur),
        n_ref=shares.n,
        n_cur=shares.m,
        null_mean=null_mean,
        contributions=parts,
    )
