"""NumericGrid: half-open intervals between sorted knots, some of which are single values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, cast

import numpy as np

from drift_core.columns.plain import as_float, column_of, numbers_of
from drift_core.columns.validity import parts
from drift_core.errors import BadGrid
from drift_core.grids.bins import Bins
from drift_core.grids.counts import Counts
from drift_core.grids.grid import FORMAT, Grid
from drift_core.grids.numeric_bins import choose_bins
from drift_core.kernels import on_device, tally_range, tally_sorted
from drift_core.placing.knots import choose_cells
from drift_core.placing.plans import Knotted, Mapped, Plan, Searched
from drift_core.placing.symlogs import Line, parse_line
from drift_core.types import (
    FIRST_VALUE,
    INVALID,
    MISSING,
    AnyArray,
    BoolArray,
    FloatArray,
    IntArray,
    Json,
    Kind,
)

FEW = 1_000
"""Fewer values are searched for: emptying and adding up a plan's counters would cost more."""
_WORTH_KNOTS = 20_000
"""From so many values on it pays to spread knots over buckets, which takes milliseconds."""
_WIDEST = 4_096
"""Most integers that are counted one by one before they are put into cells."""
_FAR = 2.0**31
"""Atoms further out are not counted as integers."""


@dataclass(frozen=True, slots=True, eq=False)
class NumericGrid(Grid):
    """Cells of a numeric column.

    Cells are the half-open intervals between neighbouring *edges*. A plain knot k is one edge:
    its cell begins at k. An atom a is two, a and the next float above it, so that "equal to a"
    is a cell of its own. One search therefore puts every value into exactly one cell. -0.0
    equals 0.0, the infinities are values, NaN is missing.

    Attributes
    ----------
    knots
        Shape (m,), float64, strictly increasing.
    atoms
        Shape (m,): which knots are single values.
    points
        Which of the grid's own cells hold one single value.
    symlog
        A map, or a sum of them, whose buckets begin at most of the knots: a faster way to the same
        cells, or `None`.
    """

    kind: ClassVar[Kind] = "numeric"
    knots: FloatArray
    atoms: BoolArray
    symlog: Line | None = None
    points: BoolArray = field(init=False, repr=False)
    _edges: dict[type, AnyArray] = field(init=False, repr=False)
    _plans: dict[type, dict[str, Plan | None]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # adding zero turns -0.0 into 0.0, which it equals
        knots = np.array(self.knots, np.float64) + 0.0
        atoms = np.array(self.atoms, np.bool_)
        if knots.ndim != 1 or knots.shape != atoms.shape:
            raise BadGrid(f"{knots.shape} knots do not go with {atoms.shape} atoms")
        if np.isnan(knots).any() or (knots[1:] <= knots[:-1]).any():
            raise BadGrid("knots must increase strictly, without NaN")
        for name, array in (("knots", knots), ("atoms", atoms)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "points", _points(knots, atoms))
        edges = {kind: _edges(knots, atoms, kind) for kind in (np.float32, np.float64)}
        object.__setattr__(self, "_edges", edges)
        object.__setattr__(self, "_plans", {kind: {} for kind in edges})

    @classmethod
    def fit(cls, values: object, *, max_cells: int = 2048, share: float = 0.002) -> Self:
        """Choose the knots from a reference column; see `Grid.numeric`."""
        return cls(*choose_cells(numbers_of(values).floats, max_cells, share))

    @classmethod
    def parse(cls, doc: Mapping[str, Any]) -> Self:
        knots = np.array([float(knot) for knot in doc["knots"]], np.float64)
        atoms = np.zeros(knots.size, np.bool_)
        atoms[np.array(doc["atoms"], np.int64)] = True
        return cls(knots, atoms, parse_line(doc.get("map")))

    def to_json(self) -> Json:
        knots = [k if np.isfinite(k) else str(k) for k in self.knots.tolist()]
        atoms = np.flatnonzero(self.atoms).tolist()
        doc: Json = {"format": FORMAT, "kind": self.kind, "knots": knots, "atoms": atoms}
        # a reader that does not know of maps counts the same, by its knots
        return doc if self.symlog is None else doc | {"map": self.symlog.to_json()}

    @property
    def size(self) -> int:
        return FIRST_VALUE + self._edges[np.float64].size + 1

    @property
    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper limit of each of the grid's own cells; equal for a single value."""
        owner = np.repeat(self.knots, 1 + self.atoms)
        lower = np.concatenate(([-np.inf], owner))
        upper = np.concatenate((owner, [np.inf]))
        at = self.points
        lower[at] = upper[at] = self.knots[self.atoms]
        return lower, upper

    def edges(self, dtype: type = np.float64) -> AnyArray:
        """Return the edges for values of one float type, as that type.

        For float32 the knots are cast to float32, as the values were: a producer that narrows
        its floats then lands in the same cells and does not look like drift.
        """
        return self._edges[dtype]

    def count(
        self,
        values: object,
        *,
        missing: object = None,
        invalid: object = None,
        validity: object = None,
    ) -> Counts:
        """Count numbers; see `Grid.count`.

        Parameters
        ----------
        values
            Shape (rows,): float32, float64, integers (compared as float64) or booleans (as 0
            and 1), or a list in which ``None`` is missing and anything else is invalid. Arrays are
            counted where they lie, also read-only and strided ones, and those on a GPU.
        missing, invalid
            Boolean masks of shape (rows,).
        validity
            Which rows have a value: a boolean mask, or Arrow's `Bitmap`. What is invalid is so
            with a value or without.
        """
        column = column_of(values, missing, invalid, validity)
        cells = np.zeros(self.size, np.int64)
        for part, present in parts(column.values, column.presence):
            tally = self._tally(part, present)
            cells[MISSING] += tally[0]
            cells[FIRST_VALUE:] += tally[1:]
        # rows that are invalid were counted as absent
        cells[MISSING] -= column.invalid
        cells[INVALID] = column.invalid
        return Counts(self, cells)

    def _tally(self, values: AnyArray, present: BoolArray) -> IntArray:
        if on_device(values):
            floats = as_float(values)
            return tally_sorted(floats, self._edges[floats.dtype.type], present)
        span = self._span if values.dtype.kind in "biu" else None
        if span is not None:
            return self._tally_integers(values, present, *span)
        floats = as_float(values)
        return self._plan(floats.dtype.type, floats.size).tally(floats, present)

    def _plan(self, dtype: type, rows: int) -> Plan:
        """Choose how to count so many values; what is made for that is kept.

        Two threads may make the same at once, which costs time and nothing else.
        """
        edges, plans = self._edges[dtype], self._plans[dtype]
        if rows >= FEW:
            mapped = self.mapped(dtype)
            if "knotted" not in plans and rows >= _WORTH_KNOTS and mapped is None:
                plans["knotted"] = Knotted.of(edges, self.knots)
            found = mapped or plans.get("knotted")
            if found is not None:
                return found
        searched = plans.get("searched") or Searched.of(edges)
        plans["searched"] = searched
        return searched

    def mapped(self, dtype: type) -> Mapped | None:
        """Return the plan by bucket for values of one float type, if there is one."""
        plans = self._plans[dtype]
        if "mapped" not in plans:
            plans["mapped"] = Mapped.of(self._edges[dtype], self.symlog)
        return cast("Mapped | None", plans["mapped"])

    @property
    def _span(self) -> tuple[int, int] | None:
        # the integers from just below the first atom to just above the last one
        atoms = self.knots[self.atoms]
        if not atoms.size or not -_FAR <= atoms[0] <= atoms[-1] <= _FAR:
            return None
        low = math.floor(atoms[0]) - 1
        size = math.ceil(atoms[-1]) + 2 - low
        return (low, size) if size <= _WIDEST else None

    def _tally_integers(
        self, values: AnyArray, present: BoolArray, low: int, size: int
    ) -> IntArray:
        # one more at either end holds what is beyond, which is searched for
        found = tally_range(values, low - 1, size + 2, present)
        edges = self.edges()
        cells = np.searchsorted(edges, np.arange(low, low + size), side="right")
        tally = np.zeros(self.size - FIRST_VALUE + 1, np.int64)
        if found[1] or found[-1]:
            beyond = (values < low) | (values >= low + size)
            beyond = beyond & present if present.size else beyond
            tally += self._plan(np.float64, 0).tally(values[beyond].astype(np.float64))
        np.add.at(tally, 1 + cells, found[2:-1])
        tally[0] = found[0]
        return tally

    def counts_of(self, cells: object) -> Counts:
        return Counts(self, np.asarray(cells))

    def bins(self, ref: Counts, count: int = 10) -> Bins:
        """Choose about `count` bins of equal reference mass; see `choose_bins`."""
        lower, upper = self.limits
        return choose_bins(ref.values, self.points, lower, upper, count)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NumericGrid):
            return NotImplemented
        return (
            np.array_equal(self.knots, other.knots)
            and np.array_equal(self.atoms, other.atoms)
            and self.symlog == other.symlog
        )

    def __hash__(self) -> int:
        return hash((self.kind, self.knots.tobytes(), self.atoms.tobytes()))


def _edges(knots: FloatArray, atoms: BoolArray, dtype: type) -> AnyArray:
    with np.errstate(over="ignore"):  # beyond float32's range a knot is its infinity
        cast: AnyArray = knots.astype(dtype)
        above = np.nextafter(cast, dtype(np.inf))
    edges = np.repeat(cast, 1 + atoms)
    edges[np.flatnonzero(np.repeat(atoms, 1 + atoms))[1::2]] = above[atoms]
    # knots that are one float32 leave their surplus cells empty
    edges = np.maximum.accumulate(edges)
    edges.flags.writeable = False
    return edges


def _points(knots: FloatArray, atoms: BoolArray) -> BoolArray:
    first = np.cumsum(1 + atoms) - atoms
    cells = first[atoms]
    if knots.size and atoms[-1] and knots[-1] == np.inf:
        # nothing lies above +inf, so both its edges are equal and it falls past them
        cells[-1] += 1
    points = np.zeros(knots.size + cells.size + 1, np.bool_)
    points[cells] = True
    points.flags.writeable = False
    return points
