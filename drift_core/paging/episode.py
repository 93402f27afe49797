"""An episode while learning: a few windows in a row that the others cannot explain."""

import numpy as np

from drift_core.paging.dispersion import disperse
from drift_core.paging.uncertain import uncertain_tail
from drift_core.types import BoolArray, FloatArray, IntArray

_LONGEST = 7
_LEVEL = 1e-4


def ordinary(windows: IntArray) -> BoolArray:
    """Say which windows tell of ordinary traffic, shape (W, features).

    All, but for one episode of at most a seventh of them, in a row, if what the others tell of
    such traffic gives it a chance of at most 1 in 10,000. A season comes back: what it does is
    among the others too, and stays. The episode's mean is taken for that of a single window, as if
    its windows resembled each other wholly. The window before and the one after go with it, since
    it need not begin where a window does.

    Parameters
    ----------
    windows
        Shape (W, features, B): disjoint, of one length, in the order of time.
    """
    taken, squared = _farthest(windows)
    rest = disperse(windows * taken[..., None])
    filled = np.maximum((windows.sum(0) > 0).sum(-1) - 1, 1)
    known = np.isfinite(rest.phi)
    scaled = squared / (filled * np.where(known, rest.phi, 1.0))
    strange = known & (uncertain_tail(scaled, rest.law, rest.freedom) <= _LEVEL)
    return np.asarray(_without_edges(taken) | ~strange)


def _without_edges(taken: BoolArray) -> BoolArray:
    without = taken.copy()
    without[1:] &= taken[:-1]
    without[:-1] &= taken[1:]
    return without


def _farthest(windows: IntArray) -> tuple[BoolArray, FloatArray]:
    """Windows without the farthest episode, and how far off that is, squared."""
    count, features = windows.shape[:2]
    best, squared = np.zeros(features), np.zeros(features)
    taken = np.ones((count, features), bool)
    sums = np.concatenate((np.zeros((1, *windows.shape[1:]), np.int64), windows.cumsum(0)))
    for length in range(1, count // _LONGEST + 1):
        for start in range(count - length + 1):
            off, apart = _apart(sums[start + length] - sums[start], sums[-1], length)
            better = off > best
            best, squared = np.where(better, off, best), np.where(better, apart, squared)
            taken[:, better] = True
            taken[start : start + length, better] = False
    return taken, squared


def _apart(inside: IntArray, total: IntArray, length: int) -> tuple[FloatArray, FloatArray]:
    """Variance that an episode takes along, and its squared distance as a single window's."""
    rest = total - inside
    rows, others = inside.sum(-1, keepdims=True), rest.sum(-1, keepdims=True)
    share = rest / np.maximum(others, 1)
    gap = inside / np.maximum(rows, 1) - share
    # half a row where the others have none: a bin that only an episode fills is far off
    floor = np.maximum(share, 0.5 / np.maximum(others, 1))
    square = (gap**2 / floor).sum(-1) * ((rows > 0) & (others > 0))[..., 0]
    rows, others = rows[..., 0], others[..., 0]
    return (
        np.asarray(square / (1 / np.maximum(rows, 1) + 1 / np.maximum(others, 1))),
        np.asarray(square / (length / np.maximum(rows, 1) + 1 / np.maximum(others, 1))),
    )
