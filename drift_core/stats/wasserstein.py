"""Wasserstein-1 distance, in standard deviations of the reference."""

from typing import NamedTuple

import numpy as np

from drift_core.anderson import anderson_p_value, measure
from drift_core.errors import BadGrid
from drift_core.shares import Shares, shares_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import BoolArray, FloatArray, IntArray


@statistic(
    "wasserstein",
    reads="cells",
    kinds=("numeric",),
    range=(0.0, float("inf")),
    symmetric=False,
    f_divergence=False,
    effect="the distance less its mean without drift",
    warning=0.1,
    drift=0.25,
    evidence="anderson_darling",
)
def wasserstein(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:
    """How far rows must move on average, ``integral |F - G| dx / sd(reference)``.

    Wasserstein's distance of order one of the present values (Vallender 1974), divided by the
    reference's standard deviation: 1 where everything moved by one of them. The rows of an open
    cell are taken as spread evenly over it; `lower` and `upper` allow for every place in it, and
    for what that does to the standard deviation. Where every distinct value has its cell the
    value is exact. Beyond the last knot on either side rows are taken to be at the knot, and
    there is no upper limit. An empty cell is width to be crossed, and needs no smoothing.

    There is no value where the reference is constant and the window is not
    (``constant_reference``), nor where a cell of infinite values holds rows
    (``infinite_values``).

    The null mean is ``sqrt(2 (1/n + 1/m) / pi) integral sqrt(H (1-H)) dx / sd``, H both samples
    together; the effect is the value less that. More drift is a larger value.

    Parameters
    ----------
    ref, cur
        Shape (..., cells), in the order of the line.
    axis
        Which cells are single values, and every cell's limits; `BadGrid` without them.

    Returns
    -------
    Values with the Anderson-Darling evidence of the same cells. The distance's own law without
    drift hangs on the far ends of a column, where a single row can be all of it: it is a size,
    and no evidence that would hold.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.numeric([0.0, 2.0])
    >>> ref, cur = grid.count([0.0, 2.0] * 200), grid.count([2.0] * 100)
    >>> STATISTICS["wasserstein"](ref, cur).value
    1.0
    """
    shares = shares_of(ref, cur)
    line = _line_of(axis, ref + cur > 0)
    gaps = _gaps(ref, cur, shares, line)
    spread = _spread(shares.p, line)
    moved = gaps.value.sum(-1)
    constant = (spread.value == 0) & (moved > 0)
    reason = np.where(constant, "constant_reference", "")
    reason = np.where(line.infinite, "infinite_values", reason)
    reason = np.where(shares.defined, reason, "")
    known = shares.defined & (reason == "")
    value = np.where(known, _over(moved, spread.value), np.nan)
    null_mean = np.where(known, _over(_null_width(shares, line), spread.value), np.nan)
    return Estimates(
        value=value,
        lower=np.where(known, _over(gaps.lower.sum(-1), spread.upper), np.nan),
        upper=np.where(known, _over(gaps.upper.sum(-1), spread.lower), np.nan),
        effect=value - null_mean,
        p_value=anderson_p_value(ref, cur, measure(ref, cur, axis.point)),
        n_ref=shares.n,
        n_cur=shares.m,
        null_mean=null_mean,
        reason=reason,
    )


class _Line(NamedTuple):
    """Where cells lie, in units of a power of two: start, end, whether one has no end."""

    start: FloatArray
    end: FloatArray
    hidden: BoolArray
    endless: BoolArray
    infinite: BoolArray


class _Limits(NamedTuple):
    lower: FloatArray
    value: FloatArray
    upper: FloatArray


def _line_of(axis: Axis, filled: BoolArray) -> _Line:
    if axis.lower is None or axis.upper is None:
        raise BadGrid("wasserstein needs to know where the cells lie")
    lower, upper = axis.lower, axis.upper
    sizes = np.where(filled, np.maximum(_finite_size(lower), _finite_size(upper)), 0.0)
    # a power of two changes no digit, and keeps squares away from both ends of the floats
    exponent = np.frexp(sizes.max(-1, initial=0.0))[1][..., None]
    with np.errstate(over="ignore", under="ignore"):
        lower, upper = np.ldexp(lower, -exponent), np.ldexp(upper, -exponent)
    ends = np.isfinite(lower), np.isfinite(upper)
    start = np.where(ends[0], lower, np.where(ends[1], upper, 0.0))
    end = np.where(ends[1], upper, start)
    same = lower == upper
    hidden = filled & ~same
    if axis.point is not None:
        hidden = hidden & ~axis.point
    return _Line(
        start=start,
        end=end,
        hidden=hidden,
        endless=hidden & ~(ends[0] & ends[1]),
        infinite=(filled & same & ~ends[0]).any(-1),
    )


def _finite_size(limits: FloatArray) -> FloatArray:
    return np.where(np.isfinite(limits), np.abs(limits), 0.0)


def _gaps(ref: IntArray, cur: IntArray, shares: Shares, line: _Line) -> _Limits:
    """Each cell's part of the integral of |F - G|."""
    n, m = np.maximum(shares.n, 1)[..., None], np.maximum(shares.m, 1)[..., None]
    f, g = ref.cumsum(-1) / n, cur.cumsum(-1) / m
    f_left, g_left = (ref.cumsum(-1) - ref) / n, (cur.cumsum(-1) - cur) / m
    width = line.end - line.start
    before, after = f_left - g_left, f - g
    both = np.abs(before) + np.abs(after)
    # a straight line from one to the other, which may cross zero on its way
    crossing = (before**2 + after**2) / np.where(both > 0, both, 1.0)
    value = width * np.where(before * after < 0, crossing, both) / 2
    reach = np.maximum(np.abs(f - g_left), np.abs(g - f_left))
    apart = np.maximum(np.maximum(f_left - g, g_left - f), 0.0)
    upper = np.where(line.hidden, width * reach, value)
    return _Limits(
        lower=np.where(line.hidden, width * apart, value),
        value=value,
        upper=np.where(line.endless, np.inf, upper),
    )


def _spread(p: FloatArray, line: _Line) -> _Limits:
    """Return the reference's standard deviation, shape (...)."""
    place = line.start / 2 + line.end / 2
    half = np.where(line.hidden, line.end / 2 - line.start / 2, 0.0)
    mean = (p * place).sum(-1, keepdims=True)
    # a constant is one, whatever rounding makes of its mean
    alone = (p > 0).sum(-1) == 1
    off = np.where(alone[..., None], 0.0, place - mean)
    between = (p * off**2).sum(-1)
    doubt = np.sqrt((p * half**2).sum(-1))
    doubt = np.where((line.endless & (p > 0)).any(-1), np.inf, doubt)
    # moving rows within their cells moves a standard deviation by no more than they moved
    return _Limits(
        lower=np.maximum(np.sqrt(between) - doubt, 0.0),
        value=np.sqrt(between + (p * half**2).sum(-1) / 3),
        upper=np.sqrt(between) + doubt,
    )


def _null_width(shares: Shares, line: _Line) -> FloatArray:
    below = np.clip(np.cumsum(shares.pooled(), -1), 0.0, 1.0)
    height = np.sqrt(below * (1 - below))
    left = np.concatenate((np.zeros_like(height[..., :1]), height[..., :-1]), -1)
    integral = ((line.end - line.start) * (height + left) / 2).sum(-1)
    found: FloatArray = integral * np.sqrt(2 * shares.noise / np.pi)
    return found


def _over(size: FloatArray, unit: FloatArray) -> FloatArray:
    # nothing over nothing is nothing: a constant that stays
    ratio = size / np.where(unit > 0, unit, 1.0)
    return np.where(unit > 0, ratio, np.where(size > 0, np.inf, 0.0))
