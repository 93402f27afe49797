"""The shape of a column's values for people to look at: a few bars, from counts alone."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from app.domain.telling.brief import brief
from drift_core import CategoricalGrid, Counts, NumericGrid

Floats = npt.NDArray[np.float64]
BARS = 24
TAIL = 0.005
"""Share of the values at either end that is put into the outermost bars: outliers would else
press all others into one."""
WIDEST = 1e9


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it holds, and its share of each side's rows; None where a side has none."""

    label: str
    kind: str
    reference: float | None
    current: float | None


def shape(ref: Counts, cur: Counts, bars: int = BARS) -> tuple[Bar, ...]:
    """Return the bars of a column, those of missing and wrongly typed values first.

    Numbers get bars of equal width over the middle 99 % of both sides together, categories one
    for each of the most frequent levels and one for all others. Inside a cell that a bar's edge
    cuts, rows are taken to lie evenly; outside the reference's values, where cells are wide, bars
    end where cells do. Missing and invalid values have a bar only where they are.
    """
    found: list[Bar] = []
    for kind, before, after in (
        ("missing", ref.missing, cur.missing),
        ("invalid", ref.invalid, cur.invalid),
    ):
        if before or after:
            found.append(_bar(kind, kind, before, after, ref, cur))
    if isinstance(ref.grid, NumericGrid):
        return (*found, *_numeric(ref, cur, ref.grid, bars))
    if isinstance(ref.grid, CategoricalGrid):
        return (*found, *_levels(ref, cur, ref.grid, bars))
    return tuple(found)


def quantile(counts: Counts, share: float) -> tuple[float, float] | None:
    """Return the limits of the cell below and in which a share of a column's numbers lies.

    They are equal where every value has a cell of its own; None without rows or finite limits.
    """
    if not isinstance(counts.grid, NumericGrid) or not counts.present:
        return None
    lower, upper = counts.grid.limits
    cell = int(np.searchsorted(np.cumsum(counts.values), share * counts.present, side="left"))
    low, high = float(lower[cell]), float(upper[cell])
    return (low, high) if np.isfinite(low) and np.isfinite(high) else None


def _bar(label: str, kind: str, before: float, after: float, ref: Counts, cur: Counts) -> Bar:
    return Bar(
        label,
        kind,
        before / ref.rows if ref.rows else None,
        after / cur.rows if cur.rows else None,
    )


def _levels(ref: Counts, cur: Counts, grid: CategoricalGrid, bars: int) -> list[Bar]:
    own = min(bars - _beyond(ref, cur, bars), grid.own_bins)
    found = [
        _bar(level, "level", int(ref.values[at]), int(cur.values[at]), ref, cur)
        for at, level in enumerate(grid.levels[:own])
    ]
    if _beyond(ref, cur, own):
        before, after = int(ref.values[own:].sum()), int(cur.values[own:].sum())
        found.append(_bar("other", "other", before, after, ref, cur))
    return found


def _beyond(ref: Counts, cur: Counts, own: int) -> bool:
    return bool(ref.values[own:].any() or cur.values[own:].any())


