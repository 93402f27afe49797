"""A figure of a window beside the reference's: both, their difference and how sure it is."""

from math import sqrt

import numpy as np
from scipy.special import ndtri

from app.domain.outputs.figure import POSITIVE_RATE, Figure
from drift_core import Counts, Estimate
from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.two_bins import two_bins_p_value

COVERED = 0.95
"""How often an interval of the difference holds the true one."""
Z = float(ndtri((1 + COVERED) / 2))
Span = tuple[float, float]


def estimate(figure: Figure, ref: Counts, cur: Counts) -> Estimate | None:
    """Return a figure of two sides of a column; None where a side has no rows that count.

    Its value is the window's, its null mean the reference's, its effect the size of their
    difference. The bounds are those of the difference's 95 % interval, added to the reference's
    figure, so that they lie around the value.
    """
    n, m = (int(side.cells[~np.isnan(figure.scores)].sum()) for side in (ref, cur))
    if not n or not m:
        return None
    usual, value = _mean(figure, ref, n), _mean(figure, cur, m)
    if figure.kind == POSITIVE_RATE:
        x, y = round(usual * n), round(value * m)
        low, high = newcombe((x, n), (y, m))
        p_value = float(two_bins_p_value(*(np.array(one) for one in (x, y, n, m))))
    else:
        low, high = _welch(figure, (ref, n), (cur, m))
        p_value = float(bins_p_value(figure.counts(ref).values, figure.counts(cur).values))
    return Estimate(
        statistic=figure.kind,
        value=value,
        lower=min(value, usual + low),
        upper=max(value, usual + high),
        null_mean=usual,
        effect=abs(value - usual),
        p_value=1.0 if np.isnan(p_value) else p_value,
        n_ref=n,
        n_cur=m,
        contributions=None,
        resolution="cells",
        reason=None,
    )


def newcombe(ref: tuple[int, int], cur: tuple[int, int]) -> Span:
    """Return the 95 % interval of how much larger the window's share is.

    Newcombe's (1998) hybrid of the two shares' own score intervals: it holds where a share is
    near 0 or 1, or a side is small. Each side is so many rows, of so many.
    """
    (p, (p_low, p_high)), (q, (q_low, q_high)) = (
        (one[0] / one[1], wilson(*one)) for one in (ref, cur)
    )
    low = q - p - sqrt((q - q_low) ** 2 + (p_high - p) ** 2)
    return low, q - p + sqrt((q_high - q) ** 2 + (p - p_low) ** 2)


def wilson(some: int, rows: int) -> Span:
    """Return the 95 % score interval of a share."""
    share, room = some / rows, Z * Z / rows
    centre = share + room / 2
    half = Z * sqrt(share * (1 - share) / rows + room / (4 * rows))
    return (centre - half) / (1 + room), (centre + half) / (1 + room)


def _mean(figure: Figure, side: Counts, rows: int) -> float:
    return float(np.nan_to_num(figure.scores) @ side.cells / rows)


def _welch(figure: Figure, ref: tuple[Counts, int], cur: tuple[Counts, int]) -> Span:
    """Return the interval of the difference of two means of many rows."""
    (p, error), (q, other) = (_moments(figure, *side) for side in (ref, cur))
    half = Z * sqrt(error + other)
    return q - p - half, q - p + half


def _moments(figure: Figure, side: Counts, rows: int) -> tuple[float, float]:
    """Return a mean, and the variance of it."""
    mean = _mean(figure, side, rows)
    squares = np.nan_to_num((figure.scores - mean) ** 2) @ side.cells
    return mean, float(squares) / max(rows - 1, 1) / rows
