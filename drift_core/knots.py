"""Where a numeric reference column puts its knots."""

from typing import NamedTuple

import numpy as np

from drift_core.errors import BadGrid
from drift_core.mapping import map_knots
from drift_core.symlog import Symlog
from drift_core.types import FIRST_VALUE, BoolArray, FloatArray, IntArray

_MOST_ATOMS = 1000
_TAIL_STEPS = 12
_FIRST_STEP = 1 / 16
_COARSER = 1.5
LEAST_CELLS = 16


class Chosen(NamedTuple):
    """Knots, strictly increasing, which of them are atoms, and the map that they lie on, if any."""

    knots: FloatArray
    atoms: BoolArray
    symlog: Symlog | None


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
        Shape (rows,), without NaN; infinities are welcome.
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
    if max_cells < LEAST_CELLS or not 0 < share <= 1:
        raise BadGrid(f"a grid needs {LEAST_CELLS} cells and a share in (0, 1]")
    values, counts = np.unique(present + 0.0, return_counts=True)
    if not values.size:
        return Chosen(np.zeros(0), np.zeros(0, np.bool_), None)
    tail = _tail_knots(values, min(_TAIL_STEPS, max_cells // LEAST_CELLS))
    room = max_cells - FIRST_VALUE - 1
    share = max(share, 1 / room)  # fewer cells cannot hold less
    if 2 * values.size <= room - tail.size and values.size <= _MOST_ATOMS:
        return Chosen(*_with_tail(values, np.ones(values.size, np.bool_), tail), None)
    while True:
        found = map_knots(values, counts, share * present.size, tail) if mapped else None
        if found is not None and found.knots.size + np.count_nonzero(found.atoms) <= room:
            return Chosen(*found)
        knots, atoms = _at_quantiles(values, counts, share)
        if found is None and knots.size + np.count_nonzero(atoms) <= room - tail.size:
            return Chosen(*_with_tail(knots, atoms, tail), None)
        share *= _COARSER


def _at_quantiles(
    values: FloatArray, counts: IntArray, share: float
) -> tuple[FloatArray, BoolArray]:
    most = share * counts.sum()
    atoms = counts > most / 2
    atoms[[0, -1]] = True
    light = np.where(atoms, 0, counts)
    # a cell holds what begins within one step, and so at most a step and its last value
    step = max(most - light.max(), most / 2)
    bucket = (np.cumsum(light) - light) // step
    after_atom = np.concatenate(([False], atoms[:-1]))
    begins = np.concatenate(([True], np.diff(bucket) > 0))
    chosen = atoms | (begins & ~after_atom)
    return values[chosen], atoms[chosen]


def _tail_knots(values: FloatArray, steps: int) -> FloatArray:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.zeros(0)
    low, high = finite[0], finite[-1]
    with np.errstate(over="ignore"):
        spread = high - low
        scale = spread if spread > 0 else max(abs(high), 1.0)
        reach = scale * _FIRST_STEP * 2.0 ** np.arange(steps)
        knots = np.concatenate((low - reach, high + reach))
    # a step too small to be seen beside the values, or too large for a float, is no knot
    kept: FloatArray = knots[np.isfinite(knots) & ((knots < low) | (knots > high))]
    return np.sort(kept)


def _with_tail(
    knots: FloatArray, atoms: BoolArray, tail: FloatArray
) -> tuple[FloatArray, BoolArray]:
    every, first = np.unique(np.concatenate((knots, tail)), return_index=True)
    return every, np.concatenate((atoms, np.zeros(tail.size, np.bool_)))[first]