def _numeric(ref: Counts, cur: Counts, grid: NumericGrid, bars: int) -> list[Bar]:
    scale = _scale(ref, cur, grid, bars)
    if scale is None:
        return []
    before, after = _between(ref, scale.edges), _between(cur, scale.edges)
    return [
        _bar(label, "range", float(b), float(a), ref, cur)
        for label, b, a in zip(_labels(scale), before, after, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Limits of the bars; whether each holds whole numbers; whether values lie beyond them."""

    edges: Floats
    whole: bool
    below: bool
    above: bool


def _scale(ref: Counts, cur: Counts, grid: NumericGrid, bars: int) -> _Scale | None:
    sides = [side for side in (ref, cur) if side.present]
    if not sides:
        return None
    heights = np.cumsum(sum(side.values / side.present for side in sides) / len(sides))
    lower, upper = grid.limits
    low, high = (_at(share, heights, lower, upper) for share in (TAIL, heights[-1] - TAIL))
    if not (np.isfinite(low) and np.isfinite(high)):
        return None
    filled = np.asarray(ref.values + cur.values > 0)
    points = grid.points[filled]
    whole = bool(points.all() and (lower[filled] == np.rint(lower[filled])).all())
    whole = whole and high - low < WIDEST
    edges = _edges(low, high, bars, whole=whole)
    if ref.present and not whole:
        edges = _snapped(edges, ref, lower, upper)
    below, above = lower[filled][0] < edges[0], upper[filled][-1] > edges[-1]
    return _Scale(edges, whole, bool(below), bool(above))


def _at(share: float, heights: Floats, lower: Floats, upper: Floats) -> float:
    """Return the value below which a share lies, rows taken to lie evenly inside a cell."""
    cell = int(np.searchsorted(heights, share))
    low, high = float(lower[cell]), float(upper[cell])
    if not (np.isfinite(low) and np.isfinite(high)):
        return high if np.isfinite(high) else low
    before = float(heights[cell - 1]) if cell else 0.0
    inside = float(heights[cell]) - before
    return low + (high - low) * min(1.0, (share - before) / inside) if inside > 0 else low


def _edges(low: float, high: float, bars: int, *, whole: bool) -> Floats:
    if whole:
        # bars that held now two and now three whole numbers would look like a pattern
        width = np.ceil((high - low + 1) / bars)
        return np.asarray(np.arange(low, high + width + 0.5, width) - 0.5, np.float64)
    if low == high:
        return np.array([low, high])
    return np.linspace(low, high, bars + 1)


def _snapped(edges: Floats, ref: Counts, lower: Floats, upper: Floats) -> Floats:
    """Return edges that cut no cell outside the reference's values.

    Cells are wide there, and bars inside one would show rows at values that nobody sent.
    """
    filled = np.flatnonzero(ref.values)
    outside = (edges < lower[filled[0]]) | (edges > upper[filled[-1]])
    limits = np.unique(np.concatenate((lower, upper)))
    limits = limits[np.isfinite(limits)]
    after = np.clip(np.searchsorted(limits, edges), 1, limits.size - 1)
    nearer = edges - limits[after - 1] < limits[after] - edges
    snapped = np.where(nearer, limits[after - 1], limits[after])
    found = np.unique(np.where(outside, snapped, edges))
    return found if found.size > 1 else edges


def _between(side: Counts, edges: Floats) -> Floats:
    """Return how many rows lie between neighbouring edges, the outer bars reaching to the ends."""
    lower, upper = side.grid.limits or (np.zeros(0), np.zeros(0))
    inner = edges[1:-1, None]
    # a single value, or an open end, lies on one side of an edge as a whole
    wide = np.isfinite(lower) & np.isfinite(upper) & (upper > lower)
    begin, width = np.where(wide, lower, 0.0), np.where(wide, upper, 1.0)
    width = width - begin
    below = np.where(wide, np.clip((inner - begin) / width, 0.0, 1.0), upper < inner)
    heights = np.concatenate(([0.0], below @ side.values, [float(side.present)]))
    return np.diff(heights)


def _labels(scale: _Scale) -> list[str]:
    edges = scale.edges.tolist()
    pairs = list(pairwise(edges))
    labels = [_whole(*pair) if scale.whole else _range(*pair) for pair in pairs]
    if scale.below and len(pairs) > 1:
        labels[0] = f"below {brief(pairs[0][1] + 0.5 * scale.whole)}"
    if scale.above and len(pairs) > 1:
        labels[-1] = f"from {brief(pairs[-1][0] + 0.5 * scale.whole)}"
    return labels


def _range(low: float, high: float) -> str:
    return brief(low) if low == high else f"{brief(low)} to {brief(high)}"


def _whole(low: float, high: float) -> str:
    first, last = low + 0.5, high - 0.5
    return _range(first, last)
