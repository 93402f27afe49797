"""Knots that lie where the buckets of a map begin, so that counting needs no comparison."""

from typing import NamedTuple

import numpy as np

from drift_core.placing.lines import Fit, fits
from drift_core.placing.plans import MOST_STEPS
from drift_core.placing.symlog import Symlog
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
_MOST_GAPS = 2
_TRIES = 4
_TRIM = 0.75
_NEAR = 8
_LEAST_FAR = 3
_MOST_FAR = 6
_NEARER = 1.5
_ENOUGH = 128.0


class Fineness(NamedTuple):
    """How fine cells have to be.

    Attributes
    ----------
    rows
        Most rows that an open cell may hold: bounds what distribution functions hide.
    area
        Most that rows times width of an open cell may come to: bounds what distances along the
        line hide. Few rows, but wide cells, are what tails are made of.
    """

    rows: float
    area: float


class MappedKnots(NamedTuple):
    """Knots, which of them are atoms, and the map whose buckets the others begin."""

    knots: FloatArray
    atoms: BoolArray
    symlog: Symlog


def map_knots(
    values: FloatArray, counts: IntArray, most: Fineness, tail: FloatArray
) -> MappedKnots | None:
    """Choose knots on a map's buckets, with mass points as atoms apart.

    Parameters
    ----------
    values, counts
        Distinct values, sorted, and how often each occurs; shape (values,).
    most
        What an open cell may hold at most.
    tail
        Where knots beyond the values are wanted; they move to where a bucket begins.

    Returns
    -------
    `None` where no map holds few enough rows in each bucket, or with too many mass points.
    """
    heavy = counts > most.rows / 2
    if np.count_nonzero(heavy) > _MOST_ATOMS or np.count_nonzero(~heavy) < _LEAST:
        return None
    light, weights = values[~heavy], counts[~heavy]
    buckets = _HEAVY_BUCKETS if counts.max() > _HEAVY * counts.sum() else _BUCKETS
    for symlog in _candidates(light, weights, most.rows, buckets):
        plain = _plain(light, weights, symlog, most)
        if plain is not None:
            # every knot that begins no bucket costs time whenever rows are counted
            apart = MOST_STEPS - 2 * int(np.count_nonzero(heavy)) - plain.apart.size
            far = _tail(symlog, tail, min(apart // 2, _MOST_FAR))
            return _joined(values[heavy], np.concatenate((*plain, far)), symlog)
    return None


class _Plain(NamedTuple):
    """Knots where buckets begin, and those apart from that."""

    begins: FloatArray
    apart: FloatArray


def _plain(light: FloatArray, weights: IntArray, symlog: Symlog, most: Fineness) -> _Plain | None:
    """Begin cells where buckets begin, and inside the few that hold too many rows."""
    at = symlog.place(light)
    rows = np.bincount(at, weights=weights, minlength=symlog.size)
    splits: list[float] = []
    for bucket in np.flatnonzero(rows > most.rows).tolist()[: _MOST_SPLITS + 1]:
        inside = at == bucket
        splits += light[inside][_cut(weights[inside], most.rows)[1:]].tolist()
    if len(splits) > _MOST_SPLITS:
        return None
    first, last = int(at[0]), int(at[-1])
    # what lies beyond the last row is apart from it
    begins = symlog.begins(np.arange(first, last + 2))
    held = np.minimum(rows[first : last + 1], most.rows)
    starts = begins[[*_join(held, np.diff(begins), most), -1]]
    for bucket, end in ((first, begins[0]), (last, begins[-1])):
        if np.isinf(end):  # the map ends within the values
            splits += _ends(light[at == bucket], most.area)
    return _Plain(starts[np.isfinite(starts)], np.array(splits))


def _ends(values: FloatArray, area: float) -> list[float]:
    """Keep what an end bucket holds apart from what is beyond, and from its own widest gaps."""
    gaps = np.diff(values)
    wide = np.argsort(-gaps, kind="stable")[:_MOST_GAPS]
    wide = wide[gaps[wide] > area]
    after = np.append(values[wide], values[-1])
    return [float(values[0]), *values[wide + 1].tolist(), *np.nextafter(after, np.inf).tolist()]


def _join(rows: FloatArray, widths: FloatArray, most: Fineness) -> list[int]:
    """Join neighbouring buckets as long as they are not too much; answer where groups begin."""
    widths = np.where(np.isfinite(widths), widths, 0.0)
    filled = rows > 0
    # an empty stretch counts as one row spread over it: a window's rows may well be there
    stretch = np.cumsum(filled)
    gaps = np.bincount(stretch, weights=np.where(filled, 0.0, widths))
    gap = gaps[stretch]
    weight = np.where(filled, rows, widths / np.where(filled | (gap == 0), 1.0, gap))
    begins, held, heavy, wide = [0], 0.0, 0.0, 0.0
    parts = zip(rows.tolist(), weight.tolist(), widths.tolist(), strict=True)
    for number, (row, part, width) in enumerate(parts):
        many = held + row > most.rows and held
        if many or (number > begins[-1] and (heavy + part) * (wide + width) > most.area):
            begins.append(number)
            held, heavy, wide = 0.0, 0.0, 0.0
        held, heavy, wide = held + row, heavy + part, wide + width
    return begins


def _candidates(light: FloatArray, weights: IntArray, most: float, buckets: int) -> list[Symlog]:
    # of the maps with room in every bucket those that reach furthest beyond the values, then the
    # others, the least crowded first
    reached = np.cumsum(weights)
    sample = light[np.searchsorted(reached, np.linspace(1, reached[-1], _SAMPLE))]
    fair = most * _SAMPLE / reached[-1]
    tried = sorted(
        fits(sample, buckets, _BITS, trim=int(fair * _TRIM)), key=lambda fit: fit.largest
    )
    easy = [fit for fit in tried if fit.largest <= fair]
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


def _tail(symlog: Symlog, tail: FloatArray, most: int) -> FloatArray:
    """Move tail knots to where a bucket begins; of those beyond the map, keep few as they are.

    The fewer of them the map reaches, the more are kept.
    """
    at = symlog.place(tail)
    low, high = symlog.place(np.array([-np.inf, np.inf]))
    inside = (at > low) & (at < high)
    middle = tail.size // 2
    near = symlog.begins(np.unique(at[inside]))
    below = _few(tail[at <= low][::-1], most, int(inside[:middle].sum()))
    above = _few(tail[at >= high], most, int(inside[middle:].sum()))
    return np.concatenate((near, below, above))


def _few(nearest_first: FloatArray, most: int, reached: int) -> FloatArray:
    kept = max(min(most, _NEAR - reached), _LEAST_FAR)
    # the nearest and the furthest, and between them more of the near ones
    along = np.linspace(0.0, 1.0, min(kept, nearest_first.size)) ** _NEARER
    places = np.unique((along * (nearest_first.size - 1)).round())
    return nearest_first[places.astype(np.int64)]


def _joined(heavy: FloatArray, plain: FloatArray, symlog: Symlog) -> MappedKnots:
    # a plain knot at an atom, or at the next float, would begin a cell that is there already
    plain = np.unique(plain + 0.0)
    plain = plain[~np.isin(plain, [heavy, np.nextafter(heavy, np.inf)])]
    knots = np.concatenate((heavy, plain))
    order = np.argsort(knots)
    return MappedKnots(knots[order], np.arange(knots.size)[order] < heavy.size, symlog)
