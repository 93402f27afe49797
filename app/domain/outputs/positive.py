"""Which cells of a prediction are the positive ones: as declared, or by their usual names."""

import numpy as np

from drift_core import CategoricalGrid, Counts, NumericGrid, canonical_level
from drift_core.types import BoolArray

PAIRS = (
    ("1", "0"),
    ("1", "-1"),
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("t", "f"),
    ("positive", "negative"),
    ("pos", "neg"),
)
MULTICLASS = "multiclass: more than two levels have no positive one; `outputs.positive` can name it"
UNNAMED = "no_positive_level: which of the two it is, `outputs.positive` can say"
ONE_LEVEL = "one_level: the reference has one level only; `outputs.positive` can name the other"
UNKNOWN = "unknown_level: the reference has no cell for the level of `outputs.positive`"
NUMERIC = "numeric: the predictions are numbers without a positive one; a score has that role"


def positive_cells(ref: Counts, declared: str | None) -> BoolArray | str:
    """Return which of the grid's own cells are positive, or why none can be."""
    grid = ref.grid
    if isinstance(grid, CategoricalGrid):
        return _level(grid, declared)
    assert isinstance(grid, NumericGrid)  # noqa: S101  there are no others
    return _number(grid, ref, declared)


def _level(grid: CategoricalGrid, declared: str | None) -> BoolArray | str:
    own = np.array([*grid.levels, "", ""], object)
    own[len(grid.levels) :] = None
    if declared is not None:
        level = canonical_level(declared)
        return own == level if level in grid.levels else UNKNOWN
    known = len(grid.levels) + len(grid.rare)
    if known != 2:
        return MULTICLASS if known > 2 else ONE_LEVEL
    spelled = {level.casefold(): level for level in (*grid.levels, *grid.rare)}
    for positive, negative in PAIRS:
        if set(spelled) == {positive, negative}:
            found: BoolArray = own == spelled[positive]
            return found if found.any() else UNKNOWN
    return UNNAMED


def _number(grid: NumericGrid, ref: Counts, declared: str | None) -> BoolArray | str:
    values = np.where(grid.points, grid.limits[0], np.nan)
    if declared is None:
        held = values[ref.values > 0]
        if np.isnan(held).any():
            return NUMERIC
        pair = set(held.tolist())
        if not (pair <= {0.0, 1.0} or pair <= {-1.0, 1.0}):
            whole = all(one.is_integer() for one in pair)
            return MULTICLASS if whole and len(pair) > 2 else UNNAMED if whole else NUMERIC
    found: BoolArray = values == (1.0 if declared is None else _parsed(declared))
    if found.any():
        return found
    return ONE_LEVEL if declared is None else UNKNOWN


def _parsed(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
