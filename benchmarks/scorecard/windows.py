"""Verdicts on windows of twenty columns, beside other tools' rules on the same counts."""

from collections.abc import Sequence

import numpy as np

from benchmarks.scorecard import others, ours
from benchmarks.scorecard.changes import NONE, Change
from benchmarks.scorecard.rates import Rate, rate, together
from benchmarks.scorecard.results import WindowRow
from benchmarks.scorecard.streams import (
    BERNOULLI,
    CONTINUOUS,
    FEWER_ZEROS,
    MORE_MISSING,
    NEW_LEVEL,
    POISSON,
    SHIFT_2,
    SHIFT_5,
    SOME_MISSING,
    TWENTY,
    ZEROS_98,
    Stream,
    tables,
)

COLUMNS: tuple[Stream, ...] = (
    *(CONTINUOUS,) * 10, *(SOME_MISSING,) * 2, *(ZEROS_98,) * 2, *(BERNOULLI,) * 2,
    *(POISSON,) * 2, *(TWENTY,) * 2,
)  # fmt: skip
NULL_SIZES = ((1_000, 100), (1_000, 1_000), (10_000, 1_000), (10_000, 10_000), (100_000, 10_000))
CASES: tuple[tuple[Change, Stream | None, int, int], ...] = (
    *((NONE, None, n, m) for n, m in NULL_SIZES),
    (SHIFT_2, CONTINUOUS, 10_000, 1_000), (SHIFT_5, CONTINUOUS, 10_000, 1_000),
    (MORE_MISSING, SOME_MISSING, 10_000, 1_000), (FEWER_ZEROS, ZEROS_98, 10_000, 1_000),
    (NEW_LEVEL, TWENTY, 10_000, 1_000),
)  # fmt: skip
VERDICT = "Leeway: verdict"
EVIDENCE = "its evidence alone, whatever the size"
_AT_ONCE = 500


def window_row(
    change: Change, changed: Stream | None, n: int, m: int, runs: int, seed: Sequence[int]
) -> WindowRow:
    """Simulate windows, each beside a reference of its own, in which at most one column changes."""
    rng = np.random.default_rng(seed)
    at = None if changed is None else COLUMNS.index(changed)
    some = min(_AT_ONCE, runs)
    parts = [_rates(at, change, n, m, some, rng) for _ in range(0, runs, _AT_ONCE)]
    rates = {name: together([part[name] for part in parts]) for name in parts[0]}
    return WindowRow(change.name, n, m, rates)


def _rates(
    at: int | None, change: Change, n: int, m: int, runs: int, rng: np.random.Generator
) -> dict[str, Rate]:
    columns = [
        tables(stream, n, m, runs, rng, change if place == at else NONE)
        for place, stream in enumerate(COLUMNS)
    ]
    drift, significant = ours.judged(columns)
    found = {VERDICT: rate(drift), EVIDENCE: rate(significant)}
    for name, rule in others.ANY.items():
        drifted = np.stack([rule(column, rng) for column in columns], -1)
        found[name] = rate(drifted.any(-1))
        if name == others.HALF:
            found[f"{name}, half of the columns"] = rate(drifted.mean(-1) >= 0.5)
    return found
