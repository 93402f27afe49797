"""Which segments rows are in, and their counts: the same cells as those of the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.domain.batch import PaneCounts, Panes, Table
from app.domain.counts.counting import count_panes, place
from app.domain.model import Feature, Schema, Settings, StoredGridSet
from app.domain.rows.flat import countable_of, flat_of
from app.domain.rows.values import Absent, Countable, countable
from app.domain.segments.segment import Grouping, Value
from drift_core import CategoricalGrid, GridSet

Order = npt.NDArray[np.int64]
MISSING_CELLS = (0, 1)
"""Of a categorical grid: missing, and of a wrong type, which says as little."""

LOOKUPS = 256
"""Groups of columns whose values are kept ready to be looked up."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows divided into segments by one group of columns: each row is in one of them."""

    texts: tuple[str, ...]
    of_rows: Order
    """Shape (rows,): places in ``texts``."""

    def take(self, rows: Order) -> "Part":
        return replace(self, of_rows=self.of_rows[rows])


def parts_of(
    table: Table,
    schema: Schema,
    grids: StoredGridSet,
    settings: Settings,
    values: Mapping[str, Countable],
) -> tuple[Part, ...]:
    """Return how a table's rows divide into segments; nothing where the model asks for none.

    Parameters
    ----------
    grids
        Those that rows are counted on, with the segments that belong to them.
    settings
        The model's, which may ask for fewer of these than when the grids were made.
    values
        Those of the table's counted columns, already read.
    """
    if grids.segments is None:
        return ()
    groupings = grids.segments.declared(settings.segments)
    names = dict.fromkeys(name for one in groupings for name in one.columns)
    known = schema.by_name()
    found = {n: values.get(n) or _read(table, n, known.get(n)) for n in names}
    return tuple(divide(one, found) for one in groupings)


def _read(table: Table, name: str, feature: Feature | None) -> Countable:
    """Return the values of a column that has no grid of its own."""
    if feature is None or name not in table.columns:
        return Absent(table.rows)
    flat = flat_of(table.columns).get(name)
    if flat is not None and (found := countable_of(flat, feature)) is not None:
        return found
    return countable(table.columns[name], feature, untyped=table.untyped)


def divide(grouping: Grouping, values: Mapping[str, Countable]) -> Part:
    """Return which segment of a group each row is in.

    Parameters
    ----------
    values
        Those of the group's columns, and perhaps of others.
    """
    columns, table = _lookup(grouping)
    found = [_cells(values[n], g) for n, g in zip(grouping.columns, columns, strict=True)]
    return Part(grouping.texts, table[tuple(found)])


@lru_cache(maxsize=LOOKUPS)
def _lookup(grouping: Grouping) -> tuple[tuple[CategoricalGrid, ...], Order]:
    """Return a grid for each column, and the segment of each tuple of their cells."""
    columns = tuple(_levels(grouping.values, i) for i in range(len(grouping.columns)))
    table = np.full([grid.size for grid in columns], len(grouping.values), np.int64)
    for number, value in enumerate(grouping.values):
        table[_places(value, columns)] = number
    return columns, table


def _levels(values: Sequence[Value], column: int) -> CategoricalGrid:
    texts = dict.fromkeys(text for value in values if (text := value[column]) is not None)
    return CategoricalGrid(tuple(texts), 0)


def _cells(values: Countable, grid: CategoricalGrid) -> Order:
    if isinstance(values, Absent):
        return np.zeros(values.rows, np.int64)
    return place(grid, values)


def _places(value: Value, columns: Sequence[CategoricalGrid]) -> tuple[Order, ...]:
    cells = [
        list(MISSING_CELLS) if text is None else grid.index([text]).tolist()
        for text, grid in zip(value, columns, strict=True)
    ]
    return np.ix_(*cells)


def count_divided(
    grids: GridSet, values: Mapping[str, Countable], panes: Panes, parts: Sequence[Part]
) -> tuple[PaneCounts, ...]:
    """Count the rows of every pane, as a whole and then in segments."""
    whole = count_panes(grids, values, panes.of_rows, panes.starts)
    segments = [
        one
        for part in parts
        for _, one in count_part(grids, values, panes.of_rows, panes.starts, part)
    ]
    return (*whole, *segments)


def touched(panes: Order, count: int, part: Part) -> int:
    """Return how many segments of panes hold rows."""
    return int(np.count_nonzero(_rows(panes, count, part)))


def count_part(
    grids: GridSet,
    values: Mapping[str, Countable],
    panes: Order,
    starts: Sequence[datetime],
    part: Part,
) -> list[tuple[int, PaneCounts]]:
    """Count the rows of every segment of every pane that has any, with the pane's place.

    What `count_panes` is told of panes it is told here of (pane, segment), so that every row is
    counted once, in the cells that it has in the whole.
    """
    width = len(part.texts)
    rows = _rows(panes, len(starts), part)
    found = np.flatnonzero(rows)
    numbers = np.zeros(rows.size, np.int64)
    numbers[found] = np.arange(found.size)
    owners, texts = np.divmod(found, width)
    each = [starts[owner] for owner in owners.tolist()]
    counted = count_panes(grids, values, numbers[panes * width + part.of_rows], each)
    return [
        (owner, replace(one, segment=part.texts[text]))
        for one, owner, text in zip(counted, owners.tolist(), texts.tolist(), strict=True)
    ]


def _rows(panes: Order, count: int, part: Part) -> Order:
    width = len(part.texts)
    return np.bincount(panes * width + part.of_rows, minlength=count * width)
