"""How often one window's change is found: ours at its nominal level, rivals at a calibrated one."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from benchmarks.scorecard import distances as d
from benchmarks.scorecard import ours
from benchmarks.scorecard.changes import Change
from benchmarks.scorecard.rates import Rate, rate, together
from benchmarks.scorecard.results import PowerRow
from benchmarks.scorecard.streams import Stream, tables
from benchmarks.scorecard.tables import Tables
from drift_core.types import BoolArray, FloatArray

SIZES = ((10_000, 1_000), (10_000, 100))
LEVELS = (0.05, 0.001)
_AT_ONCE = 5_000
_ON_BINS: Mapping[str, Callable[[Tables], FloatArray]] = MappingProxyType({
    "PSI": lambda t: d.psi(t.ref_bins, t.cur_bins),
    "chi-squared": lambda t: d.chi_squared(t.ref_bins, t.cur_bins),
    "Jensen-Shannon": lambda t: d.jensen_shannon(t.ref_bins, t.cur_bins),
})  # fmt: skip
_ON_CELLS: Mapping[str, Callable[[Tables], FloatArray]] = MappingProxyType({
    "K-S": d.kolmogorov_smirnov,
    "Cramér-von Mises": d.cramer_von_mises,
    "Anderson-Darling": d.anderson_darling,
    "Wasserstein": d.wasserstein,
    "Wasserstein of scores": d.wasserstein_of_scores,
})  # fmt: skip


def power_row(
    stream: Stream, change: Change, n: int, m: int, runs: int, seed: Sequence[int]
) -> PowerRow:
    """Simulate a change, and as many windows again four times over without it to calibrate on."""
    rng = np.random.default_rng(seed)
    null: dict[str, list[FloatArray]] = {}
    for _ in range(0, 4 * runs, _AT_ONCE):
        for name, value in _rivals(tables(stream, n, m, min(_AT_ONCE, 4 * runs), rng)).items():
            null.setdefault(name, []).append(value)
    limits = {name: np.quantile(np.concatenate(values), [1 - level for level in LEVELS])
              for name, values in null.items()}  # fmt: skip
    ours_found: dict[str, list[tuple[Rate, Rate]]] = {}
    found: dict[str, list[tuple[Rate, Rate]]] = {}
    for _ in range(0, runs, _AT_ONCE):
        drawn = tables(stream, n, m, min(_AT_ONCE, runs), rng, change)
        for name, value in _rivals(drawn).items():
            found.setdefault(name, []).append(
                _pair(value > limits[name][0], value > limits[name][1])
            )
        for name, p in ours.all_p_values(drawn).items():
            ours_found.setdefault(name, []).append(_pair(p <= LEVELS[0], p <= LEVELS[1]))
    return PowerRow(stream.name, change.name, n, m, _pooled(ours_found), _pooled(found))


def _rivals(drawn: Tables) -> dict[str, FloatArray]:
    rivals = {name: distance(drawn) for name, distance in _ON_BINS.items()}
    if drawn.kind == "numeric":
        rivals |= {name: distance(drawn) for name, distance in _ON_CELLS.items()}
    return rivals


def _pair(first: BoolArray, second: BoolArray) -> tuple[Rate, Rate]:
    return rate(first), rate(second)


def _pooled(found: Mapping[str, list[tuple[Rate, Rate]]]) -> dict[str, tuple[Rate, Rate]]:
    return {
        name: (together([a for a, _ in pairs]), together([b for _, b in pairs]))
        for name, pairs in found.items()
    }


def best_rival(row: PowerRow, at: int) -> tuple[str, Rate]:
    """Name the rival that finds the change most often at one of the levels."""
    name = max(row.rivals, key=lambda rival: row.rivals[rival][at].hits)
    return name, row.rivals[name][at]
