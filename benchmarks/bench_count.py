"""How fast counting is, as ratios to passes over the same data in the same process.

Run ``python benchmarks/bench_count.py [rows] [columns]``. Ratios, not times, can be compared
between machines; nothing fails when one is poor.
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from drift_core import Grid, NumericGrid, warm_up

ROUNDS = 5
LEVELS = 40


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(**works: Callable[[], object]) -> dict[str, float]:
    """Run the works in turn, so that a slow moment of the machine falls on all of them."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times[name].append(seconds(work))
    return {name: statistics.median(found) for name, found in times.items()}


def tally_by_search(grid: NumericGrid, column: np.ndarray) -> np.ndarray:
    edges = grid.edges(column.dtype.type)
    return np.bincount(np.searchsorted(edges, column, side="right"), minlength=edges.size + 1)


def numeric(rows: int, columns: int, dtype: type) -> None:
    table = np.random.default_rng(1).normal(size=(columns, rows)).astype(dtype)
    grids = [Grid.numeric(column[:20_000]) for column in table]
    for grid, column in zip(grids, table, strict=True):
        if not np.array_equal(grid.count(column).values, tally_by_search(grid, column)):
            raise SystemExit("counting disagrees with np.searchsorted")
    pairs = list(zip(grids, table, strict=True))
    found = medians(
        count=lambda: [grid.count(column) for grid, column in pairs],
        search=lambda: [tally_by_search(grid, column) for grid, column in pairs],
        sum=lambda: [column.sum() for column in table],
    )
    each = found["count"] / table.size * 1e9
    print(f"{np.dtype(dtype)}, {grids[0].size} cells: {each:.2f} ns a value")
    print(f"  {found['count'] / found['sum']:6.1f} x one np.sum pass")
    print(f"  {found['search'] / found['count']:6.1f} x as fast as np.searchsorted")


def categorical(rows: int, columns: int) -> None:
    rng = np.random.default_rng(2)
    names = [f"level {i}" for i in range(LEVELS)]
    grid = Grid.categorical([names[i] for i in rng.integers(0, LEVELS, 5_000)])
    table = rng.integers(0, LEVELS, (columns, rows)).astype(np.int32)
    texts = [names[i] for i in table[0]]
    found = medians(
        codes=lambda: [grid.count_codes(codes, names) for codes in table],
        sum=lambda: [codes.sum() for codes in table],
        texts=lambda: grid.count(texts),
    )
    print(f"dictionary codes: {found['codes'] / table.size * 1e9:.2f} ns a value")
    print(f"  {found['codes'] / found['sum']:6.1f} x one np.sum pass over the codes")
    print(f"python texts: {found['texts'] / rows * 1e9:.1f} ns a value")


def main() -> None:
    rows, columns = (int(given) for given in (sys.argv[1:] + ["200000", "20"][len(sys.argv) - 1 :]))
    warm_up()
    print(f"{rows:,} rows x {columns} columns, medians of {ROUNDS} rounds, one thread")
    numeric(rows, columns, np.float64)
    numeric(rows, columns, np.float32)
    categorical(rows, columns)


if __name__ == "__main__":
    main()
