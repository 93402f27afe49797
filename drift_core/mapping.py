"""Knots that lie where the buckets of a map begin, so that counting needs no comparison."""

from typing import NamedTuple

import numpy as np

from drift_core.lines import Fit, fits
from drift_core.symlog import Symlog
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray

_BUCKETS = 4_092
"""Two 16-bit counters for each take half of a 32 KiB L1 cache."""
_HEAVY_BUCKETS = 2_044
"""Four for each take as much: equal values in a row wait for one another's counter."""
_HEAVY = 0.2
"""A mass point of so large a share calls for four."""
_BITS = range(6, 12)
_SAMPLE = 4_096
_LEAST = 500
_MOST_SPLITS = 4
_MOST_ATOMS = 6
_TRIES = 4
_EASY = 0.5
_TRIM = 0.75
_FAR = 2
_ENOUGH = 128.0


class MappedKnots(NamedTuple):
    """Knots, which of them are atoms, and the map whose buckets the others begin."""

    knots: FloatArray
    atoms: BoolArray
    symlog: Symlog


def map_knots(
    values: FloatArray, counts: IntArray, most: float, tail: FloatArray
) -> MappedKnots | None:
    """Choose knots on a map's buckets, with mass points as atoms apart.

    Parameters
    ----------
    values, counts
        Distinct values, sorted, and how often each occurs; shape (values,).
    most
        Most rows that an open cell may hold.
    tail
        Where knots beyond the values are wanted; they move to where a bucket begins.

    Returns
    -------
    `None` where no map holds at most `most` rows in each bucket, or with too many mass points.
    """
    heavy = counts > most / 2
    if np.count_nonzero(heavy) > _MOST_ATOMS or np.count_nonzero(~heavy) < _LEAST:
        return None
    light, weights = values[~heavy], counts[~heavy]
    buckets = _HEAVY_BUCKETS if counts.max() > _HEAVY * counts.sum() else _BUCKETS
    for symlog in _candidates(light, weights, most, buckets):
        plain = _plain(light, weights, symlog, most)
        if plain is not None:
            plain = np.concatenate((plain, _tail(symlog, tail)))
            return _joined(values[heavy], plain, symlog)
    return None


def _plain(light: FloatArray, weights: IntArray, symlog: Symlog, most: float) -> FloatArray | None:
    """Begin cells where buckets begin, and inside the few that hold too many rows."""
    at = symlog.place(light)
    rows = np.bincount(at, weights=weights, minlength=symlog.size)
    splits = []
    for bucket in np.flatnonzero(rows > most).tolist()[: _MOST_SPLITS + 1]:
        inside = at == bucket
        splits += light[inside][_cut(weights[inside], most)[1:]].tolist()
    if len(splits) > _MOST_SPLITS:
        return None
    filled = np.flatnonzero(rows)
    begins = filled[_cut(np.minimum(rows[filled], most), most)]
    # what lies beyond the last row is apart from it
    return np.array([*symlog.begins(np.append(begins, filled[-1] + 1)).tolist(), *splits])


def _candidates(light: FloatArray, weights: IntArray, most: float, buckets: int) -> list[Symlog]:
    # of the maps with ease in every bucket those that reach furthest beyond the values, then the
    # others, the least crowded first
    reached = np.cumsum(weights)
    sample = light[np.searchsorted(reached, np.linspace(1, reached[-1], _SAMPLE))]
    fair = most * _SAMPLE / reached[-1]
    tried = sorted(
        fits(sample, buckets, _BITS, trim=int(fair * _TRIM)), key=lambda fit: fit.largest
    )
    easy = [fit for fit in tried if fit.largest <= _EASY * fair]
    easy.sort(key=lambda fit: -_reach(fit, buckets, float(light[0]), float(light[-1])))
    built = (fit.symlog(buckets) for fit in [*easy[:_TRIES], *tried[:_TRIES]])
    return [symlog for symlog in built if symlog is not None]


def _reach(fit: Fit, buckets: int, low: float, high: float) -> float:
    """How far the map goes beyond both ends, in spreads of the values; roughly, and up to 128."""
    with np.errstate(all="ignore"):
        first, last = np.array([-fit.first, fit.first + buckets]) / 2.0**fit.bits
        below = low - fit.centre + fit.scale * (np.exp2(first) - 1)
        above = fit.centre - high + fit.scale * (np.exp2(last) - 1)
        reach = min(below, above) / (high - low)
    return float(np.clip(np.nan_to_num(reach, nan=-1.0), -1.0, _ENOUGH))


def _cut(rows: AnyArray, most: float) -> IntArray:
    """Join neighbours as long as they hold at most `most` rows; answer where each group begins."""
    begins, held = [0], 0.0
    for number, here in enumerate(rows.tolist()):
        if held + here > most and held:
            begins.append(number)
            held = 0.0
        held += here
    return np.array(begins, np.int64)


def _tail(symlog: Symlog, tail: FloatArray) -> FloatArray:
    """Move tail knots to where a bucket begins; of those beyond the map, keep few as they are."""
    at = symlog.place(tail)
    low, high = symlog.place(np.array([-np.inf, np.inf]))
    near = symlog.begins(np.unique(at[(at > low) & (at < high)]))
    # spaced evenly, the outermost among them
    below, above = tail[at <= low], tail[at >= high]
    return np.concatenate((near, _few(below), _few(above[::-1])))


def _few(outermost_first: FloatArray) -> FloatArray:
    step = -(-outermost_first.size // _FAR) if outermost_first.size else 1
    return outermost_first[::step]


def _joined(heavy: FloatArray, plain: FloatArray, symlog: Symlog) -> MappedKnots:
    # a plain knot at an atom, or at the next float, would begin a cell that is there already
    plain = np.unique(plain + 0.0)
    plain = plain[~np.isin(plain, [heavy, np.nextafter(heavy, np.inf)])]
    knots = np.concatenate((heavy, plain))
    order = np.argsort(knots)
    return MappedKnots(knots[order], np.arange(knots.size)[order] < heavy.size, symlog)
