"""Where a numeric reference column puts its knots."""

import math
from typing import NamedTuple

import numpy as np

from drift_core.errors import BadGrid
from drift_core.kernels import distinct, spread_of
from drift_core.placing.mapping import Fineness, map_knots
from drift_core.placing.symlogs import Line
from drift_core.types import FIRST_VALUE, BoolArray, FloatArray, IntArray

_MOST_ATOMS = 1000
_TAIL_STEPS = 24
_FIRST_STEP = 1 / 16
_FURTHEST = 128.0
_OF_SPREAD = 1 / 4
_COARSER = 1.5
_AREA = 1 / 20
"""Rows times width of an open cell, as a part of the most rows times the column's spread."""
LEAST_CELLS = 16
_LARGEST = float(np.finfo(np.float64).max)


class Chosen(NamedTuple):
    """Knots, strictly increasing, which of them are atoms, and the map that they lie on, if any."""

    knots: FloatArray
    atoms: BoolArray
    symlog: Line | None


def choose_knots(present: FloatArray, max_cells: int, share: float) -> tuple[FloatArray, BoolArray]:
    """Choose knots and atoms from a reference's present values.

    With few distinct values each is an atom, and comparisons lose nothing. Otherwise knots
    are placed at quantiles, so that no open cell holds more than `share` of the rows; every
    value with more than ``share / 2`` of them, the least and the largest are atoms. Beyond
    both ends plain knots go on in doubling steps, the first a sixteenth of the reference's
    range, so that two windows that both left the range can be told apart.

    Parameters
    ----------
    present
        Shape (rows,); NaN is left out, infinities are welcome.
    max_cells
        Most cells of the grid, missing and invalid included; `share` grows until it holds.
    share
        Between 0 and 1.

    Returns
    -------
    Knots, strictly increasing, and which of them are atoms; both of shape (m,).
    """
    return choose_cells(present, max_cells, share, mapped=False)[:2]


def choose_cells(
    present: FloatArray, max_cells: int, share: float, *, mapped: bool = True
) -> Chosen:
    """Choose knots that are quick to count by, where they serve as well as those at quantiles.

    For continuous values these are where the buckets of a monotone map begin, neighbours joined as
    long as they hold at most `share` of the rows; see `map_knots`. Otherwise, and where no map
    suits the values, they are as `choose_knots` says.
    """
    return cells_of(*distinct(present), max_cells, share, mapped=mapped)


def cells_of(
    values: FloatArray, counts: IntArray, max_cells: int, share: float, *, mapped: bool = True
) -> Chosen:
    """Choose cells as `choose_cells` does, from distinct values in order and how often each is."""
    if max_cells < LEAST_CELLS or not 0 < share <= 1:
        raise BadGrid(f"a grid needs {LEAST_CELLS} cells and a share in (0, 1]")
    if not values.size:
        return Chosen(np.zeros(0), np.zeros(0, np.bool_), None)
    spread = _spread(values, counts)
    tail = _tail_knots(values, spread, min(_TAIL_STEPS, max_cells // LEAST_CELLS))
    room = max_cells - FIRST_VALUE - 1
    share = max(share, 1 / room)  # fewer cells cannot hold less
    if 2 * values.size <= room - tail.size and values.size <= _MOST_ATOMS:
        return Chosen(*_with_tail(values, np.ones(values.size, np.bool_), tail), None)
    rows = share * float(counts.sum())
    while True:
        # where cells are scarce, what tails are worth gives way first
        for area in (_AREA * rows * spread, np.inf):
            most = Fineness(rows, area)
            found = map_knots(values, counts, most, tail) if mapped else None
            if found is None:
                knots, atoms = _at_quantiles(values, counts, most)
                fitting = Chosen(*_with_tail(knots, atoms, tail), None)
            else:
                fitting = Chosen(*found)
            if fitting.knots.size + np.count_nonzero(fitting.atoms) <= room:
                return fitting
        rows *= _COARSER


def _spread(values: FloatArray, counts: IntArray) -> float:
    """Mean absolute distance of the finite values from their median; at most the largest float."""
    finite = _finite(values)
    if not values[finite].size:
        return 0.0
    half = spread_of(values[finite], counts[finite])
    return min(half, _LARGEST / 2) * 2


def _finite(values: FloatArray) -> slice:
    """Where the finite ones of distinct values in order are."""
    first, last = np.searchsorted(values, (-np.inf, np.inf), side="right")
    infinite = bool(values.size) and values[-1] == np.inf
    return slice(int(first), int(last) - int(infinite))


def _at_quantiles(
    values: FloatArray, counts: IntArray, most: Fineness
) -> tuple[FloatArray, BoolArray]:
    atoms = counts > most.rows / 2
    atoms[[0, -1]] = True
    light = np.where(atoms, 0, counts)
    # a cell holds what begins within one step, and so at most a step and its last value
    step = max(most.rows - light.max(), most.rows / 2)
    along = _steps_along(values, light, most.area)
    # a row before a wide gap lies where it lies, and not anywhere in the gap
    atoms |= along >= 1
    steps = light / step + along
    bucket = np.floor(np.cumsum(steps) - steps)
    after_atom = np.concatenate(([False], atoms[:-1]))
    begins = np.concatenate(([True], np.diff(bucket) > 0))
    chosen = atoms | (begins & ~after_atom)
    return values[chosen], atoms[chosen]


def _steps_along(values: FloatArray, light: IntArray, area: float) -> FloatArray:
    """How many cells each value and the gap after it are worth for the sake of their width.

    With rows spread evenly over their gaps, cells of equal rows times width lie as densely as the
    root of the rows' density.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        gaps = np.diff(values, append=values[-1])
        worth = np.sqrt(light * (gaps / area))
    return np.where(np.isfinite(worth), np.minimum(worth, 1.0), 0.0)


def _tail_knots(values: FloatArray, spread: float, steps: int) -> FloatArray:
    finite = values[_finite(values)]
    if not finite.size:
        return np.zeros(0)
    low, high = finite[0], finite[-1]
    with np.errstate(over="ignore"):
        # the range of floats is no float; nor need that of the values in steps be
        width = min(high - low, _LARGEST)
        scale = width if width > 0 else max(abs(high), 1.0)
        # the range of a column with one long tail says nothing of what is near its other end
        first = min(scale * _FIRST_STEP, spread * _OF_SPREAD or np.inf)
        octaves = min(steps, math.ceil(math.log2(min(_FURTHEST * (scale / first), _LARGEST))) + 1)
        reach = first * 2.0 ** np.arange(octaves)
        knots = np.concatenate((low - reach, high + reach))
    # a step too small to be seen beside the values, or too large for a float, is no knot
    kept: FloatArray = knots[np.isfinite(knots) & ((knots < low) | (knots > high))]
    return np.sort(kept)


def _with_tail(
    knots: FloatArray, atoms: BoolArray, tail: FloatArray
) -> tuple[FloatArray, BoolArray]:
    every, first = np.unique(np.concatenate((knots, tail)), return_index=True)
    return every, np.concatenate((atoms, np.zeros(tail.size, np.bool_)))[first]
