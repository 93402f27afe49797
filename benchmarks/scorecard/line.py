"""Columns on a line: a reference is drawn, its bins are cut, and the true shares are kept.

Stretches of the line are cut where the reference has equal mass. The true share between order
statistics of n independent values is a Dirichlet variable, whatever the law of the column, so no
value is ever drawn.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from benchmarks.scorecard.changes import NONE, Change, warp
from benchmarks.scorecard.tables import Kind, Tables
from drift_core.types import BoolArray, FloatArray, IntArray

FINE = 50
"""Cells in a bin of a stretch."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a column, by its share of present rows.

    Attributes
    ----------
    bins
        A stretch of the line cut into so many bins; 0: a single value or level.
    joined
        It shares the bin of the part before.
    unseen
        It stands for levels that the reference hardly ever showed.
    """

    mass: float
    bins: int = 0
    joined: bool = False
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A column whose parts lie on a line in this order; levels do so by their frequency."""

    name: str
    parts: tuple[Part, ...]
    missing: float = 0.0
    kind: Kind = "numeric"

    def cells(self, fine: int) -> IntArray:
        """Cells of each part, shape (parts,)."""
        return np.array([max(part.bins * fine, 1) for part in self.parts])

    @property
    def masses(self) -> FloatArray:
        """Shares of the parts among present rows, shape (parts,)."""
        masses = np.array([part.mass for part in self.parts])
        return np.asarray(masses / masses.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """References of one column, with what a simulation knows and a detector does not.

    Attributes
    ----------
    ref
        Shape (runs, 1 + cells): counts, missing first.
    within
        Shape (runs, cells): each cell's true share of its part.
    """

    line: Line
    fine: int
    ref: IntArray
    within: FloatArray

    def shares(self, change: Change = NONE, shift: FloatArray | float = 0.0) -> FloatArray:
        """True shares of the cells, missing first: shape (runs, 1 + cells), or as `shift` has it.

        `shift` broadcasts against (runs, 1).
        """
        line, owner = self.line, np.repeat(np.arange(len(self.line.parts)), self._cells)
        lost = line.missing if change.missing is None else change.missing
        if change.masses is not None:
            present = np.array(change.masses)[owner] * self.within
        else:
            ends = np.cumsum(line.masses[owner] * self.within, axis=-1)
            ends[..., -1] = 1.0
            present = np.diff(warp(ends, change, shift), axis=-1, prepend=0.0)
        first = np.full((*present.shape[:-1], 1), lost)
        shares = np.concatenate((first, np.maximum(present, 0.0) * (1 - lost)), -1)
        normed: FloatArray = shares / shares.sum(-1, keepdims=True)
        return normed

    @property
    def _cells(self) -> IntArray:
        return self.line.cells(self.fine)

    def tables(self, cur: IntArray) -> Tables:
        """Set windows, shape (windows, 1 + cells), beside their references or a single one."""
        ref, starts = self.ref, self._starts()
        points = np.repeat([part.bins == 0 for part in self.line.parts], self._cells)
        places, lower, upper = self._lie(points)
        return Tables(
            self.line.kind,
            ref[..., 1:],
            cur[..., 1:],
            np.add.reduceat(ref, starts, -1),
            np.add.reduceat(cur, starts, -1),
            self._aside(starts),
            points,
            places,
            lower,
            upper,
        )

    def _starts(self) -> IntArray:
        starts, at = [0], 1
        for part, cells in zip(self.line.parts, self._cells.tolist(), strict=True):
            if not part.joined:
                starts += range(at, at + cells, self.fine if part.bins else 1)
            at += cells
        return np.array(starts)

    def _aside(self, starts: IntArray) -> BoolArray:
        # missing comes first, and a part that is unseen is a single cell
        owner = np.repeat([part.unseen for part in self.line.parts], self._cells)
        return np.concatenate(([True], owner))[starts]

    def _lie(self, points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        # single values lie at whole numbers, a stretch where the scores of a normal column do
        owner = np.repeat(np.arange(len(self.line.parts)), self._cells)
        ends = np.cumsum((self.line.masses / self._cells)[owner])
        starts = np.concatenate(([0.0], ends[:-1]))
        middle = (starts + np.minimum(ends, 1.0)) / 2
        places = np.where(points, owner, ndtri(middle))
        if points.any() and not points.all():  # a stretch beyond a mass point goes on from there
            inside = (middle - starts[np.searchsorted(owner, owner)]) / self.line.masses[owner]
            places = np.where(points, owner, owner - np.log1p(-inside))
        between = (places[1:] + places[:-1]) / 2
        lower = np.where(points, places, np.concatenate(([-np.inf], between)))
        upper = np.where(points, places, np.concatenate((between, [np.inf])))
        return places, lower, upper


def known(line: Line, n: int, runs: int, rng: np.random.Generator, fine: int = FINE) -> Known:
    """Draw references of `n` rows."""
    masses = np.concatenate(([line.missing], (1 - line.missing) * line.masses))
    found = rng.multinomial(n, masses, runs)
    ref, within = [found[:, :1]], []
    for at, cells in enumerate(line.cells(fine).tolist()):
        counts, share = _cut(found[:, 1 + at], cells, rng)
        ref.append(counts)
        within.append(share)
    return Known(line, fine, np.concatenate(ref, -1), np.concatenate(within, -1))


def _cut(rows: IntArray, cells: int, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
    counts = np.diff(rows[:, None] * np.arange(cells + 1) // cells, axis=-1)
    if cells == 1:
        return counts, np.ones(counts.shape)
    gaps = counts.astype(np.float64)
    gaps[:, -1] += 1  # n values leave n + 1 gaps
    spaces = rng.standard_gamma(gaps)
    return counts, spaces / spaces.sum(-1, keepdims=True)


def draw(
    line: Line, n: int, m: int, runs: int, rng: np.random.Generator, change: Change = NONE
) -> Tables:
    """Draw references, and one window for each."""
    found = known(line, n, runs, rng)
    return found.tables(rng.multinomial(m, found.shares(change)))
