"""Knots that lie where the buckets of a map begin, or of a sum of maps: no comparison is needed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from drift_core.kernels import join
from drift_core.placing.lines import Fit, fits
from drift_core.placing.plans import MOST_STEPS
from drift_core.placing.sums import MARKS, sums_for
from drift_core.placing.symlog import Symlog
from drift_core.placing.symlogs import Line
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
    symlog: Line


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
    heavy = np.flatnonzero(counts > most.rows / 2)
    if heavy.size > _MOST_ATOMS or values.size - heavy.size < _LEAST:
        return None
    parts = (np.delete(values, heavy), np.delete(counts, heavy)) if heavy.size else (values, counts)
    light = _Line.of(*parts)
    buckets = _HEAVY_BUCKETS if counts.max() > _HEAVY * counts.sum() else _BUCKETS
    for symlog in _lines(light, values[heavy], most.rows, buckets, tail):
        plain = _plain(light, symlog, most)
        if plain is not None:
            # every knot that begins no bucket costs time whenever rows are counted
            apart = MOST_STEPS - 2 * heavy.size - plain.apart.size
            far = _tail(symlog, tail, min(apart // 2, _MOST_FAR))
            return _joined(values[heavy], np.concatenate((*plain, far)), symlog)
    return None


class _Line(NamedTuple):
    """Distinct values in order, and how many rows there are before each and after the last."""

    values: FloatArray
    reached: IntArray

    @classmethod
    def of(cls, values: FloatArray, counts: IntArray) -> "_Line":
        reached = np.zeros(counts.size + 1, np.int64)
        np.cumsum(counts, out=reached[1:])
        return cls(values, reached)

    def part(self, first: int, last: int) -> tuple[FloatArray, IntArray]:
        """Values from one place up to another, and the rows of each."""
        return self.values[first:last], np.diff(self.reached[first : last + 1])


class _Plain(NamedTuple):
    """Knots where buckets begin, and those apart from that."""

    begins: FloatArray
    apart: FloatArray


def _plain(light: _Line, symlog: Line, most: Fineness) -> _Plain | None:
    """Begin cells where buckets begin, and inside the few that hold too many rows."""
    first, last = symlog.place(light.values[[0, -1]]).tolist()
    # what lies beyond the last row is apart from it
    begins = symlog.begins(np.arange(first, last + 2))
    # values and buckets go up together: a bucket's rows are those before the next one's begin
    at = np.searchsorted(light.values, begins)
    at[-1] = light.values.size
    rows = np.diff(light.reached[at])
    splits: list[float] = []
    for bucket in np.flatnonzero(rows > most.rows).tolist()[: _MOST_SPLITS + 1]:
        values, weights = light.part(at[bucket], at[bucket + 1])
        splits += values[_cut(weights, most.rows)[1:]].tolist()
    if len(splits) > _MOST_SPLITS:
        return None
    held = np.minimum(rows, most.rows)
    starts = begins[[*_join(held, np.diff(begins), most), -1]]
    for end, (begin, stop) in ((begins[0], at[:2]), (begins[-1], at[-2:])):
        if np.isinf(end):  # the map ends within the values
            splits += _ends(light.values[begin:stop], most.area)
    return _Plain(starts[np.isfinite(starts)], np.array(splits))


def _ends(values: FloatArray, area: float) -> list[float]:
    """Keep what an end bucket holds apart from what is beyond, and from its own widest gaps."""
    gaps = np.diff(values)
    wide = np.argsort(-gaps, kind="stable")[:_MOST_GAPS]
    wide = wide[gaps[wide] > area]
    after = np.append(values[wide], values[-1])
    return [float(values[0]), *values[wide + 1].tolist(), *np.nextafter(after, np.inf).tolist()]


def _join(rows: FloatArray, widths: FloatArray, most: Fineness) -> IntArray:
    """Join neighbouring buckets as long as they are not too much; answer where groups begin."""
    widths = np.where(np.isfinite(widths), widths, 0.0)
    filled = rows > 0
    # an empty stretch counts as one row spread over it: a window's rows may well be there
    stretch = np.cumsum(filled)
    gaps = np.bincount(stretch, weights=np.where(filled, 0.0, widths))
    gap = gaps[stretch]
    weight = np.where(filled, rows, widths / np.where(filled | (gap == 0), 1.0, gap))
    return join(rows, weight, widths, most.rows, most.area)


def _lines(
    light: _Line, heavy: FloatArray, most: float, buckets: int, tail: FloatArray
) -> Iterator[Line]:
    yield from _candidates(light, most, buckets)
    every = np.arange(1.0, light.reached[-1], most / MARKS)
    marks = light.values[np.searchsorted(light.reached[1:], every)]
    marks = np.unique(np.concatenate((marks, heavy, np.nextafter(heavy, np.inf))))
    yield from sums_for(marks[np.isfinite(marks)], tail, _MOST_SPLITS)


def _candidates(light: _Line, most: float, buckets: int) -> list[Symlog]:
    # of the maps with room in every bucket those that reach furthest beyond the values, then the
    # others, the least crowded first
    values, reached = light.values, light.reached[1:]
    sample = values[np.searchsorted(reached, np.linspace(1, reached[-1], _SAMPLE))]
    fair = most * _SAMPLE / reached[-1]
    tried = sorted(
        fits(sample, buckets, _BITS, trim=int(fair * _TRIM)), key=lambda fit: fit.largest
    )
    easy = [fit for fit in tried if fit.largest <= fair]
    furthest = np.argsort(-_reach(easy, buckets, values[0], values[-1]), kind="stable")[:_TRIES]
    chosen = [*(easy[at] for at in furthest.tolist()), *tried[:_TRIES]]
    built = (fit.symlog(buckets) for fit in chosen)
    return [symlog for symlog in built if symlog is not None]


def _reach(fits: Sequence[Fit], buckets: int, low: float, high: float) -> FloatArray:
    """How far maps go beyond both ends, in spreads of the values; roughly, and up to 128."""
    made = np.array([fit[:4] for fit in fits], np.float64).reshape(-1, 4)
    centres, scales, bits, first = made.T
    with np.errstate(all="ignore"):
        octaves = np.exp2(bits)
        below = low - centres + scales * (np.exp2(-first / octaves) - 1)
        above = centres - high + scales * (np.exp2((first + buckets) / octaves) - 1)
        reach = np.minimum(below, above) / (high - low)
    held: FloatArray = np.clip(np.nan_to_num(reach, nan=-1.0), -1.0, _ENOUGH)
    return held


def _cut(rows: AnyArray, most: float) -> IntArray:
    """Join neighbours as long as they hold at most `most` rows; answer where each group begins."""
    begins, held = [0], 0.0
    for number, here in enumerate(rows.tolist()):
        if held + here > most and held:
            begins.append(number)
            held = 0.0
        held += here
    return np.array(begins, np.int64)


def _tail(symlog: Line, tail: FloatArray, most: int) -> FloatArray:
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


def _joined(heavy: FloatArray, plain: FloatArray, symlog: Line) -> MappedKnots:
    # a plain knot at an atom, or at the next float, would begin a cell that is there already
    plain = np.unique(plain + 0.0)
    plain = plain[~np.isin(plain, [heavy, np.nextafter(heavy, np.inf)])]
    knots = np.concatenate((heavy, plain))
    order = np.argsort(knots)
    return MappedKnots(knots[order], np.arange(knots.size)[order] < heavy.size, symlog)
