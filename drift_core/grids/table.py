"""Counting all columns of a table at once, in parallel over columns and blocks of rows."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from drift_core.columns.coded import Dictionary
from drift_core.columns.texts import Texts, TextViews
from drift_core.columns.validity import Bitmap, mask_part
from drift_core.errors import BadValues
from drift_core.grids.categorical import CategoricalGrid
from drift_core.grids.counts import Counts
from drift_core.grids.grid import Grid
from drift_core.grids.gridset import GridSet
from drift_core.grids.numeric import NumericGrid
from drift_core.types import AnyArray, BoolArray, IntArray

_ROWS = 1 << 19


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column as it lies in memory.

    Attributes
    ----------
    values
        Shape (rows,): numbers, the codes of a categorical column, or its texts as they lie.
    dictionary
        What the codes are places in: canonical texts, `Texts` or `TextViews`, or what
        `CategoricalGrid.index` says of them; `None` for a column that is not coded.
    validity
        Which rows have a value: a boolean mask, or Arrow's `Bitmap`; `None` for all.
    """

    values: AnyArray | Texts | TextViews
    dictionary: Dictionary | IntArray | None = None
    validity: "BoolArray | Bitmap | None" = None

    @property
    def rows(self) -> int:
        """Number of values."""
        return self.values.size if isinstance(self.values, np.ndarray) else self.values.rows

    def count(self, grid: Grid) -> Counts:
        """Count it on a grid of its kind."""
        if isinstance(grid, CategoricalGrid):
            if self.dictionary is not None and isinstance(self.values, np.ndarray):
                return grid.count_codes(self.values, self.dictionary, validity=self.validity)
            return grid.count(self.values, validity=self.validity)
        if isinstance(grid, NumericGrid) and isinstance(self.values, np.ndarray):
            return grid.count(self.values, validity=self.validity)
        raise BadValues(f"texts do not go with a grid that is {grid.kind}")

    def looked_up(self, grid: Grid) -> "Column":
        """Put cells in the place of the dictionary, so that its parts need not look again."""
        if self.dictionary is None or not isinstance(grid, CategoricalGrid):
            return self
        if isinstance(self.dictionary, np.ndarray):
            return self
        return replace(self, dictionary=grid.index(self.dictionary))

    def parts(self, rows: int) -> Iterator["Column"]:
        """Cut it into blocks of at most `rows` rows, without a copy."""
        for start in range(0, self.rows, rows):
            stop = min(start + rows, self.rows)
            whole = self.values
            part = whole[start:stop] if isinstance(whole, np.ndarray) else whole.part(start, stop)
            yield replace(self, values=part, validity=mask_part(self.validity, start, stop))


def count_table(
    grids: GridSet, columns: Mapping[str, Column], pool: Executor | None = None
) -> IntArray:
    """Count every column into one vector of shape (grids.size,).

    Parameters
    ----------
    grids
        Grids of the columns' names; one that is not given counts nothing.
    columns
        By name; each may have a length of its own.
    pool
        Threads to count on; the loops let the interpreter's lock go. The caller's own if `None`.
        Adding is exact, so that the result is the same.
    """
    vector = grids.zero()
    if pool is None:
        for name, column in columns.items():
            vector[grids.slice(name)] += column.count(grids[name]).cells
        return vector
    ready = pool.map(lambda name: columns[name].looked_up(grids[name]), columns)
    work = [
        (name, part)
        for name, column in zip(columns, ready, strict=True)
        for part in column.parts(_ROWS)
    ]
    counted = pool.map(lambda task: task[1].count(grids[task[0]]).cells, work)
    for (name, _), cells in zip(work, counted, strict=True):
        vector[grids.slice(name)] += cells
    return vector
