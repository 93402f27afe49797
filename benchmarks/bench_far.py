"""How fast counting is over knots that no single map parts: far clusters, poles, odd floats.

Run ``python benchmarks/bench_far.py [rows]``. Prints passes of ``np.sum`` over float64 values that
no cache holds; times are processor times of one thread, the fastest of some rounds.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from drift_core import Grid, NumericGrid, warm_up
from drift_core.types import AnyArray

ROUNDS = 7
KNOTS = (256, 1_024, 2_000)
Draw = Callable[[np.random.Generator, int], AnyArray]


def clusters(*at: float) -> Draw:
    return lambda rng, n: np.array(at)[rng.integers(0, len(at), n)] + 1e-3 * rng.normal(size=n)


def bursts(rng: np.random.Generator, n: int) -> AnyArray:
    return 1.7e9 + 86_400 * rng.integers(0, 30, n) + 60 * rng.normal(size=n)


def nested(rng: np.random.Generator, n: int) -> AnyArray:
    return (rng.integers(0, 2, (n, 12)) * 1000.0 ** -np.arange(1.0, 13.0)).sum(axis=1)


SHAPES: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "clusters 0.001 wide at 0 and 1e12": clusters(0.0, 1e12),
    "clusters at 0 and 1e9": clusters(0.0, 1e9),
    "five clusters, up to 1e9": clusters(0.0, 1e3, 1e6, -1e4, 1e9),
    "twenty clusters, 100,000 apart": clusters(*np.arange(-10, 10) * 1e5),
    "beta(0.2, 0.2), poles at both ends": lambda rng, n: rng.beta(0.2, 0.2, n),
    "beta(0.05, 0.05)": lambda rng, n: rng.beta(0.05, 0.05, n),
    "probabilities, logits eight wide": lambda rng, n: 1 / (1 + np.exp(-8 * rng.normal(size=n))),
    "seven clusters, 1 to 1e6": lambda rng, n: (
        10.0 ** rng.integers(0, 7, n) * (1 + 1e-4 * rng.normal(size=n))
    ),
    "times, a burst a day for thirty days": bursts,
    "subnormal numbers": lambda rng, n: rng.normal(size=n) * 1e-310,
    "integers from 1e15 on": lambda rng, n: 1e15 + rng.integers(0, 2_000, n).astype(np.float64),
    "clusters of clusters, twelve deep": nested,
}


def fastest(work: Callable[[], object]) -> float:
    found = float("inf")
    for _ in range(ROUNDS):
        start = time.thread_time()
        work()
        found = min(found, time.thread_time() - start)
    return found


def grids_of(sample: AnyArray) -> list[NumericGrid]:
    """Our own grid, and quantiles as someone else would choose them."""
    found = [Grid.numeric(sample)]
    for knots in KNOTS:
        places = np.unique(np.quantile(sample, np.linspace(0, 1, knots)))
        found.append(NumericGrid(places, np.zeros(places.size, np.bool_)))
    return found


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000
    warm_up()
    whole = np.random.default_rng(0).normal(size=10_000_000)
    print(f"{rows:,} rows; x np.sum: {'our grid':>24}" + "".join(f"{knots:>8,}" for knots in KNOTS))
    for name, draw in SHAPES.items():
        column = draw(np.random.default_rng(1), rows)
        base = fastest(whole.sum) / whole.size
        ratios = [
            fastest(lambda g=grid, c=column: g.count(c)) / rows / base
            for grid in grids_of(column[:100_000])
        ]
        print(f"  {name:<40}" + "".join(f"{ratio:8.1f}" for ratio in ratios), flush=True)


if __name__ == "__main__":
    main()
