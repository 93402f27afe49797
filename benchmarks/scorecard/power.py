"""How often one window's change is found: ours at its nominal level, rivals at a calibrated one."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from benchmarks.scorecard import distances as d
from benchmarks.scorecard import ours
from benchmarks.scorecard.changes import Change
from benchmarks.scorecard.rates import Rate, rate
from benchmarks.scorecard.results import Gap, PowerRow
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
        _gather(null, _rivals(tables(stream, n, m, min(_AT_ONCE, 4 * runs), rng)))
    found: dict[str, list[FloatArray]] = {}
    own: dict[str, list[FloatArray]] = {}
    for _ in range(0, runs, _AT_ONCE):
        drawn = tables(stream, n, m, min(_AT_ONCE, runs), rng, change)
        _gather(found, _rivals(drawn))
        _gather(own, ours.all_p_values(drawn))
    ours_p = {name: np.concatenate(parts) for name, parts in own.items()}
    judged = [ours_p[ours.EVIDENCE] <= level for level in LEVELS]
    rivals, gaps = {}, {}
    for name, parts in found.items():
        values, calm = np.concatenate(parts), np.concatenate(null[name])
        rivals[name] = _pair(*(values > np.quantile(calm, 1 - level) for level in LEVELS))
        gaps[name] = (
            _gap(judged[0], values, calm, LEVELS[0]),
            _gap(judged[1], values, calm, LEVELS[1]),
        )
    pieces = {name: _pair(*(p <= level for level in LEVELS)) for name, p in ours_p.items()}
    return PowerRow(stream.name, change.name, n, m, pieces, rivals, gaps)


def _gather(kept: dict[str, list[FloatArray]], found: Mapping[str, FloatArray]) -> None:
    for name, values in found.items():
        kept.setdefault(name, []).append(values)


def _gap(judged: BoolArray, values: FloatArray, calm: FloatArray, level: float) -> Gap:
    """Compare on the same windows; the rival's threshold is an estimate too."""
    off = 2 * np.sqrt(level * (1 - level) / calm.size)
    least, limit, most = np.quantile(calm, 1 - np.clip([level + off, level, level - off], 0, 1))
    ahead = judged.astype(np.float64) - (values > limit)
    paired = 2 * float(ahead.std()) / np.sqrt(ahead.size)
    calibrated = float(((values > least).mean() - (values > most).mean()) / 2)
    return Gap(float(ahead.mean()), float(np.hypot(paired, calibrated)))


def _rivals(drawn: Tables) -> dict[str, FloatArray]:
    rivals = {name: distance(drawn) for name, distance in _ON_BINS.items()}
    if drawn.kind == "numeric":
        rivals |= {name: distance(drawn) for name, distance in _ON_CELLS.items()}
    return rivals


def _pair(first: BoolArray, second: BoolArray) -> tuple[Rate, Rate]:
    return rate(first), rate(second)


def best_rival(row: PowerRow, at: int) -> tuple[str, Rate]:
    """Name the rival that finds the change most often at one of the levels."""
    name = max(row.rivals, key=lambda rival: row.rivals[rival][at].hits)
    return name, row.rivals[name][at]
