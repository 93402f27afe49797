"""Values of all features become cells, pane by pane. Integers only; nothing is judged here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

import numpy as np
import numpy.typing as npt

from app.domain.batch import CountVector, PaneCounts
from app.domain.counts.sheet import sheet_of, tallied
from app.domain.model import WHOLE
from app.domain.rows.values import Absent, Countable, Floats, Levels, Numbers, Values, Words
from drift_core import (
    CategoricalGrid,
    Coded,
    Counts,
    Grid,
    GridSet,
    NumericGrid,
    Texts,
    TextViews,
)

MANY_ROWS = 750
"""From so many rows a pane on, each pane is counted into whole vectors; else only cells are."""
FIRST_VALUE = 2
"""Cells of a grid that come before its own: missing and invalid."""
MISSING = 0

Order = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def count(grid: Grid, values: Countable, rows: Order | None = None) -> Counts:
    """Count a feature's values, all of them or some rows."""
    part = slice(None) if rows is None else rows
    if isinstance(values, Absent):
        cells = np.zeros(grid.size, np.int64)
        cells[MISSING] = values.rows if rows is None else rows.size
        return Counts(grid, cells)
    if isinstance(values, Numbers):
        return grid.count(values.values[part], invalid=values.invalid[part])
    categorical = cast("CategoricalGrid", grid)
    if isinstance(values, Words):
        return categorical.count(values.texts if rows is None else _some(values.texts, rows))
    return categorical.count_codes(
        values.codes[part], values.dictionary, invalid=values.invalid[part]
    )


def _some(texts: Texts | TextViews | Coded, rows: Order) -> Texts | TextViews | Coded:
    valid = None if texts.validity is None else cast("Mask", texts.validity)[rows]
    if isinstance(texts, Coded):
        return replace(texts, codes=texts.codes[rows], validity=valid)
    if isinstance(texts, Texts):
        return replace(texts.take(rows), validity=valid)
    return replace(texts, views=texts.views[rows], validity=valid)


def some(values: Countable, rows: Order) -> Countable:
    """Return the values of some rows."""
    if isinstance(values, Absent):
        return Absent(rows.size)
    if isinstance(values, Words):
        return Words(_some(values.texts, rows))
    if isinstance(values, Numbers):
        return Numbers(values.values[rows], values.invalid[rows])
    return Levels(values.codes[rows], values.dictionary, values.invalid[rows])


def place(grid: Grid, values: Values | Words) -> Order:
    """Return the cell of each value; counting these is what `count` does, pane or no pane."""
    if isinstance(values, Words):
        return _place_words(cast("CategoricalGrid", grid), values.texts)
    if isinstance(values, Numbers):
        cells = _place_numbers(cast("NumericGrid", grid), values.values)
    else:
        cells = _place_levels(cast("CategoricalGrid", grid), values)
    cells[values.invalid] = 1
    return cells


def _place_numbers(grid: NumericGrid, values: Floats) -> Order:
    edges = grid.edges(values.dtype.type)
    cells = FIRST_VALUE + np.searchsorted(edges, values, side="right").astype(np.int64)
    cells[np.isnan(values)] = 0
    return cells


def _place_words(grid: CategoricalGrid, texts: Texts | TextViews | Coded) -> Order:
    if not isinstance(texts, Coded):
        return grid.index(texts)
    return np.append(grid.index(texts.dictionary), 0).astype(np.int64)[texts.codes]


def _place_levels(grid: CategoricalGrid, values: Levels) -> Order:
    # the last place is where -1 looks: a missing value
    return np.append(grid.index(values.dictionary), 0).astype(np.int64)[values.codes]


def count_all(
    grids: GridSet, values: Mapping[str, Countable], rows: Order | None = None
) -> CountVector:
    """Count every feature, all rows or some, into one vector of shape (grids.size,)."""
    vector = grids.zero()
    ready = set[str]() if rows is not None else _count_floats(grids, values, vector)
    for name, grid in grids.grids:
        if name not in ready:
            vector[grids.slice(name)] = count(grid, values[name], rows).cells
    return vector


