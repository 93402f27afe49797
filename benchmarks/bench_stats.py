"""How fast a whole verdict is, as ratios to the loop that anyone would write with scipy.

Run ``python benchmarks/bench_stats.py [rows] [columns]``: half of the columns are numeric, half
categorical as dictionary codes. The second part judges many features from stored counts.
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from scipy import stats

from drift_core import Counts, Grid, State, judge, reference, warm_up

ROUNDS = 3
LEVELS = 20
FEATURES = 1_000


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


class Table:
    """A reference and a window of the same law, with the baseline stored beforehand."""

    def __init__(self, rows: int, columns: int) -> None:
        rng = np.random.default_rng(1)
        self.names = [f"level {i}" for i in range(LEVELS)]
        self.numbers = rng.normal(size=(2, columns // 2, rows))
        self.codes = rng.integers(0, LEVELS, (2, columns - columns // 2, rows)).astype(np.int32)
        self.ref: dict[str, Counts] = {}
        for i, column in enumerate(self.numbers[0]):
            self.ref[f"n{i}"] = reference(column, "numeric")[1]
        for i, codes in enumerate(self.codes[0]):
            # a small part of the column stands for the pilot
            grid = Grid.categorical([self.names[code] for code in codes[:5_000]])
            self.ref[f"c{i}"] = grid.count_codes(codes[5_000:], self.names)
        self.bins = {name: counts.grid.bins(counts) for name, counts in self.ref.items()}

    def verdict(self) -> State:
        cur = {f"n{i}": self.ref[f"n{i}"].grid.count(c) for i, c in enumerate(self.numbers[1])}
        for i, codes in enumerate(self.codes[1]):
            cur[f"c{i}"] = self.ref[f"c{i}"].grid.count_codes(codes, self.names)
        return judge(self.ref, cur, bins=self.bins).state

    def scipy_loop(self) -> list[float]:
        found = [
            stats.ks_2samp(ref, cur, method="asymp").pvalue
            for ref, cur in zip(*self.numbers, strict=True)
        ]
        for ref, cur in zip(*self.codes, strict=True):
            table = [np.bincount(side, minlength=LEVELS) for side in (ref, cur)]
            found.append(stats.chi2_contingency(table, correction=False).pvalue)
        return found


def judge_many() -> None:
    rng = np.random.default_rng(2)
    ref, cur = {}, {}
    for i in range(FEATURES):
        values = rng.normal(size=2_000) if i % 2 else rng.poisson(3, 2_000)
        grid = Grid.numeric(values, max_cells=256)
        ref[f"f{i}"], cur[f"f{i}"] = grid.count(values), grid.count(values[:1_000])
    bins = {name: counts.grid.bins(counts) for name, counts in ref.items()}
    first = median(lambda: judge(ref, cur, bins=bins), 1)
    again = median(lambda: judge(ref, cur, bins=bins))
    print(f"judging {FEATURES} features from stored counts: {first * 1e3:.0f} ms the first time,")
    print(f"  {again * 1e3:.0f} ms once the bridges are tabulated")


def main() -> None:
    rows, columns = (int(given) for given in (sys.argv[1:] + ["200000", "20"][len(sys.argv) - 1 :]))
    warm_up()
    table = Table(rows, columns)
    ours, theirs = median(table.verdict), median(table.scipy_loop, 1)
    print(f"{rows:,} rows x {columns} columns against a stored baseline, one thread")
    print(f"  whole verdict {ours * 1e3:.0f} ms, {theirs / ours:.0f} x as fast as the scipy loop")
    judge_many()


if __name__ == "__main__":
    main()
