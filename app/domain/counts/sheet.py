"""A grid set laid out so that few rows are placed in all numeric features by one compiled loop."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from numba import njit, types

from app.domain.rows.values import Numbers
from drift_core import GridSet, NumericGrid

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
KEPT = 64
"""Grid sets whose layout is kept; each is of a model that gets rows now."""
COUNTED_TO = 8
"""Numbers for each key up to which a counter of each is faster than sorting the keys."""
FIRST_VALUE = 2
"""Cells of a grid that come before its own: missing and invalid."""
_F8, _I8 = types.float64, types.int64
_SHEETS: OrderedDict[int, tuple[GridSet, "Sheet"]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Edges of all numeric grids end to end, for wide values and then for narrow ones.

    Attributes
    ----------
    names
        The numeric features, in order.
    offsets
        Where the cells of each begin in the set's vector.
    edges
        All edges: shape (2 * total,).
    starts
        Shape (features + 1,): where each feature's edges begin, and the total.
    """

    names: tuple[str, ...]
    offsets: Integers
    edges: Floats
    starts: Integers

    @classmethod
    def of(cls, grids: GridSet) -> Self:
        found = [
            (name, grid, int(offset))
            for (name, grid), offset in zip(grids.grids, grids.offsets, strict=False)
            if isinstance(grid, NumericGrid)
        ]
        wide = [grid.edges(np.float64) for _, grid, _ in found]
        narrow = [grid.edges(np.float32).astype(np.float64) for _, grid, _ in found]
        starts = np.cumsum([0, *(edges.size for edges in wide)], dtype=np.int64)
        offsets = np.array([offset for _, _, offset in found], np.int64)
        edges = np.concatenate([np.zeros(0), *wide, *narrow])
        return cls(tuple(name for name, _, _ in found), offsets, edges, starts)

    def place(self, which: Integers, columns: Sequence[Numbers], rows: int) -> Integers:
        """Return the cell in the set's vector of each value: shape (columns, rows).

        ``which`` are the places of the columns' features in `names`.
        """
        values = np.empty((len(columns), rows))
        invalid = np.empty((len(columns), rows), np.bool_)
        narrow = np.zeros(len(columns), np.bool_)
        for place, column in enumerate(columns):
            values[place] = column.values
            invalid[place] = column.invalid
            narrow[place] = column.values.dtype == np.float32
        out = np.empty((len(columns), rows), np.int64)
        _place(which, values, invalid, narrow, self.edges, self.starts, self.offsets, out)
        return out


def sheet_of(grids: GridSet) -> Sheet:
    """Return the layout of a grid set; made once for each that is in use."""
    kept = _SHEETS.get(id(grids))
    # the set itself is kept with it: its number would else be given to another
    if kept is not None and kept[0] is grids:
        return kept[1]
    made = Sheet.of(grids)
    _SHEETS[id(grids)] = (grids, made)
    while len(_SHEETS) > KEPT:
        _SHEETS.popitem(last=False)
    return made


def tallied(keys: Integers, bound: int) -> tuple[Integers, Integers]:
    """Return the distinct keys in order, and how often each is there.

    ``keys`` are at least 0 and below ``bound``. Where they are many for so few numbers, each number
    has a counter, which costs a tenth of sorting them.
    """
    # one more: the loop writes where the next key would go before it knows whether there is one
    distinct, counts = np.empty(keys.size + 1, np.int64), np.empty(keys.size + 1, np.int64)
    if bound <= COUNTED_TO * keys.size:
        found = _crowd(keys, np.zeros(bound, np.uint32), distinct, counts)
    else:
        found = _runs(np.sort(keys), distinct, counts)
    return distinct[:found], counts[:found]


@njit(
    [
        types.void(
            types.Array(_I8, 1, "C"),
            types.Array(_F8, 2, "C"),
            types.Array(types.boolean, 2, "C"),
            types.Array(types.boolean, 1, "C"),
            types.Array(_F8, 1, "C"),
            types.Array(_I8, 1, "C"),
            types.Array(_I8, 1, "C"),
            types.Array(_I8, 2, "C"),
        )
    ],
    nogil=True,
    cache=True,
)
def _place(  # noqa: PLR0913, PLR0917 - a loop's state is its arguments
    which: Integers,
    values: Floats,
    invalid: npt.NDArray[np.bool_],
    narrow: npt.NDArray[np.bool_],
    edges: Floats,
    starts: Integers,
    offsets: Integers,
    out: Integers,
) -> None:
    # all rows of a column take each step together: the processor need not wait for one of them to
    # know where it goes next, nor guess it
    for column in range(values.shape[0]):
        feature = which[column]
        first = starts[feature] + (starts[-1] if narrow[column] else 0)
        left = starts[feature + 1] - starts[feature]
        places, given = out[column], values[column]
        places[:] = first
        while left > 0:
            half = (left + 1) >> 1
            for row in range(given.size):
                at = places[row]
                places[row] = at + half * np.int64(edges[at + half - 1] <= given[row])
            left -= half
        for row in range(given.size):
            cell = FIRST_VALUE + places[row] - first
            if invalid[column, row]:
                cell = 1
            elif np.isnan(given[row]):
                cell = 0
            places[row] = offsets[feature] + cell


@njit(
    [_I8(types.Array(_I8, 1, "C"), types.Array(_I8, 1, "C"), types.Array(_I8, 1, "C"))],
    nogil=True,
    cache=True,
)
def _runs(keys: Integers, distinct: Integers, counts: Integers) -> int:
    found = 0
    for key in keys:
        if found and distinct[found - 1] == key:
            counts[found - 1] += 1
        else:
            distinct[found] = key
            counts[found] = 1
            found += 1
    return found


@njit(
    [
        _I8(
            types.Array(_I8, 1, "C"),
            types.Array(types.uint32, 1, "C"),
            types.Array(_I8, 1, "C"),
            types.Array(_I8, 1, "C"),
        )
    ],
    nogil=True,
    cache=True,
)
def _crowd(
    keys: Integers, counters: npt.NDArray[np.uint32], distinct: Integers, counts: Integers
) -> int:
    for key in keys:
        counters[key] += np.uint32(1)
    found = 0
    # written whether it counts or not: the processor need not guess which numbers are there
    for key in range(counters.size):
        distinct[found] = key
        counts[found] = counters[key]
        found += int(counters[key] > 0)
    return found
