"""A straight line through measurements, and how far its slope can be trusted."""

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

CONFIDENCE = 0.95
LEAST = 5
Floats = npt.NDArray[np.float64]


def slope(times: Floats, values: Floats) -> tuple[float, float]:
    """Return the slope by least squares, and half of its 95 % interval.

    Neighbouring measurements of memory resemble each other; the interval is widened as if there
    were fewer of them, by the residuals' correlation with their neighbours.

    Raises
    ------
    ValueError
        There are too few measurements.
    """
    if len(times) < LEAST:
        raise ValueError("a slope needs at least five measurements")
    centred = times - times.mean()
    spread = float(centred @ centred)
    found = float(centred @ values) / spread
    residuals = values - values.mean() - found * centred
    power = float(residuals @ residuals)
    if power <= 1e-18 * float(values @ values):
        return found, 0.0
    likeness = min(max(float(residuals[:-1] @ residuals[1:]) / power, 0.0), 0.99)
    freedom = max(len(times) * (1 - likeness) / (1 + likeness) - 2, 1.0)
    error = (power / freedom / spread) ** 0.5
    return found, float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
