"""Counts: integers over one grid's cells, and the algebra of adding them."""

from dataclasses import dataclass

import numpy as np

from drift_core.errors import BadCounts, GridMismatch
from drift_core.grids.grid import Grid
from drift_core.types import FIRST_VALUE, INVALID, MISSING, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How many rows fell into each cell of a grid.

    Adding is exact in any order, ``grid.zero()`` is its identity, and two counts on
    different grids refuse each other.

    Attributes
    ----------
    grid
        Where the rows were counted.
    cells
        Shape (grid.size,), int64, read-only, never negative.
    """

    grid: Grid
    cells: IntArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", _frozen(self.grid, self.cells))

    @property
    def rows(self) -> int:
        """All rows counted."""
        return int(self.cells.sum())

    @property
    def missing(self) -> int:
        """Rows without a value."""
        return int(self.cells[MISSING])

    @property
    def invalid(self) -> int:
        """Rows whose value has the wrong type."""
        return int(self.cells[INVALID])

    @property
    def present(self) -> int:
        """Rows with a valid value."""
        return int(self.cells[FIRST_VALUE:].sum())

    @property
    def values(self) -> IntArray:
        """The grid's own cells, without missing and invalid."""
        return self.cells[FIRST_VALUE:]

    def __add__(self, other: "Counts") -> "Counts":
        if not isinstance(other, Counts):
            return NotImplemented
        require_same_grid(self, other)
        return Counts(self.grid, self.cells + other.cells)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Counts):
            return NotImplemented
        return self.grid == other.grid and np.array_equal(self.cells, other.cells)

    def __hash__(self) -> int:
        return hash((self.grid, self.cells.tobytes()))


def require_same_grid(ref: Counts, cur: Counts) -> None:
    """Raise `GridMismatch` unless both were counted on one grid."""
    if ref.grid is not cur.grid and ref.grid != cur.grid:
        raise GridMismatch(
            f"counts on a {ref.grid.kind} grid of {ref.grid.size} cells do not meet counts on "
            f"another {cur.grid.kind} grid of {cur.grid.size} cells"
        )


def _frozen(grid: Grid, cells: object) -> IntArray:
    given = np.asarray(cells)
    if given.dtype.kind not in "iu":
        raise BadCounts(f"counts must be integers, not {given.dtype}")
    if given.shape != (grid.size,):
        raise BadCounts(f"counts of shape {given.shape} do not fit a grid of {grid.size} cells")
    owned = np.array(given, np.int64)
    # after the cast, so that an unsigned number too large for it is caught as well
    if owned.size and owned.min() < 0:
        cell = int(owned.argmin())
        raise BadCounts(f"cell {cell} holds {owned[cell]}: counts are never negative")
    owned.flags.writeable = False
    return owned
