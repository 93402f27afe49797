"""What the benchmarks share: times of works that take turns, and tables of ratios."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

Work = Callable[[np.ndarray], object]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Fastest of some rounds; the works take turns, so that a slow moment falls on all of them."""
    times = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            times[name] = min(times[name], seconds(work))
    return times


def best_by_column(
    works: Mapping[str, Work], table: Sequence[np.ndarray], rounds: int
) -> dict[str, float]:
    """Sum over columns of each one's fastest call: what an undisturbed machine would take.

    Each work goes over the whole table before the next does, so that none finds in the cache what
    another has just read; the table should be larger than the cache.
    """
    times = {name: np.full(len(table), np.inf) for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            for place, column in enumerate(table):
                start = time.perf_counter()
                work(column)
                times[name][place] = min(times[name][place], time.perf_counter() - start)
    return {name: float(found.sum()) for name, found in times.items()}


def ratios(title: str, found: Mapping[str, float], values: int, base: str = "np.sum") -> None:
    """Print times a value and in passes of the base."""
    print(f"\n{title}")
    for name, time_ in found.items():
        each = time_ / values * 1e9
        print(f"  {name:<42}{each:8.2f} ns a value {time_ / found[base]:9.2f} x {base}")
