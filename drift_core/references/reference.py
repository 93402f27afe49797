"""One call from a reference column to its grid and its counts."""

from collections.abc import Iterable
from itertools import compress
from typing import cast

import numpy as np

from drift_core.columns.coded import Coded, encode
from drift_core.grids.categorical import CategoricalGrid
from drift_core.grids.counts import Counts
from drift_core.grids.numeric import NumericGrid
from drift_core.references.pilot import pilot_rows
from drift_core.types import MISSING, Kind


def reference(
    values: object, kind: Kind, *, key: bytes = b"leeway"
) -> tuple[NumericGrid | CategoricalGrid, Counts]:
    """Build a column's grid and count the reference on it.

    A numeric reference is counted whole. A categorical one is split: a keyed fifth of its rows
    chooses the levels, and the other four fifths are counted.

    Parameters
    ----------
    values
        Shape (rows,); see `Grid.count` of either kind.
    kind
        ``numeric`` or ``categorical``.
    key
        Keys the split, see `pilot_rows`.
    """
    if kind == "numeric":
        grid = NumericGrid.fit(values)
        return grid, grid.count(values)
    coded = encode(values)
    if coded is not None:
        return _split(coded, key)
    rows = list(cast("Iterable[object]", values))
    pilot = pilot_rows(len(rows), key)
    levels = CategoricalGrid.fit(compress(rows, pilot), seen=rows)
    return levels, levels.count(list(compress(rows, ~pilot)))


def _split(coded: Coded, key: bytes) -> tuple[CategoricalGrid, Counts]:
    """Split by counts alone: what the pilot does not hold is the rest."""
    chosen = pilot_rows(coded.codes.size, key)
    every, pilot = coded.tally(), coded.tally(chosen)
    # the others count as missing from the pilot
    pilot[0] -= np.count_nonzero(~chosen)
    levels = coded.levels(pilot).levels
    grid = CategoricalGrid.choose(levels, levels + coded.levels(every).levels)
    cells = np.zeros(grid.size, np.int64)
    rest = every - pilot
    np.add.at(cells, grid.index(coded.dictionary), rest[1:])
    cells[MISSING] += rest[0]
    return grid, Counts(grid, cells)
