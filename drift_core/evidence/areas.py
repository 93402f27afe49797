"""Areas between distribution functions that are known at the cells' edges only."""

from typing import NamedTuple

import numpy as np

from drift_core.types import AnyArray, FloatArray

_EXPECTED = np.sqrt(2 / np.pi)


class Area(NamedTuple):
    """An area in every cell, shape (..., cells), and limits that hold whatever the cell hides.

    Attributes
    ----------
    lower, upper
        Least and largest area that any two functions with these values at the edges can have.
    value
        The area where both are straight lines across the cell.
    """

    lower: FloatArray
    value: FloatArray
    upper: FloatArray


class Steps(NamedTuple):
    """A distribution function at both edges of every cell; parts of shape (..., cells)."""

    left: FloatArray
    right: FloatArray


def steps_of(counts: AnyArray) -> Steps:
    """Distribution function of counts; zero where there are no rows."""
    rows = np.maximum(counts.sum(-1, keepdims=True), 1)
    below = counts.cumsum(-1)
    # subtracting counts, not shares, keeps the left limits exact
    return Steps((below - counts) / rows, below / rows)


def area_between(f: Steps, g: Steps, widths: FloatArray) -> Area:
    """Area between two functions, ``integral |F - G|``."""
    before, after = f.left - g.left, f.right - g.right
    apart = np.maximum(f.left - g.right, g.left - f.right)
    reach = np.maximum(f.right - g.left, g.right - f.left)
    size = np.abs(before) + np.abs(after)
    crossing = before * after < 0
    # two lines that cross leave two triangles
    inside = np.where(
        crossing, (before**2 + after**2) / np.where(crossing, 2 * size, 1.0), size / 2
    )
    return Area(np.maximum(apart, 0.0) * widths, inside * widths, reach * widths)


def area_to_median(f: Steps, widths: FloatArray) -> Area:
    """Area between a function and the step at its median, ``integral min(F, 1 - F)``.

    It is the mean absolute distance from the median.
    """
    low, high = np.minimum(f.left, 1 - f.left), np.minimum(f.right, 1 - f.right)
    middle = np.clip(0.5, f.left, f.right)
    rise = f.right - f.left
    over = (0.5 - f.left) * (low + 0.5) + (f.right - 0.5) * (high + 0.5)
    through = (f.left < 0.5) & (f.right > 0.5)
    inside = np.where(through, over / np.where(through, 2 * rise, 1.0), (low + high) / 2)
    return Area(
        np.minimum(low, high) * widths, inside * widths, np.minimum(middle, 1 - middle) * widths
    )


def area_by_chance(pooled: Steps, noise: FloatArray, widths: FloatArray) -> FloatArray:
    """Area that is expected between two samples' functions without drift, shape (...).

    Inside a cell it is a straight line, as the functions themselves are taken to be. At a point
    that a share H of all rows lie below, the difference is about normal with the variance
    ``H (1 - H) (1/n + 1/m)``; where few rows are below or above, its mean is at most
    ``2 H (1 - H)``, and exactly that for one row.
    """
    ends = [_gap_by_chance(share, noise[..., None]) for share in pooled]
    return np.asarray(((ends[0] + ends[1]) / 2 * widths).sum(-1))


def _gap_by_chance(share: FloatArray, noise: FloatArray) -> FloatArray:
    spread = np.maximum(share * (1 - share), 0.0)
    normal = _EXPECTED * np.sqrt(spread * noise)
    return np.asarray(np.minimum(normal, 2 * spread))
