"""Wasserstein-1 distance."""

import numpy as np

from drift_core.errors import WrongKind
from drift_core.evidence.anderson import anderson_p_value, measure
from drift_core.evidence.areas import Area, area_between, area_by_chance, area_to_median, steps_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray

_LARGEST = np.finfo(np.float64).max


@statistic(
    "wasserstein",
    reads="cells",
    kinds=("numeric",),
    range=(0.0, float("inf")),
    symmetric=False,
    f_divergence=False,
    effect="the distance minus its mean without drift",
    warning=None,
    drift=0.3,
    evidence="anderson_darling",
)
def wasserstein(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:
    """Area between the distribution functions of present values, over the reference's spread.

    ``W1 = integral |F - G| dx`` (Vallender 1974) is how far a row has to be moved on average to
    turn one sample into the other. It is divided by the same for moving the reference to its
    median, ``integral min(F, 1 - F) dx``, its mean absolute deviation from the median: 1 means
    that the window is as far away as the reference's rows are from their own median. That is
    known from the counts, is zero for a constant only, and, other than the standard deviation,
    not ruled by the square of a few far values. 0.25 standard deviations of a normal column's
    mean, where KS reaches 0.1, come to 0.31. More drift is a larger value.

    Inside an open cell rows are taken to lie evenly; `lower` and `upper` allow for every place.
    Empty cells count nothing, and nothing is smoothed. Rows beyond the grid's outermost finite
    knots are taken to lie there: the value is then the distance of the clipped columns, the
    true one is not below `lower`, and there is no `upper`. Limits are those of float64 knots:
    of float32 columns they hold up to float32's rounding.

    The null mean is ``integral sqrt(2/pi H (1 - H) (1/n + 1/m)) dx``, H of both samples
    together (del Barrio, Gine and Matran 1999), made smaller where single rows decide. Its
    p-value is that of the Anderson-Darling distance, which weighs the same gap: one piece of
    evidence.

    Parameters
    ----------
    ref, cur
        Shape (..., cells), in the order of the line.
    axis
        Where the cells lie and which are single values.

    Returns
    -------
    Distances in the reference's mean absolute deviations. No value, but a reason, where the
    reference is constant and the window is not, and where either holds infinities.

    Raises
    ------
    WrongKind
        `axis` does not tell where the cells lie.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.numeric([1.0, 2.0, 3.0, 4.0])
    >>> ref, cur = grid.count([1.0, 2.0, 3.0, 4.0]), grid.count([3.0, 4.0, 4.0, 4.0])
    >>> STATISTICS["wasserstein"](ref, cur).value
    1.25
    """
    n, m = ref.sum(-1), cur.sum(-1)
    line = _Line(ref, cur, axis)
    f, g = steps_of(ref), steps_of(cur)
    moved, spread = area_between(f, g, line.widths), area_to_median(f, line.widths)
    noise = 1 / np.maximum(n, 1) + 1 / np.maximum(m, 1)
    scale = spread.value.sum(-1)
    by_chance = area_by_chance(steps_of(ref + cur), noise, line.widths)
    value = _ratio(moved.value.sum(-1), scale)
    reason = _reason(line.infinite, moved, scale)
    defined = (n > 0) & (m > 0) & (reason == "")
    null_mean = np.where(defined, _ratio(by_chance, scale), np.nan)
    lower, upper = _limits(moved, spread, line)
    found = measure(ref, cur, axis.point)
    return Estimates(
        value=np.where(defined, value, np.nan),
        lower=np.where(defined, np.minimum(lower, value), np.nan),
        upper=np.where(defined, np.maximum(upper, value), np.nan),
        effect=np.where(defined, np.maximum(value - null_mean, -_LARGEST), np.nan),
        p_value=anderson_p_value(ref, cur, m, found),
        n_ref=n,
        n_cur=m,
        null_mean=null_mean,
        reason=reason,
    )


class _Line:
    """Widths of cells, and what lies where they have none."""

    __slots__ = ("clipped", "infinite", "spoilt", "widths")

    def __init__(self, ref: IntArray, cur: IntArray, axis: Axis) -> None:
        if axis.lower is None or axis.upper is None or axis.point is None:
            raise WrongKind("a distance along the line needs to know where the cells lie")
        endless = np.isinf(axis.lower) | np.isinf(axis.upper)
        bounded = np.where(endless, 0.0, axis.lower), np.where(endless, 0.0, axis.upper)
        # the range of doubles does not fit into a double; a quarter of it does
        far = np.maximum(np.abs(bounded[0]), np.abs(bounded[1])).max(-1, keepdims=True)
        shrink = np.where(far > _LARGEST / 4, 0.25, 1.0)
        self.widths: FloatArray = bounded[1] * shrink - bounded[0] * shrink
        self.infinite: BoolArray = np.any(((ref + cur > 0) & endless & axis.point), -1)
        open_end = endless & ~axis.point
        self.clipped: BoolArray = np.any(((ref + cur > 0) & open_end), -1)
        self.spoilt: BoolArray = np.any(((ref > 0) & open_end), -1)


def _reason(infinite: BoolArray, moved: Area, scale: FloatArray) -> AnyArray:
    constant = (scale == 0) & (moved.value.sum(-1) > 0)
    return np.where(infinite, "infinite_values", np.where(constant, "constant_reference", ""))


def _limits(moved: Area, spread: Area, line: _Line) -> tuple[FloatArray, FloatArray]:
    # the reference's own spread is known as well as its cells are narrow; beyond the grid, not
    widest = np.where(line.spoilt, np.inf, spread.upper.sum(-1))
    least, most = spread.lower.sum(-1), moved.upper.sum(-1)
    unknown = line.clipped | ((least == 0) & (most > 0))
    return _ratio(moved.lower.sum(-1), widest), np.where(unknown, np.nan, _ratio(most, least))


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Divide; nothing by nothing is nothing, and no ratio is beyond the largest float."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        ratio = np.where(part > 0, part / whole, 0.0)
    return np.minimum(ratio, _LARGEST)
