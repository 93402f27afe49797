"""Times of works that take turns: the fastest and the median of some rounds."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Work = Callable[[np.ndarray], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of some rounds: the undisturbed machine's, and the usual one's."""

    best: float
    median: float

    @classmethod
    def of(cls, times: Sequence[float]) -> "Timing":
        return cls(float(np.min(times)), float(np.median(times)))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def timed(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Time works that take turns, so that a slow moment falls on all of them."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds(work))
    return {name: Timing.of(found) for name, found in times.items()}


def timed_by_column(
    works: Mapping[str, Work], table: Sequence[np.ndarray], rounds: int
) -> dict[str, Timing]:
    """Time works that go over a table: the sum of each column's fastest call, the median round.

    Each work goes over the whole table before the next does, so that none finds in the cache what
    another has just read; the table should be larger than the cache.
    """
    times = {name: np.empty((rounds, len(table))) for name in works}
    for turn in range(rounds):
        for name, work in works.items():
            for place, column in enumerate(table):
                start = time.perf_counter()
                work(column)
                times[name][turn, place] = time.perf_counter() - start
    return {
        name: Timing(float(found.min(axis=0).sum()), float(np.median(found.sum(axis=1))))
        for name, found in times.items()
    }
