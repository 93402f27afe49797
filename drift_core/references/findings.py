"""What looks wrong in a reference column: told when it is made, and never a reason to refuse it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from drift_core.columns.levels import level_counts
from drift_core.columns.plain import numbers_of
from drift_core.kernels import distinct as distinct_of
from drift_core.types import FloatArray, IntArray, Kind

Code = Literal["invalid", "all_missing", "mostly_missing", "infinite", "constant", "outlier"]

_MOSTLY = 0.5
_OUTLYING = 5.0
"""Values further from all others than so many times their own range are probably an error."""
_ENOUGH_DISTINCT = 10
_MOST_TOGETHER = 10
_MOST_OPPOSITE = 3
_FEW = 0.01
_FURTHEST = 1e9


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that looks wrong.

    Attributes
    ----------
    code
        What it is; ``outlier`` for values far from all others, such as a wind of 1,048 mph.
    rows
        How many rows it is about.
    value
        The outlier, the furthest if there are several together; otherwise `None`.
    distance
        How far it is from the nearest of the others, in ranges of all the others, and at most a
        thousand million.
    """

    code: Code
    rows: int
    value: float | None = None
    distance: float | None = None


def examine(values: object, kind: Kind) -> tuple[Finding, ...]:
    """Look for what would spoil a reference without making it useless at once.

    Parameters
    ----------
    values
        Shape (rows,), as `Grid.count` of its kind takes it.
    kind
        ``numeric`` or ``categorical``.

    Returns
    -------
    Findings, those about the whole column first; none is good news.
    """
    if kind == "numeric":
        column = numbers_of(values)
        distinct, counts = distinct_of(column.floats)
        missing = column.floats.size - int(counts.sum()) - column.invalid
        return (
            *_of_absent(column.floats.size, missing, column.invalid),
            *examine_numbers(distinct, counts),
        )
    found = level_counts(cast("Iterable[object]", values))
    present_rows = sum(found.levels.values())
    rows = present_rows + found.missing + found.invalid
    constant = (Finding("constant", present_rows),) if len(found.levels) == 1 else ()
    return (*_of_absent(rows, found.missing, found.invalid), *constant)


def examine_numbers(distinct: FloatArray, counts: IntArray) -> tuple[Finding, ...]:
    """Look at a numeric column's distinct values, in order, and how often each occurs."""
    finite = np.isfinite(distinct)
    infinite = int(counts[~finite].sum())
    found = [Finding("infinite", infinite)] if infinite else []
    distinct, counts = distinct[finite], counts[finite]
    if distinct.size == 1 and not infinite:
        found.append(Finding("constant", int(counts[0])))
    if distinct.size >= _ENOUGH_DISTINCT:
        found += _outliers(distinct, counts)
    return tuple(found)


def _outliers(distinct: FloatArray, counts: IntArray) -> list[Finding]:
    # the lower end is the upper one of the line turned round
    back, behind = -distinct[::-1], counts[::-1]
    above, below = list(_above(distinct, counts)), list(_above(back, behind))
    if not above and not below:
        # far values at both ends hide one another: look at each without those at the other
        above = list(_above(distinct[_MOST_OPPOSITE:], counts[_MOST_OPPOSITE:]))
        below = list(_above(back[_MOST_OPPOSITE:], behind[_MOST_OPPOSITE:]))
        if not (above and below):
            return []
    turned = [Finding("outlier", f.rows, -cast("float", f.value), f.distance) for f in below]
    return above + turned


def _of_absent(rows: int, missing: int, invalid: int) -> Iterator[Finding]:
    if invalid:
        yield Finding("invalid", invalid)
    if rows and missing + invalid == rows:
        yield Finding("all_missing", missing)
    elif missing > _MOSTLY * rows:
        yield Finding("mostly_missing", missing)


def _above(distinct: FloatArray, counts: IntArray) -> Iterator[Finding]:
    """Find the largest values where they stand apart: the last one, or a few rows together."""
    most = min(_MOST_TOGETHER, max(1, distinct.size - _ENOUGH_DISTINCT + 1), distinct.size - 1)
    # divided first: the range of doubles does not fit into a double
    ends = distinct / 4
    rows = np.cumsum(counts[::-1])
    for together in range(most, 0, -1):
        others = ends[-together - 1] - ends[0]
        gap = ends[-together] - ends[-together - 1]
        few = together == 1 or rows[together - 1] <= _FEW * rows[-1]
        if few and others > 0 and gap > _OUTLYING * others:
            distance = min(float(gap / others), _FURTHEST)
            yield Finding("outlier", int(rows[together - 1]), float(distinct[-1]), distance)
            return
