"""p-values without drift: at 5 % over shapes and sizes, and far out over a few of them."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.scorecard import distances, others, ours
from benchmarks.scorecard.levels import Levels
from benchmarks.scorecard.rates import Rate, rate, together
from benchmarks.scorecard.results import NullRow, TailRow
from benchmarks.scorecard.streams import (
    BERNOULLI,
    CONTINUOUS,
    FIVE,
    MISSING,
    POISSON,
    STREAMS,
    ZEROS_70,
    ZEROS_98,
    Stream,
    tables,
)
from benchmarks.scorecard.tables import Tables
from drift_core.types import FloatArray

SIZES = (
    (500, 50), (1_000, 100), (1_000, 10_000), (10_000, 50), (10_000, 1_000), (10_000, 100_000),
    (100_000, 100_000), (1_000_000, 1_000_000),
)  # fmt: skip
LEVELS = (1e-2, 1e-3, 1e-4, 1e-5)
TAILS = (
    (CONTINUOUS, 1_000, 10_000), (CONTINUOUS, 10_000, 100), (CONTINUOUS, 10_000, 1_000),
    (ZEROS_70, 10_000, 1_000), (ZEROS_98, 10_000, 1_000), (BERNOULLI, 10_000, 100),
    (BERNOULLI, 10_000, 1_000), (POISSON, 10_000, 1_000), (FIVE, 10_000, 1_000),
    (MISSING, 10_000, 100), (POISSON, 10_000, 100), (FIVE, 10_000, 50),
)  # fmt: skip
_AT_ONCE = 10_000
MISTAKE = "goodness of fit"
TEXTBOOK = "textbook K-S"


def null_rows(stream: Stream, n: int, m: int, runs: int, seed: Sequence[int]) -> NullRow:
    """Simulate one column without drift."""
    rng, parts = np.random.default_rng(seed), []
    expected = np.inf
    for _ in range(0, runs, _AT_ONCE):
        drawn = tables(stream, n, m, min(_AT_ONCE, runs), rng)
        parts.append(_rates(drawn))
        expected = min(expected, _expected(drawn))
    rates = {
        name: together([part[name] for part in parts if name in part]) for name in _names(parts)
    }
    return NullRow(stream.name, n, m, expected, rates)


def _rates(drawn: Tables) -> dict[str, Rate]:
    found = ours.all_p_values(drawn)
    # what two common mistakes come to, on the same counts
    found[MISTAKE] = others.goodness_of_fit_p(drawn.ref_bins, drawn.cur_bins)
    if drawn.kind == "numeric":
        found[TEXTBOOK] = distances.textbook_ks_p(drawn)
    return {name: _rejects(p, 0.05) for name, p in found.items()}


def _rejects(p: FloatArray, level: float) -> Rate:
    # of the windows in which there is such evidence
    return rate(p[~np.isnan(p)] <= level)


def _expected(drawn: Tables) -> float:
    # of the typical run; bins that the typical run does not have take no part
    share = np.median(distances.shares(drawn.ref_bins), axis=0)
    return float(share[share > 0].min() * min(drawn.n.min(), drawn.m.min()))


def tail_rows(stream: Stream, n: int, m: int, runs: int, seed: Sequence[int]) -> TailRow:
    """Count how often p-values of one column without drift lie below small levels."""
    rng, parts = np.random.default_rng(seed), []
    for _ in range(0, runs, _AT_ONCE):
        drawn = tables(stream, n, m, min(_AT_ONCE, runs), rng)
        found = ours.all_p_values(drawn)
        parts.append({
            name: {level: _rejects(p, level) for level in LEVELS} for name, p in found.items()
        })  # fmt: skip
    return TailRow(stream.name, n, m, _added(parts))


def add_tails(rows: Sequence[TailRow]) -> TailRow:
    """Pool rows of one column that were simulated apart."""
    return TailRow(rows[0].stream, rows[0].n, rows[0].m, _added([row.rates for row in rows]))


def _added(parts: Sequence[Mapping[str, Mapping[float, Rate]]]) -> dict[str, dict[float, Rate]]:
    return {
        name: {
            level: together([part[name][level] for part in parts if name in part])
            for level in LEVELS
        }
        for name in _names(parts)
    }


def _names(parts: Sequence[Mapping[str, object]]) -> list[str]:
    # a piece that no window of a part has is not in it
    return sorted({name for part in parts for name in part})


def null_jobs() -> tuple[tuple[Stream, int, int], ...]:
    """Return every column and size; the rows of many levels are few enough to be drawn whole."""
    return tuple(
        (stream, n, m)
        for stream in STREAMS
        for n, m in SIZES
        if not (isinstance(stream, Levels) and n < 1_000)
    )
