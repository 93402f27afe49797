"""The pieces of evidence that a feature's p-value is made of."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.combination import combine
from drift_core.evidence.largest import largest_p_value
from drift_core.evidence.repeats import rows_of
from drift_core.evidence.scores import scores_p_values
from drift_core.evidence.two_bins import two_bins_p_value
from drift_core.stats import STATISTICS, Axis, Estimates
from drift_core.types import BoolArray, FloatArray, IntArray, Kind

_RARE = 0.5
_NO_EVIDENCE = 0.05
_BOTH: tuple[Kind, ...] = ("numeric", "categorical")
OWN: Mapping[str, tuple[Kind, ...]] = MappingProxyType(
    {
        "bins": _BOTH,
        "values": _BOTH,
        "aside": _BOTH,
        "level": ("numeric",),
        "spread": ("numeric",),
        "largest": ("numeric",),
    }
)
"""Pieces that no statistic of that name brings, and the kinds of columns they judge."""


class Sides(NamedTuple):
    """A reference's counts and a window's, of one shape (..., B)."""

    ref: IntArray
    cur: IntArray


class Table(NamedTuple):
    """Features of one kind, side by side.

    Attributes
    ----------
    cells
        Without missing and invalid.
    bins
        All rows.
    aside
        Which bins lie outside the column's own values: missing, invalid, levels that are rare or
    """

    kind: Kind
    cells: Sides
    axis: Axis
    bins: Sides
    aside: BoolArray


def is_evidence(name: str, kind: Kind) -> bool:
    """Say whether there is such a piece of evidence on columns of one kind."""
    own = STATISTICS.get(name)
    brought = own is not None and own.evidence == name and kind in own.kinds
    return brought or kind in OWN.get(name, ())


def pieces_of(
    table: Table, found: Mapping[str, Estimates], names: Iterable[str]
) -> dict[str, FloatArray]:
    """Return the p-values of the named pieces, shape (...); NaN where one has nothing to say.

    What a statistic among `found` has brought already is not worked out again.
    """
    wanted = list(names)
    pieces = {STATISTICS[name].evidence: many.p_value for name, many in found.items()}
    if {"level", "spread"} & set(wanted):
        pieces |= scores_p_values(*table.cells)._asdict()
    if "values" in wanted:
        pieces["values"] = _values(table, pieces.get("bins"))
    return {name: pieces[name] if name in pieces else _piece(name, table) for name in wanted}


def _piece(name: str, table: Table) -> FloatArray:
    if name == "bins":
        return bins_p_value(*table.bins)
    if name == "aside":
        return _aside(table.bins, table.aside)
    if name == "largest":
        return largest_p_value(*table.cells)
    return evaluate(name, table).p_value


def evaluate(name: str, table: Table) -> Estimates:
    """Compute a statistic on what it reads."""
    statistic = STATISTICS[name]
    if statistic.reads == "bins":
        return statistic.evaluate(*table.bins, Axis())
    return statistic.evaluate(*table.cells, table.axis)


def _values(table: Table, bins: FloatArray | None) -> FloatArray:
    ref, cur = np.broadcast_arrays(*table.bins)
    aside = np.broadcast_to(table.aside, ref.shape)
    some = (aside & (ref + cur > 0)).any(-1)
    # where nothing is aside all bins hold values
    found = np.array(bins_p_value(*table.bins) if bins is None else bins)
    own = (np.where(aside[some], 0, side[some]) for side in (ref, cur))
    found[some] = bins_p_value(*own)
    return found


def _aside(bins: Sides, aside: BoolArray) -> FloatArray:
    ref, cur = np.broadcast_arrays(*bins)
    found = np.full(ref.shape, np.nan)
    at = np.nonzero(np.broadcast_to(aside, ref.shape) & (ref + cur > 0))
    n, m = (rows_of(side)[at[:-1]] for side in (ref, cur))
    tables = ref[at], cur[at], n, m
    heard = ~_idle(*tables)
    at = tuple(axis[heard] for axis in at)
    found[at] = two_bins_p_value(*(side[heard] for side in tables))
    return combine(found)


def _idle(ref: IntArray, cur: IntArray, n: IntArray, m: IntArray) -> BoolArray:
    # rows that hardly ever come, and did not: that says nothing if a single one would not either
    rare = np.asarray((cur == 0) & (ref * m < _RARE * n))
    some = (side[rare] for side in (ref, np.minimum(m, 1), n, m))
    rare[rare] = two_bins_p_value(*some) >= _NO_EVIDENCE
    return rare
