"""Tails of a weighted sum of squared normals whose scale is itself only an estimate."""

from functools import lru_cache

import numpy as np
from scipy.special import erfc, gammaincinv

from drift_core.evidence.calibration import LEAST_P
from drift_core.evidence.squares import Law, tail_of
from drift_core.types import FloatArray

_NODES = 32
_CROWDING = 6
_NOTHING = 1e-9
_HALVINGS = 14
_FARTHEST = 1e12
_TOGETHER = 1 << 11


def uncertain_tail(
    squared: FloatArray, law: Law, freedom: FloatArray, allowed: FloatArray | None = None
) -> FloatArray:
    """Tail of a weighted sum of squared normals over an estimate of its scale.

    The estimate is chi-squared over its degrees of freedom, which are `freedom` where one
    direction holds all variance and more where several are averaged: ``freedom / lead``. With a
    single direction this is the F law with 1 and `freedom`.

    Parameters
    ----------
    squared
        Shape (N,): what was found, 1 on average.
    law, freedom
        Shape (N,).
    allowed
        Shape (N,), in the units of `squared`: how far off, squared, the mean may be; taken along
        the leading direction, which is the worst. `None`: not at all.
    """
    found = np.empty(squared.shape)
    for start in range(0, squared.size, _TOGETHER):
        at = slice(start, start + _TOGETHER)
        part = None if allowed is None else allowed[at]
        found[at] = _tail(squared[at], Law(law.lead[at], law.variance[at]), freedom[at], part)
    return found


def _tail(
    squared: FloatArray, law: Law, freedom: FloatArray, allowed: FloatArray | None
) -> FloatArray:
    place, weight = _crowded_nodes()
    degrees = (freedom / law.lead)[:, None]
    scale = gammaincinv(degrees / 2, place) * 2 / degrees
    wide = Law(law.lead[:, None], law.variance[:, None])
    far = squared[:, None] * scale
    tails = tail_of(wide, far) if allowed is None else shifted(wide, far, allowed[:, None] * scale)
    return np.asarray(np.clip((tails * weight).sum(-1), LEAST_P, 1.0))


def shifted(law: Law, squared: FloatArray, allowed: FloatArray) -> FloatArray:
    """Probability that the sum is at least `squared` if its leading part is off by `allowed`.

    ``(sqrt(lead) Z + sqrt(allowed))^2`` and the rest, taken as a gamma variable of the same mean
    and variance; integrated under the gamma law tilted towards the far tail. With equal weights
    this is the non-central chi-squared law.
    """
    lead, mean = law.lead, np.maximum(1 - law.lead, 0.0)
    spread = np.maximum(law.variance - 2 * lead**2, 0.0)
    alone = (mean < _NOTHING) | (spread < _NOTHING)
    scale = np.where(alone, 0.0, np.minimum(spread / np.where(alone, 1.0, mean), 1.9 * lead))
    shape = np.where(alone, 1.0, mean / np.where(alone, 1.0, scale))
    tilt = np.maximum(1 - np.sqrt(allowed / np.maximum(squared, allowed)), 0.0) / (2 * lead)
    shrink = 1 - scale * tilt
    at, weight = np.polynomial.legendre.leggauss(_NODES)
    rest = gammaincinv(shape[..., None], (at + 1) / 2) * (scale / shrink)[..., None]
    weight = weight / 2 * np.exp(-rest * tilt[..., None]) * (shrink**-shape)[..., None]
    over, wide = squared[..., None] - rest, np.sqrt(2 * lead)[..., None]
    far, off = np.sqrt(np.maximum(over, 0.0)) / wide, np.sqrt(allowed)[..., None] / wide
    beyond = np.where(over > 0, (erfc(far - off) + erfc(far + off)) / 2, 1.0)
    return np.asarray(np.clip((weight * beyond).sum(-1), LEAST_P, 1.0))


def critical(law: Law, freedom: FloatArray, level: float) -> FloatArray:
    """Largest sum whose tail is still above `level`, to a hundredth and from below, shape (N,)."""
    low, high = np.zeros(freedom.shape), np.full(freedom.shape, np.log(_FARTHEST))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = uncertain_tail(np.exp(middle), law, freedom) > level
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.exp(low)


@lru_cache(maxsize=1)
def _crowded_nodes() -> tuple[FloatArray, FloatArray]:
    at, weight = np.polynomial.legendre.leggauss(_NODES)
    # far tails come from scales that were found far too small: nodes crowd towards zero
    place = ((at + 1) / 2) ** _CROWDING
    return place, weight / 2 * _CROWDING * ((at + 1) / 2) ** (_CROWDING - 1)
