"""Maps that give nearly each of some dictated knots a bucket of its own."""

import numpy as np

from drift_core.errors import BadGrid
from drift_core.kernels import sharing
from drift_core.placing.lines import rounded
from drift_core.placing.symlog import Symlog
from drift_core.placing.symlogs import Symlogs
from drift_core.types import BoolArray, FloatArray, IntArray

_BUCKETS_A_KNOT = 16
_FIRST, _FURTHER = 1 << 14, 1 << 13
_MOST_MAPS = 6
_SAMPLE = 2_048
_TRIM = 0.05
_WORTH = 0.03
"""A further map must part so large a share of the knots: it costs a vector pass for every value."""
_QUANTILES = (0.0, 0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995, 1.0)
_RANKS = (0.0, 1 / 256, 1 / 64, 1 / 16, 1 / 4, 1 / 2, 1.0)
_WIDER = (-2, 0, 2)


def spread_knots(knots: FloatArray) -> tuple[Symlog, ...]:
    """Choose maps that together part nearly all knots, the most useful first.

    The first is the one that parts most. As long as many knots are left that share a bucket, as
    those of a second cluster far away do, another is chosen for them, to be added.

    Parameters
    ----------
    knots
        Shape (knots,), strictly increasing, without NaN.

    Returns
    -------
    Up to six maps; none for fewer than two finite knots.
    """
    finite = knots[np.isfinite(knots)]
    parts: list[Symlog] = []
    left, buckets = finite, _FIRST
    while len(parts) < _MOST_MAPS and left.size > 1:
        part = _best(left, min(1 << (_BUCKETS_A_KNOT * left.size).bit_length(), buckets))
        if part is None:
            break
        after = _crowded(finite, Symlogs((*parts, part)).place(finite))
        if parts and left.size - after.size < _WORTH * finite.size:
            break
        parts.append(part)
        left, buckets = after, _FURTHER
    return tuple(parts)


def share_out(knots: FloatArray, maps: int, buckets: int) -> Symlogs | None:
    """Choose up to so many maps that together part most knots, with so many buckets in all.

    Each gets an equal share of the buckets that those before it left.

    Parameters
    ----------
    knots
        Shape (knots,), strictly increasing, finite.

    Returns
    -------
    `None` where not even one parts any.
    """
    parts: list[Symlog] = []
    left = knots
    while len(parts) < maps and left.size > 1:
        spare = buckets - sum(part.size for part in parts)
        part = _best(left, spare // (maps - len(parts)))
        if part is None:
            break
        parts.append(part)
        left = _crowded(knots, Symlogs(tuple(parts)).place(knots))
    return Symlogs(tuple(parts)) if parts else None


def _crowded(knots: FloatArray, places: IntArray) -> FloatArray:
    shared: BoolArray = np.bincount(places)[places] > 1
    return knots[shared]


def _best(knots: FloatArray, buckets: int) -> Symlog | None:
    every = -(-knots.size // _SAMPLE)
    sample = knots[::every]
    centres, scales = _tried(sample)
    trim = int(_TRIM * sample.size)
    bits, first, width, shared = sharing(sample, centres, scales, buckets // every, trim)
    numbers = np.stack((bits, first, width), axis=1).tolist()
    for best in np.argsort(shared, kind="stable").tolist():
        if shared[best] >= sample.size:
            return None
        try:
            return Symlog(float(centres[best]), float(scales[best]), *numbers[best])
        except BadGrid:
            continue
    return None


def _tried(sample: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Centres at quantiles, and for each scales from the distances to its near and far knots."""
    at = [int(q * (sample.size - 1)) for q in _QUANTILES]
    centres = np.unique(np.append(sample[at], 0.0 if sample[0] < 0 < sample[-1] else sample[0]))
    with np.errstate(over="ignore"):
        away = np.sort(np.abs(sample - centres[:, None]), axis=1)[:, 1:]
        ranks = [int(rank * (away.shape[1] - 1)) for rank in _RANKS]
        exponents = np.frexp(away[:, ranks])[1][:, :, None] + np.array(_WIDER)
        scales = np.ldexp(1.0, exponents.reshape(centres.size, -1))
    pairs = [(c, s) for c, row in zip(centres, scales, strict=True) for s in np.unique(row)]
    centres, scales = np.array([pair for pair in pairs if 0 < pair[1] < np.inf]).T
    moved = rounded(centres, scales)
    return np.where(np.isfinite(moved), moved, centres), scales
