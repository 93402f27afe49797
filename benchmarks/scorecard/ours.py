"""Leeway's own judgements in arrays; the one file of the scorecard that knows the core's calls."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.scorecard.tables import Tables
from drift_core import (
    STATISTICS,
    Budget,
    Policy,
    adjust_bh,
    fresh,
    learned,
    look_many,
    minimum_rows,
)
from drift_core.evidence.combination import combine
from drift_core.judging.evidence import moved_bins
from drift_core.judging.pieces import Sides, Table, evaluate, pieces_of
from drift_core.stats import Axis, Estimates
from drift_core.types import BoolArray, FloatArray, IntArray

POLICY = Policy()
BUDGET = Budget()
EVIDENCE = "evidence"


def _table(tables: Tables) -> Table:
    axis = Axis(tables.points, tables.lower, tables.upper)
    cells = Sides(*_paired(tables.ref, tables.cur))
    bins = Sides(*_paired(tables.ref_bins, tables.cur_bins))
    return Table(tables.kind, cells, axis, bins, tables.aside)


def _paired(ref: IntArray, cur: IntArray) -> tuple[IntArray, IntArray]:
    return np.broadcast_to(ref, cur.shape), cur


def estimates(tables: Tables) -> dict[str, Estimates]:
    """Compute every statistic that judges such a column, by name."""
    table = _table(tables)
    return {name: evaluate(name, table) for name, one in STATISTICS.items()
            if table.kind in one.kinds}  # fmt: skip


def p_values(tables: Tables, found: Mapping[str, Estimates]) -> dict[str, FloatArray]:
    """Return every distinct piece of evidence by its name, and ``evidence``: what a verdict uses.

    Each has shape (windows,). What `found` has brought already is not worked out again.
    """
    weights = POLICY.evidence_of(tables.kind)
    shown = {one.evidence for one in STATISTICS.values() if tables.kind in one.kinds}
    pieces = pieces_of(_table(tables), found, {*shown, *weights})
    used = np.stack([pieces[name] for name in weights], -1)
    pieces[EVIDENCE] = combine(used, np.array(list(weights.values())))
    return {name: p for name, p in sorted(pieces.items()) if not np.isnan(p).all()}


def all_p_values(tables: Tables) -> dict[str, FloatArray]:
    """As `p_values`, from scratch."""
    return p_values(tables, {})


def matters(tables: Tables, found: Mapping[str, Estimates]) -> BoolArray:
    """Whether an effect is as large as a verdict of drift asks for, shape (windows,)."""
    large = moved_bins(*_paired(tables.ref_bins, tables.cur_bins), POLICY).any(-1)
    for name in POLICY.statistics[tables.kind]:
        least = POLICY.thresholds_of(name).drift
        if least is not None:
            large = large | (found[name].effect >= least)
    return np.asarray(large)


def enough(tables: Tables) -> BoolArray:
    """Whether the window has the rows that a verdict asks for, shape (windows,)."""
    filled = np.count_nonzero(tables.ref_bins, axis=-1)
    threshold = POLICY.thresholds_of("psi").drift or 0.2
    pairs = np.stack((filled, tables.n), -1)
    needs, place = np.unique(pairs, axis=0, return_inverse=True)
    least = [minimum_rows(threshold, int(bins), int(rows)) for bins, rows in needs]
    needed = np.array([np.inf if rows is None else rows for rows in least])[place.ravel()]
    return np.asarray(tables.m >= needed)


def judged(columns: Sequence[Tables]) -> tuple[BoolArray, BoolArray]:
    """Judge windows of many columns: shape (windows,) both.

    Returns
    -------
    Which are a verdict of drift, and in which the evidence alone would do, whatever the size of
    the change.
    """
    found = [estimates(one) for one in columns]
    both = list(zip(columns, found, strict=True))
    p = np.stack([np.where(enough(a), p_values(a, b)[EVIDENCE], np.nan) for a, b in both], -1)
    # a comparison with NaN is false: what was not judged has not drifted
    sure = np.stack([adjust_bh(row) for row in p]) <= POLICY.level
    large = np.stack([matters(a, b) for a, b in both], -1)
    return np.asarray((sure & large).any(-1)), np.asarray(sure.any(-1))


def paged(
    ref: IntArray, past: IntArray, looks: IntArray, budget: Budget = BUDGET
) -> tuple[BoolArray, BoolArray]:
    """Follow a quarter's looks with the budget across time.

    Parameters
    ----------
    ref
        Shape (features, B).
    past, looks
        Shape (W, features, B), oldest first: those to learn from, and those to judge.

    Returns
    -------
    Shape (W,) both: looks with evidence for a page, and looks that start an alarm.
    """
    watch = learned(fresh(*ref.shape), past, budget)
    watch = replace(watch, recent=past[-budget.long :])
    _, found = look_many(watch, ref, looks, budget, all_p_values=False)
    return found.paged.any((1, 2)), found.opens
