"""The tail of a weighted sum of squared normals, one law at a time; compiled, without the lock."""

import math

import numpy as np
from numba import njit, types

from drift_core.kernels._types import given, made
from drift_core.types import FloatArray

_NODES = 32
_FLOATS = given(types.float64)
_OUT = made(types.float64)


def integrate(
    lead: FloatArray, shape: FloatArray, scale: FloatArray, squared: FloatArray
) -> FloatArray:
    """Integrate ``erfc(sqrt((squared - r) / (2 lead)))`` over a gamma law's r below `squared`.

    All have shape (laws,); `drift_core.squares` says what they are. `scale` is below twice `lead`.
    """
    found = np.empty(squared.size)
    _integrate(lead, shape, scale, squared, *_TURNS, found)
    return found


def _turns() -> tuple[FloatArray, FloatArray]:
    # r = R sin(angle)**2 keeps both ends smooth: the law's at 0, where it may be infinite, and
    # the root's at R; an angle that grows like a square leaves hardly a trace of the first
    at, weight = np.polynomial.legendre.leggauss(_NODES)
    at = (at + 1) / 2
    angle = at * at * (math.pi / 2)
    sine = np.sin(angle)
    weights = weight * at * math.pi * np.cos(angle)
    return sine, weights


_TURNS = _turns()


@njit(
    [types.void(_FLOATS, _FLOATS, _FLOATS, _FLOATS, _OUT, _OUT, _OUT)],
    nogil=True,
    cache=True,
)
def _integrate(
    lead: FloatArray,
    shape: FloatArray,
    scale: FloatArray,
    squared: FloatArray,
    sine: FloatArray,
    weights: FloatArray,
    found: FloatArray,
) -> None:
    height = np.log(sine)
    for law in range(squared.size):
        two, k, theta, far = 2 * lead[law], shape[law], scale[law], squared[law]
        # what counts lies where the law tilted towards the tail has its mass
        tilted = theta / (1 - theta / two)
        end = min(far, tilted * (k + 5 * math.sqrt(k) + 14))
        if end <= 0.0:
            found[law] = 0.0
            continue
        front = k * math.log(end / theta) - math.lgamma(k)
        total = 0.0
        for i in range(sine.size):
            r = end * sine[i] * sine[i]
            density = math.exp(front + (2 * k - 1) * height[i] - r / theta)
            total += weights[i] * density * math.erfc(math.sqrt((far - r) / two))
        found[law] = total
