"""Pages in simulated quarters: ours with the budget across time, and hourly rules of others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from benchmarks.scorecard import others, ours
from benchmarks.scorecard.rates import Rate, rate
from benchmarks.scorecard.results import Pages, QuarterRow
from benchmarks.scorecard.streams import (
    FEWER_ZEROS,
    MORE_MISSING,
    NEW_LEVEL,
    SHIFT_2,
    SHIFT_5,
    SHIFT_10,
)
from benchmarks.scorecard.tables import Tables
from benchmarks.scorecard.traffic import (
    DAY,
    INDEPENDENT,
    REPEATED,
    WANDERING,
    Happening,
    Traffic,
    hours_of,
    stacked,
)
from drift_core.types import BoolArray

N, M = 10_000, 1_000
QUARTER = ours.BUDGET.looks
LEARN = ours.BUDGET.learn
START = 720
"""Hour of the quarter in which a change sets in."""
BUDGET = "Leeway: budget across time"
HOURLY = "Leeway: verdict of each hour"
EVIDENCE = "its evidence alone, whatever the size"
CHANGES = (
    Happening(SHIFT_2, 0, START), Happening(SHIFT_5, 0, START), Happening(SHIFT_10, 0, START),
    Happening(FEWER_ZEROS, 1, START), Happening(NEW_LEVEL, 4, START),
    Happening(MORE_MISSING, 5, START),
)  # fmt: skip
CHANGED = (INDEPENDENT, REPEATED, WANDERING)
"""Traffic in which the changes are looked for."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """One rule in one quarter: pages and hours in alarm before a change, and its delay."""

    pages: int
    alarm: float
    delay: int | None


def quarters(
    traffic: Traffic, happening: Happening | None, count: int, hourly: int, seed: Sequence[int]
) -> dict[str, list[Quarter]]:
    """Simulate quarters, each with a reference and a learning period of its own.

    In the first `hourly` of them other tools' rules, and our verdict, are asked at every hour.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[Quarter]] = {}
    for at in range(count):
        for name, quarter in _quarter(traffic, happening, at < hourly, rng).items():
            found.setdefault(name, []).append(quarter)
    return found


def _quarter(
    traffic: Traffic, happening: Happening | None, hourly: bool, rng: np.random.Generator
) -> dict[str, Quarter]:
    start = QUARTER if happening is None else happening.start
    what = happening or Happening(start=QUARTER)
    what = replace(what, start=LEARN + what.start)
    columns = hours_of(traffic, what, N, M, LEARN + QUARTER, rng)
    ref = stacked([column.ref_bins for column in columns])[0]
    looks = stacked([column.cur_bins for column in columns])
    paged, opens = ours.paged(ref, looks[:LEARN], looks[LEARN:])
    found = {BUDGET: _summary(paged, opens, start, ours.BUDGET.resolve)}
    if not hourly:
        return found
    judged = [_hours(column, LEARN) for column in columns]
    for name, alarm in _hourly(judged, rng).items():
        found[name] = _summary(alarm, _begins(alarm), start, 1)
    return found


def _hours(column: Tables, first: int) -> Tables:
    return replace(column, cur=column.cur[first:], cur_bins=column.cur_bins[first:])


def _hourly(columns: Sequence[Tables], rng: np.random.Generator) -> dict[str, BoolArray]:
    drift, significant = ours.judged(columns)
    found = {HOURLY: drift, EVIDENCE: significant}
    for name, rule in others.ANY.items():
        drifted = np.stack([rule(column, rng) for column in columns], -1)
        found[name] = np.asarray(drifted.any(-1))
        if name == others.HALF:
            found[f"{name}, half of the columns"] = drifted.mean(-1) >= 0.5
    return found


def _begins(alarm: BoolArray) -> BoolArray:
    return np.asarray(alarm & ~np.concatenate(([False], alarm[:-1])))


def _summary(alarm: BoolArray, opens: BoolArray, start: int, resolve: int) -> Quarter:
    on = np.convolve(alarm, np.ones(resolve))[: alarm.size] > 0
    later = np.flatnonzero(alarm[start:])
    delay = int(later[0]) + 1 if later.size else None
    return Quarter(int(opens[:start].sum()), float(on[:start].mean()), delay)


def quarter_row(
    traffic: Traffic, happening: Happening | None, found: dict[str, list[Quarter]]
) -> QuarterRow:
    """Summarise quarters of one kind, perhaps simulated apart."""
    rules = {name: _pages(quarters, happening) for name, quarters in found.items()}
    change = "none" if happening is None else happening.change.name
    return QuarterRow(traffic.name, change, N, M, rules)


def _pages(quarters: list[Quarter], happening: Happening | None) -> Pages:
    within = rate(np.array([one.pages <= ours.BUDGET.pages for one in quarters]))
    pages = float(np.mean([one.pages for one in quarters]))
    hours = float(np.mean([one.alarm for one in quarters]))
    if happening is None:
        return Pages(within, pages, hours)
    delays = [one.delay for one in quarters if one.delay is not None]
    found = Rate(len(delays), len(quarters))
    soon = Rate(sum(delay <= DAY for delay in delays), len(quarters))
    return Pages(within, pages, hours, found, soon, float(median(delays)) if delays else None)
