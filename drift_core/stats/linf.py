"""L-infinity distance."""

import numpy as np
from scipy.special import erf

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.shares import Shares, shares_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import FloatArray, IntArray

_NODES = 24
_REACH = 6.0


@statistic(
    "linf",
    reads="bins",
    kinds=("numeric", "categorical"),
    range=(0.0, 1.0),
    symmetric=True,
    f_divergence=False,
    effect="the distance itself",
    warning=None,
    drift=0.1,
)
def linf(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:  # noqa: ARG001
    """Largest change of a single bin's share, ``max |p - q|``.

    An empty bin counts with the other side's share, without smoothing. On the bins the value is
    exact. It is no f-divergence: two bins that rose alike have risen by more once they are
    merged. More drift is a larger value.

    The null mean is that of the largest of B normal differences with the variances
    ``h (1-h) (1/n + 1/m)``, h the pooled shares, taken as independent (Sidak 1967); with two
    filled bins, whose differences are one, the mean of that one. It is told and not taken off:
    the largest of several changes is raised by chance only as long as it is hardly larger
    than chance alone makes it.

    Parameters
    ----------
    ref, cur
        Shape (..., B).
    axis
        Not needed: bins are exact.

    Returns
    -------
    Distances; they are no sum, so that there are no contributions.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.categorical(["a", "b", "c"])
    >>> ref, cur = grid.count(["a", "b", "b", "c"]), grid.count(["a", "b", "c", "c"])
    >>> STATISTICS["linf"](ref, cur).value
    0.25
    """
    shares = shares_of(ref, cur)
    value = shares.only_defined(np.abs(shares.p - shares.q).max(-1))
    return Estimates(
        value=value,
        lower=value,
        upper=value,
        effect=value,
        p_value=bins_p_value(ref, cur),
        n_ref=shares.n,
        n_cur=shares.m,
        null_mean=shares.only_defined(_mean_of_largest(shares)),
    )


def _mean_of_largest(shares: Shares) -> FloatArray:
    pooled = shares.pooled()
    spread = np.sqrt(np.maximum(pooled * (1 - pooled), 0.0) * shares.noise[..., None])
    largest = spread.max(-1)
    at, weight = np.polynomial.legendre.leggauss(_NODES)
    # in units of the largest spread; a bin that cannot differ never exceeds anything
    relative = spread / np.where(largest > 0, largest, 1.0)[..., None]
    inside = np.ones((*largest.shape, _NODES))
    for k, z in enumerate((at + 1) * _REACH / 2):
        shown = np.where(relative > 0, z / np.where(relative > 0, relative, 1.0), np.inf)
        inside[..., k] = np.prod(erf(shown / np.sqrt(2.0)), -1)
    mean = ((1 - inside) * weight).sum(-1) * (_REACH / 2)
    return np.asarray(largest * np.where(shares.bins == 2, np.sqrt(2 / np.pi), mean))
