"""The law of a weighted sum of squared normals, as far out as one likes."""

from typing import NamedTuple

import numpy as np
from scipy.special import erfc, gammaincc

from drift_core.evidence.calibration import LEAST_P
from drift_core.kernels.squares import integrate
from drift_core.types import FloatArray

_LEAST_LEAD = 1e-9
_NOTHING = 1e-9
_LEAST_TILT = 1.9


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
    the same mean and variance. The tail is integrated where that law has its mass once it is
    tilted towards the tail, so that it keeps its relative precision however far out it is.
    """
    lead, variance, squared = np.broadcast_arrays(*law, squared)
    lead = np.maximum(lead, _LEAST_LEAD)
    mean = np.maximum(1 - lead, 0.0)
    spread = np.maximum(variance - 2 * lead**2, 0.0)
    p = np.array(erfc(np.sqrt(squared / (2 * lead))))
    at = (mean >= _NOTHING) & (spread >= _NOTHING)
    mean, lead, squared = mean[at], lead[at], squared[at]
    # two weights alike leave nothing to tilt towards; a little less is near enough
    scale = np.minimum(spread[at] / mean, _LEAST_TILT * lead)
    shape = mean / scale
    p[at] = integrate(lead, shape, scale, squared) + gammaincc(shape, squared / scale)
    held: FloatArray = np.clip(p, LEAST_P, 1.0)
    return held
