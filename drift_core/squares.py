"""The law of a weighted sum of squared normals, as far out as one likes."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import erfc, gammaincinv

from drift_core.calibration import LEAST_P
from drift_core.types import FloatArray

_LEAST_LEAD = 1e-9
_NOTHING = 1e-9
_NODES = 32


class Law(NamedTuple):
    """A sum of weighted squares of standard normals whose weights add up to one.

    Attributes
    ----------
    lead
        The largest weight: it alone decides how fast the far tail falls.
    variance
        Twice the sum of the squared weights.
    """

    lead: FloatArray
    variance: FloatArray


def tail_of(law: Law, squared: FloatArray) -> FloatArray:
    """Probability that the weighted sum is at least `squared`.

    The largest weight's square is kept as it is and the rest is taken as a gamma variable of
    the same mean and variance; the tail is integrated under the gamma law tilted towards it, so
    that it keeps its relative precision however far out it is.
    """
    lead = np.maximum(law.lead, _LEAST_LEAD)
    mean = np.maximum(1 - lead, 0.0)
    spread = np.maximum(law.variance - 2 * lead**2, 0.0)
    alone = (mean < _NOTHING) | (spread < _NOTHING)
    # two weights alike leave nothing to tilt towards; a little less is near enough
    scale = np.minimum(spread / np.where(alone, 1.0, mean), 1.9 * lead)
    shape = np.where(alone, 1.0, mean / np.where(alone, 1.0, scale))
    shrink = np.where(alone, 1.0, 1 - scale / (2 * lead))
    nodes, weights = _uniform_nodes()
    rest = gammaincinv(shape[..., None], nodes) * (scale / shrink)[..., None]
    # undoes the tilt: each node's weight under the law itself
    weights = weights * np.exp(-rest / (2 * lead[..., None])) * (shrink**-shape)[..., None]
    over = np.maximum(squared[..., None] - rest, 0.0) / (2 * lead[..., None])
    return np.asarray(np.clip((weights * erfc(np.sqrt(over))).sum(-1), LEAST_P, 1.0))


@lru_cache(maxsize=1)
def _uniform_nodes() -> tuple[FloatArray, FloatArray]:
    at, weight = np.polynomial.legendre.leggauss(_NODES)
    return (at + 1) / 2, weight / 2
