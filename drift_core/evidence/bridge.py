"""The law of the KS distance without drift, read at the cells where it is measured.

Without drift ``sqrt(nm/(n+m)) (F - G)`` is close to a Brownian bridge at the reference's own
cumulative cell shares. Where cells are small the bridge is watched without a gap, and its
largest distance from zero follows Kolmogorov's law; across a mass point it moves unseen, which
is why that law hardly ever rejects on columns full of ties (Schroeer and Trenkler 1995).
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import kolmogorov

from drift_core.evidence.calibration import LEAST_P
from drift_core.evidence.repeats import once
from drift_core.kernels import bridge_exit
from drift_core.types import FloatArray, IntArray

_JUMP = 0.01
_OVERSHOOT = 0.5826
_SHORTEST = 0.001
_RATIO = 1.15
_NODES = range(32, 513, 32)
_NODES_PER_SD = 2.5
_FARTHEST = 3.5
_SMALLEST = 1e-3


class Watch(NamedTuple):
    """When the bridge is looked at: the ends of its steps, and which are watched throughout."""

    times: tuple[float, ...]
    watched: tuple[int, ...]


def bridge_p_value(ref: IntArray, limit: FloatArray) -> FloatArray:
    """p-value of a KS distance measured at a reference's cells.

    Parameters
    ----------
    ref
        Shape (..., cells): the reference's counts, at least one in each row.
    limit
        Shape (...): ``D sqrt(nm / (n + m))``.

    Returns
    -------
    Shape (...): the probability that the bridge is at least this far from zero at the end of
    a cell, where cells with 1 % of the reference or more count one by one. Never above the
    bound ``2 exp(-2 limit**2)``, never below 1e-300.

    Where cells are small the bridge is taken to be watched without a gap, at a limit that is
    higher by what it moves, on average, between two looks (Chernoff 1965; Siegmund 1979).
    """
    rows = once(ref).reshape(-1, ref.shape[-1])
    limits = np.reshape(limit, (rows.shape[0], -1))
    limits = np.where(limits < _SMALLEST, limits, limits + _between_looks(rows)[:, None])
    p = np.array(kolmogorov(limits))
    totals = rows.sum(-1)
    lumpy = (rows.max(-1) >= _JUMP * totals) & (totals > 0)
    for at in np.flatnonzero(lumpy):
        p[at] = tail(watch_of(rows[at]), limits[at])
    bound = 2 * np.exp(-2 * np.square(limits))
    held: FloatArray = np.clip(np.minimum(p, bound), LEAST_P, 1.0)
    return held.reshape(np.shape(limit))


def _between_looks(rows: IntArray) -> FloatArray:
    # the mean step of small cells, where there are no others; a cell of one row hides nothing
    total = np.maximum(rows.sum(-1, keepdims=True), 1)
    small = np.where(rows < _JUMP * total, rows, 0)
    hidden = small / total * (np.maximum(small - 1, 0) / total)
    return np.asarray(_OVERSHOOT * np.sqrt(hidden.sum(-1)))


def watch_of(ref: IntArray) -> Watch:
    """Say when a bridge over a reference's cells, shape (cells,), is looked at."""
    reached = np.concatenate(([0], np.cumsum(ref))) / ref.sum()
    times: list[float] = []
    watched: list[int] = []
    time = 0.0
    for jump in np.flatnonzero(np.diff(reached) >= _JUMP).tolist():
        # a gap between mass points too short to resolve is crossed together with the next one
        if reached[jump] - time >= _SHORTEST:
            times.append(float(reached[jump]))
            watched.append(1)
        time = float(reached[jump + 1])
        times.append(time)
        watched.append(0)
    if 1.0 - time >= _SHORTEST:
        return Watch((*times, 1.0), (*watched, 1))
    return Watch((*times[:-1], 1.0), tuple(watched))


def tail(watch: Watch, limit: FloatArray) -> FloatArray:
    """Probability that the watched bridge leaves the band, read from a table filled as needed."""
    shown = np.maximum(limit, _SMALLEST)
    below = np.floor(np.log(shown) / math.log(_RATIO)).astype(np.int64)
    places, at = np.unique(below[..., None] + np.arange(-1, 3), return_inverse=True)
    exits = np.array([_over_bound(watch, place) for place in places.tolist()])
    # less its bound's, the logarithm of such a tail bends little in the square of the limit:
    # a cubic through four places keeps it to some parts in ten thousand
    weights = _cubic(shown**2 / _RATIO ** (2.0 * below))
    log = (weights * exits[at.reshape(weights.shape)]).sum(-1) - 2 * shown**2
    return np.where(limit < _SMALLEST, 1.0, np.exp(np.minimum(log, 0.0)))


def _cubic(at: FloatArray) -> FloatArray:
    nodes = _RATIO ** np.arange(-2.0, 5.0, 2.0)
    parts = [
        np.prod([(at - other) / (node - other) for other in nodes if other != node], axis=0)
        for node in nodes
    ]
    return np.stack(parts, -1)


@lru_cache(maxsize=1 << 16)
def _over_bound(watch: Watch, place: int) -> float:
    limit = _RATIO**place
    finest = _finest(watch)
    # further out, where no decision depends on it, keep the ratio to the upper bound: it falls
    shown = min(limit, _FARTHEST, _NODES[-1] * finest / _NODES_PER_SD)
    if len(watch.times) <= 2:
        shown = limit  # past a single border the answer is nearly all in the first step
    wanted = math.ceil(_NODES_PER_SD * shown / finest)
    nodes = next((size for size in _NODES if size >= wanted), _NODES[-1])
    times, watched = np.array(watch.times), np.array(watch.watched, np.int64)
    exits = bridge_exit(shown, times, watched, nodes)
    return math.log(min(max(exits, LEAST_P), 1.0)) + 2 * shown**2


def _finest(watch: Watch) -> float:
    ends = np.array(watch.times)
    starts = np.concatenate(([0.0], ends[:-1]))
    variances = (ends - starts)[:-1] * (1 - ends[:-1]) / (1 - starts[:-1])
    return math.sqrt(variances.min()) if variances.size else 1.0
