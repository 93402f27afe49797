"""Counting all columns of a table at once, in parallel over columns and blocks of rows."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from drift_core.categorical import CategoricalGrid
from drift_core.counts import Counts
from drift_core.grid import Grid
from drift_core.gridset import GridSet
from drift_core.numeric import NumericGrid
from drift_core.types import AnyArray, BoolArray, IntArray
from drift_core.validity import Bitmap

_ROWS = 1 << 19


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column as it lies in memory.

    Attributes
    ----------
    values
        Shape (rows,): numbers, or the codes of a categorical column.
    dictionary
        Canonical texts that the codes are places in; `None` for a numeric column.
    validity
        Which rows have a value: a boolean mask, or Arrow's `Bitmap`; `None` for all.
    """

    values: AnyArray
    dictionary: Sequence[str] | None = None
    validity: "BoolArray | Bitmap | None" = None

    def count(self, grid: Grid) -> Counts:
        """Count it on a grid of its kind."""
        if self.dictionary is not None and isinstance(grid, CategoricalGrid):
            return grid.count_codes(self.values, self.dictionary, validity=self.validity)
        if isinstance(grid, NumericGrid):
            return grid.count(self.values, validity=self.validity)
        # texts: whoever can should hand in codes
        mask = self.validity
        valid = mask.read(0, self.values.size) if isinstance(mask, Bitmap) else mask
        return grid.count(self.values.tolist(), missing=None if valid is None else ~valid)

    def parts(self, rows: int) -> Iterator["Column"]:
        """Cut it into blocks of at most `rows` rows, without a copy."""
        for start in range(0, self.values.size, rows):
            mask = self.validity
            if isinstance(mask, Bitmap):
                mask = Bitmap(mask.bits, mask.offset + start)
            elif mask is not None:
                mask = mask[start : start + rows]
            yield replace(self, values=self.values[start : start + rows], validity=mask)


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
    work = [(name, part) for name, column in columns.items() for part in column.parts(_ROWS)]
    counted = pool.map(lambda task: task[1].count(grids[task[0]]).cells, work)
    for (name, _), cells in zip(work, counted, strict=True):
        vector[grids.slice(name)] += cells
    return vector
