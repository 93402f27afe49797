"""Two-sample chi-squared."""

import numpy as np

from drift_core.evidence.calibration import bins_p_value, pearson_parts
from drift_core.evidence.repeats import rows_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import FloatArray, IntArray


@statistic(
    "chi2",
    reads="bins",
    kinds=("numeric", "categorical"),
    range=(0.0, float("inf")),
    symmetric=True,
    f_divergence=False,
    effect="Cramer's V, corrected for its bias",
    warning=None,
    drift=0.1,
)
def chi2(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:  # noqa: ARG001
    """Pearson's X2 of the 2 x B table, both rows random, without Yates' correction.

    The reference is a sample too: to take it for the truth, as goodness of fit does, gives
    false alarms without end.

    Parameters
    ----------
    ref, cur
        Shape (..., B). Bins empty on both sides take no part.
    axis
        Not needed: bins are exact.

    Returns
    -------
    Values with their permutation mean ``N (B - 1) / (N - 1)``; the effect is Cramer's V of two
    rows, ``sqrt(X2 / N)``, corrected for its bias (Bergsma 2013): that mean is taken off X2, and
    what is left is held against the most that can be left.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.categorical(["a", "b"])
    >>> ref, cur = grid.count(["a"] * 300 + ["b"] * 100), grid.count(["a"] * 100 + ["b"] * 100)
    >>> found = STATISTICS["chi2"](ref, cur)
    >>> round(found.value, 3), round(found.effect, 3)
    (37.5, 0.247)
    """
    n, m = rows_of(ref), cur.sum(-1)
    rows = n + m
    parts = pearson_parts(ref, cur)
    defined = (n > 0) & (m > 0)
    value = np.where(defined, parts.sum(-1), np.nan)
    bins = ((ref + cur) > 0).sum(-1)
    null_mean = rows * (bins - 1) / np.maximum(rows - 1, 1)
    excess = np.maximum(value - null_mean, 0.0)
    return Estimates(
        value=value,
        lower=value,
        upper=value,
        effect=np.sqrt(excess / np.maximum(rows, 1) / _most(rows, bins)),
        p_value=bins_p_value(ref, cur),
        n_ref=n,
        n_cur=m,
        null_mean=np.where(defined, null_mean, np.nan),
        contributions=parts,
    )


def _most(rows: IntArray, bins: IntArray) -> FloatArray:
    # less one, the dimensions of a table that chance alone has filled: 2 of them, or B
    others = np.maximum(rows - 1, 1)
    least = np.minimum(1 - 1 / others, (bins - 1) * (1 - (bins - 1) / others))
    # so few rows that nothing can be left of the excess
    return np.where(least > 0, least, 1.0)
