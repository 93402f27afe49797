"""The exit of a Brownian bridge from a band, step by step; compiled, without the lock."""

import math
from functools import lru_cache

import numpy as np
from numba import njit, types
from scipy.special import roots_legendre

from drift_core.kernels._types import inner
from drift_core.types import AnyArray, FloatArray, IntArray

_SQRT_HALF = math.sqrt(0.5)
_SQRT_2PI = math.sqrt(2 * math.pi)
_REACH = 9.0
_NEGLIGIBLE = 45.0
_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
_INTS = types.Array(types.int64, 1, "C", readonly=True)


def exit_probability(limit: float, times: FloatArray, watched: IntArray, nodes: int) -> float:
    """Probability that a bridge leaves [-limit, limit]; `drift_core.bridge` says how watched."""
    places, weights = _quadrature(nodes)
    return float(_exit(limit, _read_only(times), _read_only(watched), places, weights))


@lru_cache(maxsize=64)
def _quadrature(nodes: int) -> tuple[FloatArray, FloatArray]:
    places, weights = roots_legendre(nodes)
    return _read_only(places), _read_only(weights)


def _read_only(array: AnyArray) -> AnyArray:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


@inner
def _crossing(x: float, y: float, limit: float, dt: float) -> float:
    # a Brownian path from x to y in dt leaves the band in between: the method of images
    scale = 0.5 / dt
    if 4 * scale * min((limit - x) * (limit - y), (limit + x) * (limit + y)) > _NEGLIGIBLE:
        return 0.0
    lost = math.exp(-4 * scale * (limit - x) * (limit - y))
    lost += math.exp(-4 * scale * (limit + x) * (limit + y))
    images = int(math.sqrt(72 * dt) / (4 * limit)) + (dt > 0.05 * limit * limit)
    d, mean = y - x, x + y
    for k in range(1, images + 1):
        shift = 4 * k * limit
        lost -= math.exp(-scale * shift * (shift + 2 * d))
        lost -= math.exp(-scale * shift * (shift - 2 * d))
        wall = shift + 2 * limit
        lost += math.exp(-scale * ((wall - mean) ** 2 - d * d))
        lost += math.exp(-scale * ((wall + mean) ** 2 - d * d))
    return min(max(lost, 0.0), 1.0)


@inner
def _beyond(limit: float, mean: float, sd: float, _: float) -> float:
    above = 0.5 * math.erfc((limit - mean) / sd * _SQRT_HALF)
    return above + 0.5 * math.erfc((limit + mean) / sd * _SQRT_HALF)


@njit([types.float64(types.float64, _FLOATS, _INTS, _FLOATS, _FLOATS)], nogil=True, cache=True)
def _exit(
    limit: float, times: FloatArray, watched: IntArray, places: FloatArray, weights: FloatArray
) -> float:
    at, step = places * limit, weights * limit
    # where the surviving paths are, and their mass there; all begin at zero
    here, mass = np.zeros(1), np.ones(1)
    left = 0.0
    time = 0.0
    for k in range(times.size - 1):
        dt = times[k] - time
        shrink = (1.0 - times[k]) / (1.0 - time)
        sd = math.sqrt(dt * shrink)
        arrived = np.zeros(at.size)
        half = at.size // 2
        for i in range(here.size):
            mean = here[i] * shrink
            left += mass[i] * _beyond(limit, mean, sd, 0.0)
            # the path is as likely as its mirror image: only the upper half is worked out
            first = max(half, np.searchsorted(at, mean - _REACH * sd))
            last = np.searchsorted(at, mean + _REACH * sd)
            for j in range(first, last):
                z = (at[j] - mean) / sd
                moved = mass[i] * math.exp(-0.5 * z * z) / (sd * _SQRT_2PI) * step[j]
                if watched[k]:
                    lost = moved * _crossing(here[i], at[j], limit, dt)
                    left += 2 * lost
                    moved -= lost
                arrived[j] += moved
        arrived[:half] = arrived[: half - 1 : -1]
        here, mass, time = at, arrived, times[k]
    if watched[-1]:
        for i in range(here.size):
            left += mass[i] * _crossing(here[i], 0.0, limit, 1.0 - time)
    return left
