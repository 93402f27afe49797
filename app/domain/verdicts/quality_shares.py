"""Shares of a column's rows that say something of its quality, beside the reference's."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from drift_core import CategoricalGrid, Counts

MISSING, INVALID = "missing", "invalid"
BELOW, ABOVE = "below_range", "above_range"
UNSEEN, CONSTANT = "unseen", "constant"
LIMITS = {MISSING: 0.01, INVALID: 0.01, BELOW: 0.01, ABOVE: 0.01, UNSEEN: 0.01, CONSTANT: 0.05}
"""By how much a share must exceed the reference's to matter."""
TESTED = {"numeric": 5, "categorical": 4}
"""How many of these a column is asked, by its kind."""


class Part(NamedTuple):
    """Rows of both sides that are in one part of a column, of all rows that could be."""

    name: str
    ref: int
    cur: int
    n: int
    m: int
    choices: int = 1
    """How many parts it was chosen from because of what the window holds."""


def parts(ref: Counts, cur: Counts) -> Iterator[Part]:
    """Return the parts of a column that hold rows of either side."""
    both = (ref.rows, cur.rows)
    found = [
        Part(MISSING, ref.missing, cur.missing, *both),
        Part(INVALID, ref.invalid, cur.invalid, *both),
        *(_levels(ref, cur) if isinstance(ref.grid, CategoricalGrid) else _range(ref, cur)),
        *_constant(ref, cur),
    ]
    return (part for part in found if part.ref or part.cur)


def _range(ref: Counts, cur: Counts) -> list[Part]:
    """Return the rows in cells beyond all that the reference filled, at either end.

    Of a window without drift as many lie beyond the largest of the reference's rows as if that end
    were a part of its own in which the reference has none, so that the same test holds.
    """
    filled = np.flatnonzero(ref.values)
    if not filled.size:
        return []
    below, above = cur.values[: filled[0]].sum(), cur.values[filled[-1] + 1 :].sum()
    present = (ref.present, cur.present)
    return [Part(BELOW, 0, int(below), *present), Part(ABOVE, 0, int(above), *present)]


def _levels(ref: Counts, cur: Counts) -> list[Part]:
    """Return the rows of levels that the reference does not hold.

    It holds none of them by their meaning, yet a new row may well bring one: about as often as one
    of its own rows has a level that no other has. Those are at most its rare rows and its levels
    with a single row.
    """
    grid = ref.grid
    assert isinstance(grid, CategoricalGrid)  # noqa: S101  looked at by the caller
    own = ref.values[: len(grid.levels)]
    alone = ref.cells[grid.rare_cell] + ref.cells[grid.unseen_cell] + np.count_nonzero(own == 1)
    unseen = cur.cells[grid.unseen_cell]
    return [Part(UNSEEN, int(alone), int(unseen), ref.present, cur.present)]


def _constant(ref: Counts, cur: Counts) -> list[Part]:
    """Return the cell that holds all values of the window, if one does and not of the reference.

    One beyond all that the reference holds has no end, so that its values may differ much.
    """
    filled = np.flatnonzero(ref.values)
    if not cur.present or not filled.size:
        return []
    largest = int(np.argmax(cur.values))
    held = int(ref.values[largest])
    inside = isinstance(ref.grid, CategoricalGrid) or filled[0] <= largest <= filled[-1]
    if cur.values[largest] < cur.present or held == ref.present or not inside:
        return []
    return [Part(CONSTANT, held, cur.present, ref.present, cur.present, filled.size)]
