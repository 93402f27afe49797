"""Cells of categorical columns that are not coded: texts and numbers, a block of rows at a time."""

from collections.abc import Mapping
from typing import TypeGuard

import numpy as np

from drift_core.columns.levels import canonical_level
from drift_core.columns.texts import Texts, TextViews
from drift_core.columns.validity import Presence, parts
from drift_core.grids.vocabulary import IntegerLookup, TextLookup
from drift_core.kernels import CODES, EVERY_ROW, tally_range
from drift_core.types import MISSING, AnyArray, BoolArray, IntArray

_ROWS = 131_072
_LARGEST = np.float64(2.0**63)


def is_numbers(values: object) -> TypeGuard[AnyArray]:
    """Say whether a column is an array of numbers or booleans."""
    return isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "biuf"


def tally_texts(
    lookup: TextLookup, size: int, texts: Texts | TextViews, presence: Presence
) -> IntArray:
    """Count texts into `size` cells."""
    cells = np.zeros(size, np.int64)
    # only a mask that has to be unpacked takes memory
    step = max(1, texts.rows) if presence.plain else _ROWS
    for start in range(0, texts.rows, step):
        stop = min(start + step, texts.rows)
        lookup.tally(texts.part(start, stop), presence.read(start, stop), cells)
    return cells


def tally_numbers(
    lookup: IntegerLookup, named: Mapping[str, int], values: AnyArray, presence: Presence
) -> IntArray:
    """Count numbers and booleans into cells; `named` says those of levels."""
    cells = np.zeros(lookup.size, np.int64)
    # what is looked up in a table is converted before
    adopted = () if lookup.index is None else CODES
    for part, present in parts(values, presence, adopted):
        if part.dtype == np.bool_:
            index = [MISSING, *(named.get(text, lookup.size - 1) for text in ("false", "true"))]
            np.add.at(cells, index, tally_range(part, 0, 2, present))
        elif part.dtype.kind == "f" or part.dtype == np.uint64:
            cells += _tally_wide(lookup, named, part, present)
        else:
            cells += lookup.tally(part, present)
    return cells


def _tally_wide(
    lookup: IntegerLookup, named: Mapping[str, int], values: AnyArray, present: BoolArray
) -> IntArray:
    """Count floats, and integers that may be too large: those that are 64-bit integers as such."""
    given = np.ones(values.size, np.bool_) if present is EVERY_ROW else present
    some = given & (values == values)  # noqa: PLR0124 - NaN is the one that differs
    whole = some & (np.abs(values) < _LARGEST)
    if values.dtype.kind == "f":
        whole &= values == np.trunc(values)
    integers = np.where(whole, values, values.dtype.type(0)).astype(np.int64)
    cells = lookup.tally(integers, whole)
    distinct, rows = np.unique(values[some & ~whole], return_counts=True)
    index = [named.get(canonical_level(value), lookup.size - 1) for value in distinct]
    np.add.at(cells, np.array(index, np.int64), rows)
    # the others were absent from the integers
    cells[MISSING] -= rows.sum()
    return cells
