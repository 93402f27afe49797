"""The same rates once more from raw values, through what a stranger imports: no short cut."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from benchmarks.scorecard.rates import rate
from benchmarks.scorecard.results import PublicRow
from drift_core import Kind, State, judge, reference

CASES = (
    ("continuous", 10_000, 1_000), ("continuous", 1_000, 200), ("70 % zeros", 10_000, 1_000),
    ("1,000 levels", 10_000, 10_000),
)  # fmt: skip
_ZIPF = 1 / np.arange(1, 1_001)
_NAMES = np.array([f"level {k}" for k in range(1, 1_001)])


def _normal(rng: np.random.Generator, rows: int) -> object:
    return rng.normal(size=rows)


def _zeros(rng: np.random.Generator, rows: int) -> object:
    return np.where(rng.random(rows) < 0.7, 0.0, rng.exponential(size=rows))


def _levels(rng: np.random.Generator, rows: int) -> object:
    return rng.choice(_NAMES, rows, p=_ZIPF / _ZIPF.sum()).tolist()


_VALUES: Mapping[str, tuple[Kind, Callable[[np.random.Generator, int], object]]] = MappingProxyType(
    {
        "continuous": ("numeric", _normal),
        "70 % zeros": ("numeric", _zeros),
        "1,000 levels": ("categorical", _levels),
    }
)


def public_row(stream: str, n: int, m: int, runs: int, seed: Sequence[int]) -> PublicRow:
    """Build grids, count and judge windows without drift."""
    rng = np.random.default_rng(seed)
    kind, values = _VALUES[stream]
    p, drift = [], []
    for _ in range(runs):
        grid, ref = reference(values(rng, n), kind, key=rng.bytes(8))
        found = judge({"x": ref}, {"x": grid.count(values(rng, m))})
        p.append(found.features["x"].p_value)
        drift.append(found.state is State.DRIFT)
    known = np.array([np.nan if value is None else value for value in p])
    return PublicRow(stream, n, m, rate(known <= 0.05), rate(np.array(drift)))