def _count_floats(grids: GridSet, values: Mapping[str, Countable], vector: CountVector) -> set[str]:
    """Count at once what can be; return which features these were."""
    clean = {
        name: found.values
        for name, found in values.items()
        if isinstance(found, Numbers) and not found.invalid.any()
    }
    rows = max((column.size for column in clean.values()), default=0)
    return grids.tally(clean, rows, vector)


def count_panes(
    grids: GridSet, values: Mapping[str, Countable], panes: Order, starts: Sequence[datetime]
) -> tuple[PaneCounts, ...]:
    """Count the rows of every pane.

    Parameters
    ----------
    grids
        Grids of all counted features.
    values
        Their values by name, each of shape (rows,).
    panes
        Shape (rows,): which of ``starts`` each row belongs to; every one has a row.
    starts
        Starts of the panes, in order.
    """
    rows = np.bincount(panes, minlength=len(starts))
    if panes.size < MANY_ROWS * len(starts):
        return _count_cells(grids, values, panes, list(zip(starts, rows.tolist(), strict=True)))
    if len(starts) == 1:
        return (_touched(starts[0], panes.size, count_all(grids, values)),)
    order = np.argsort(panes, kind="stable")
    parts = np.split(order, np.cumsum(rows)[:-1])
    return tuple(
        _touched(start, part.size, count_all(grids, values, part))
        for start, part in zip(starts, parts, strict=True)
    )


def _touched(start: datetime, rows: int, vector: CountVector) -> PaneCounts:
    cells = np.flatnonzero(vector).astype(np.int64)
    return PaneCounts(WHOLE, start, rows, cells, vector[cells])


def _count_cells(
    grids: GridSet,
    values: Mapping[str, Countable],
    panes: Order,
    known: Sequence[tuple[datetime, int]],
) -> tuple[PaneCounts, ...]:
    """Count all panes at once: pane and cell are one number, and equal numbers are counted."""
    sheet = sheet_of(grids)
    given = [(i, found) for i, name in enumerate(sheet.names) if _has(found := values[name])]
    which = np.array([i for i, _ in given], np.int64)
    numeric = sheet.place(which, [cast("Numbers", found) for _, found in given], panes.size)
    parts = [(numeric + panes * grids.size).reshape(-1)]
    lacking = []
    for (name, grid), offset in zip(grids.grids, grids.offsets, strict=False):
        found = values[name]
        if isinstance(found, Absent):
            lacking.append(int(offset))
        elif isinstance(grid, CategoricalGrid):
            parts.append(panes * grids.size + offset + place(grid, found))
    keys, counts = tallied(np.concatenate(parts), len(known) * grids.size)
    if lacking:
        keys, counts = _with_lacking(keys, counts, lacking, grids.size, [rows for _, rows in known])
    pane, cells = np.divmod(keys, max(1, grids.size))
    bounds = np.searchsorted(pane, np.arange(len(known) + 1)).tolist()
    return tuple(
        PaneCounts(WHOLE, start, rows, cells[begin:end], counts[begin:end])
        for (start, rows), begin, end in zip(known, bounds, bounds[1:], strict=False)
    )


def _has(values: Countable) -> bool:
    return not isinstance(values, Absent)


def _with_lacking(
    keys: Order, counts: Order, lacking: Sequence[int], size: int, rows: Sequence[int]
) -> tuple[Order, Order]:
    """Add the missing cells of absent features: each holds all rows of its pane."""
    cells = (np.arange(len(rows))[:, None] * size + np.array(lacking)).reshape(-1)
    keys = np.concatenate([keys, cells])
    order = np.argsort(keys, kind="stable")
    return keys[order], np.concatenate([counts, np.repeat(rows, len(lacking))])[order]
