"""What a statistic declares and what it answers; no statistic lives here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NotRequired, TypedDict, Unpack, cast

import numpy as np

from drift_core.errors import WrongKind
from drift_core.grids.bins import Bins
from drift_core.grids.counts import Counts, require_same_grid
from drift_core.grids.grid import Grid
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray, Kind

Resolution = Literal["cells", "bins"]
Reason = Literal["no_reference_rows", "no_current_rows", "constant_reference", "infinite_values"]


@dataclass(frozen=True, slots=True)
class Axis:
    """What is known of the cells a statistic reads.

    Attributes
    ----------
    point
        Shape (..., B): the cell holds a single value, so that nothing hides inside it.
        `None` when all of them do, as for levels.
    lower, upper
        Shape (..., B): each cell's limits on the line, equal for a single value and infinite at
        the open ends; `None` where cells have no place on a line.
    """

    point: BoolArray | None = None
    lower: FloatArray | None = None
    upper: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A statistic's value for one reference and one current column, with its evidence.

    Every float is finite or `None`; when `value` is `None`, `reason` says why.

    Attributes
    ----------
    statistic
        The statistic's name.
    value, lower, upper
        The value, and limits between which the value on raw rows certainly lies; a limit is
        `None` where the counts set none.
    null_mean
        What the value is on average without drift, where that is known.
    effect
        The size that thresholds are compared with.
    p_value
        Probability of evidence as strong without drift; never exactly zero.
    n_ref, n_cur
        Rows compared.
    contributions
        Shape (B,): each bin's part of the value; `None` where it is no sum.
    resolution
        Whether it read ``cells`` or ``bins``.
    reason
        Why there is no value: a side has no rows, or the statistic cannot be computed on these.
    """

    statistic: str
    value: float | None
    lower: float | None
    upper: float | None
    null_mean: float | None
    effect: float | None
    p_value: float | None
    n_ref: int
    n_cur: int
    contributions: FloatArray | None
    resolution: Resolution
    reason: Reason | None


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Many estimates of one statistic as arrays over the leading axes (...).

    NaN stands for "not defined" inside these arrays only; `Estimate` turns it into `None`.
    `contributions` has shape (..., B). `reason` names, in shape (...), why a value is not
    defined although both sides have rows; an empty text where it is.
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    effect: FloatArray
    p_value: FloatArray
    n_ref: IntArray
    n_cur: IntArray
    null_mean: FloatArray | None = None
    contributions: FloatArray | None = None
    reason: AnyArray | None = None


