"""How a numeric grid's cells are counted; which way is a matter of speed alone.

Each plan answers what ``np.searchsorted(edges, values, side="right")`` would, counted. Measured
for a million float64 values, in passes of ``np.sum``: `Mapped` 1 to 2, `Knotted` 3 to 8,
`Searched` 10 to 22; docs/performance.md has the table.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from drift_core.kernels import (
    EVERY_ROW,
    Table,
    padded,
    read_only,
    tally_knotted,
    tally_mapped,
    tally_padded,
)
from drift_core.kernels.cells import between
from drift_core.placing.crowds import lay_out
from drift_core.placing.symlogs import Line, Symlogs
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray

MOST_STEPS = 20
"""Each pair of steps costs as much as a fifth of a pass; beyond so many `Knotted` is no slower."""


class Plan(Protocol):
    """One way to count the cells between edges."""

    def tally(self, values: AnyArray, present: BoolArray = EVERY_ROW) -> IntArray:
        """Count: NaN and absent values, then each cell; shape (edges + 2,)."""
        ...


@dataclass(frozen=True, slots=True)
class Searched:
    """A binary search for each value.

    Attributes
    ----------
    tree, edges
        The edges, padded for the search, and how many they are.
    """

    tree: AnyArray
    edges: int

    @classmethod
    def of(cls, edges: AnyArray) -> Self:
        """Plan for these edges."""
        return cls(read_only(padded(edges)), edges.size)

    def tally(self, values: AnyArray, present: BoolArray = EVERY_ROW) -> IntArray:
        return tally_padded(values, self.tree, self.edges, present)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A bucket for each value; cells are sums of neighbouring buckets.

    An edge e must begin a bucket: no value below e may be in e's bucket or a later one. As the map
    never decreases, it is enough that the next float below e is in an earlier one. Edges of
    which that is not true, those of mass points above all, become *steps*: a value's place is
    its bucket plus the number of steps at or below it, so that a step splits its bucket in two.

    Attributes
    ----------
    symlog, steps
        The map, and the steps in pairs.
    starts
        Shape (edges,): the place where each edge's cell begins.
    """

    symlog: Line
    steps: AnyArray
    starts: IntArray

    @classmethod
    def of(cls, edges: AnyArray, symlog: Line | None) -> Self | None:
        """Plan for these edges; `None` where it would take too many steps."""
        if symlog is None:
            return None
        with np.errstate(over="ignore", under="ignore"):
            below = np.nextafter(edges, edges.dtype.type(-np.inf))
        at = symlog.place(edges)
        # nothing is below -inf, so that it begins its bucket whatever the map says
        split = (symlog.place(below) == at) & (edges != -np.inf)
        steps = np.unique(edges[split])
        if steps.size > MOST_STEPS:
            return None
        starts = at + np.searchsorted(steps, edges, side="right")
        pairs = np.full(steps.size + steps.size % 2, np.nan, edges.dtype)
        pairs[: steps.size] = steps
        return cls(symlog, read_only(pairs), starts)

    def tally(self, values: AnyArray, present: BoolArray = EVERY_ROW) -> IntArray:
        places = tally_mapped(values, self.symlog.shape, self.symlog.size, self.steps, present)
        return between(read_only(places), read_only(self.starts))


@dataclass(frozen=True, slots=True)
class Knotted:
    """Buckets so narrow that few hold two knots; two comparisons settle where a value is.

    Attributes
    ----------
    line
        Sends values to buckets.
    table
        Knots by bucket.
    starts
        Shape (edges,): the place where each edge's cell begins.
    """

    line: Symlogs
    table: Table
    starts: IntArray

    @classmethod
    def of(cls, edges: AnyArray, knots: FloatArray) -> Self | None:
        """Plan for these edges, each a knot or the next float above one.

        `None` for fewer than two finite knots.
        """
        with np.errstate(over="ignore"):
            given = np.unique(knots.astype(edges.dtype))
        laid = lay_out(given)
        if laid is None:
            return None
        own = np.searchsorted(given, edges, side="right") - 1
        starts = 2 * own + 2 + (given[own] != edges)
        return cls(laid.line, laid.table, starts)

    def tally(self, values: AnyArray, present: BoolArray = EVERY_ROW) -> IntArray:
        places = tally_knotted(values, self.line.shape, self.table, present)
        return between(read_only(places), read_only(self.starts))
