"""One call from a reference column to its grid and its counts."""

from collections.abc import Iterable
from itertools import compress
from typing import cast

from drift_core.columns.coded import encode
from drift_core.grids.categorical import CategoricalGrid
from drift_core.grids.counts import Counts
from drift_core.grids.numeric import NumericGrid
from drift_core.references.pilot import pilot_rows
from drift_core.types import Kind


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
        chosen = pilot_rows(coded.codes.size, key)
        found = CategoricalGrid.fit(coded.where(chosen), seen=coded)
        return found, found.count(coded.where(~chosen))
    rows = list(cast("Iterable[object]", values))
    pilot = pilot_rows(len(rows), key)
    levels = CategoricalGrid.fit(compress(rows, pilot), seen=rows)
    return levels, levels.count(list(compress(rows, ~pilot)))