Evaluate = Callable[[IntArray, IntArray, Axis], Estimates]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A declared pure function of two count arrays; calling it judges a single pair.

    Attributes
    ----------
    name
        How the statistic is asked for.
    reads
        ``cells``: the grid's own cells, missing and invalid left out; ``bins``: the bins,
        missing and invalid among them.
    kinds
        The kinds of columns it judges.
    range
        The least and the largest value it can take.
    symmetric
        Swapping `ref` and `cur` leaves the value as it is.
    f_divergence
        Merging cells never makes the value larger.
    effect
        In words: the size that thresholds are compared with.
    warning, drift
        Default thresholds for the effect; `None` means none.
    evidence
        Names the piece of evidence that its p-value is. Statistics that share one bring it to
        a verdict once.
    evaluate
        ``(ref, cur, axis) -> Estimates`` over integer arrays of shape (..., B).
    """

    name: str
    reads: Resolution
    kinds: tuple[Kind, ...]
    range: tuple[float, float]
    symmetric: bool
    f_divergence: bool
    effect: str
    warning: float | None
    drift: float | None
    evidence: str
    evaluate: Evaluate = field(repr=False)

    def __call__(self, ref: Counts, cur: Counts, bins: Bins | None = None) -> Estimate:
        """Compare one column's counts with its reference's.

        Parameters
        ----------
        ref, cur
            Counts on one grid; `GridMismatch` otherwise.
        bins
            The bins to read, for a statistic that reads bins; the reference's own by default.
        """
        require_same_grid(ref, cur)
        if ref.grid.kind not in self.kinds:
            raise WrongKind(f"{self.name} judges {self.kinds} columns, not {ref.grid.kind} ones")
        if self.reads == "cells":
            axis = axis_of([ref.grid])
            return self.pick(self.evaluate(ref.values[None], cur.values[None], axis), (0,))
        chosen = ref.grid.bins(ref) if bins is None else bins
        found = self.evaluate(chosen.coarsen(ref.cells), chosen.coarsen(cur.cells), Axis())
        return self.pick(found, ())

    def pick(self, found: Estimates, at: tuple[int, ...], size: int | None = None) -> Estimate:
        """Take one estimate out of many; `size` cuts the padding off its contributions."""
        n_ref, n_cur = int(found.n_ref[at]), int(found.n_cur[at])
        parts = None if found.contributions is None else found.contributions[at][:size]
        return Estimate(
            statistic=self.name,
            value=_finite(found.value[at]),
            lower=_finite(found.lower[at]),
            upper=_finite(found.upper[at]),
            null_mean=None if found.null_mean is None else _finite(found.null_mean[at]),
            effect=_finite(found.effect[at]),
            p_value=_finite(found.p_value[at]),
            n_ref=n_ref,
            n_cur=n_cur,
            contributions=parts if n_ref and n_cur else None,
            resolution=self.reads,
            reason=_reason(n_ref, n_cur) or _named(found, at),
        )


class Claims(TypedDict):
    """What a statistic declares beside its name; see `Statistic`."""

    reads: Resolution
    kinds: tuple[Kind, ...]
    range: tuple[float, float]
    symmetric: bool
    f_divergence: bool
    effect: str
    warning: float | None
    drift: float | None
    evidence: NotRequired[str]


def statistic(name: str, **claims: Unpack[Claims]) -> Callable[[Evaluate], Statistic]:
    """Declare the decorated function ``(ref, cur, axis) -> Estimates`` to be a statistic.

    Statistics that read bins share the bins' evidence; one that reads cells has its own, unless
    it says whose it brings.
    """
    claims.setdefault("evidence", "bins" if claims["reads"] == "bins" else name)

    def declare(evaluate: Evaluate) -> Statistic:
        return Statistic(name=name, evaluate=evaluate, **claims)

    return declare


def collect(modules: Mapping[str, object]) -> Mapping[str, Statistic]:
    """Make the registry of every statistic that the given modules declare."""
    found: dict[str, Statistic] = {}
    for module in modules.values():
        for value in vars(module).values():
            if isinstance(value, Statistic):
                found[value.name] = value
    return MappingProxyType(dict(sorted(found.items())))


def axis_of(grids: Sequence[Grid]) -> Axis:
    """Describe the cells of grids of one kind together: arrays of shape (grids, cells).

    Grids with fewer cells than the largest are padded with single values that hold nothing.
    """
    points = [grid.points for grid in grids if grid.points is not None]
    limits = [grid.limits for grid in grids if grid.limits is not None]
    if len(points) < len(grids) or len(limits) < len(grids):
        return Axis()
    size = max((mask.size for mask in points), default=0)
    return Axis(
        _padded(points, size, True),
        _padded([lower for lower, _ in limits], size, np.inf),
        _padded([upper for _, upper in limits], size, np.inf),
    )


def _padded(rows: Sequence[AnyArray], size: int, filler: float) -> AnyArray:
    if all(row.size == size for row in rows):
        return np.stack(rows)
    return np.stack([np.pad(row, (0, size - row.size), constant_values=filler) for row in rows])


def _named(found: Estimates, at: tuple[int, ...]) -> Reason | None:
    named = "" if found.reason is None else str(found.reason[at])
    return cast("Reason", named) if named else None


def _finite(number: AnyArray) -> float | None:
    return float(number) if np.isfinite(number) else None


def _reason(n_ref: int, n_cur: int) -> Reason | None:
    if not n_ref:
        return "no_reference_rows"
    return None if n_cur else "no_current_rows"
