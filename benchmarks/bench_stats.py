"""How fast a whole verdict is, as ratios to what anyone would write with other tools.

Run ``python benchmarks/bench_stats.py [rows] [columns]``: half of the columns are numeric, half
categorical as dictionary codes. Then many features are judged from stored counts, and importing
and warming up are timed, with the memory they take. DuckDB takes part where it is installed.
"""

import resource
import subprocess
import sys
import time
from importlib.util import find_spec

import numpy as np
import polars as pl
from clock import best
from scipy import stats

from drift_core import (
    STATISTICS,
    Column,
    Counts,
    Grid,
    GridSet,
    State,
    count_table,
    judge,
    reference,
    warm_up,
)
from drift_core.calibration import bins_p_value
from drift_core.stats import Axis

LEVELS = 20
FEATURES = 1_000
WINDOWS = 100
CELLS = 256


class Table:
    """A reference and a window of the same law, with the baseline stored beforehand."""

    def __init__(self, rows: int, columns: int) -> None:
        rng = np.random.default_rng(1)
        self.names = tuple(f"level {i}" for i in range(LEVELS))
        self.numbers = rng.normal(size=(2, columns // 2, rows))
        self.codes = rng.integers(0, LEVELS, (2, columns - columns // 2, rows)).astype(np.int32)
        self.ref: dict[str, Counts] = {}
        for i, column in enumerate(self.numbers[0]):
            self.ref[f"n{i}"] = reference(column, "numeric")[1]
        for i, codes in enumerate(self.codes[0]):
            # a small part of the column stands for the pilot
            grid = Grid.categorical([self.names[code] for code in codes[:5_000]])
            self.ref[f"c{i}"] = grid.count_codes(codes[5_000:], self.names)
        self.grids = GridSet(tuple((name, counts.grid) for name, counts in self.ref.items()))
        self.bins = {name: counts.grid.bins(counts) for name, counts in self.ref.items()}
        self.columns = {f"n{i}": Column(c) for i, c in enumerate(self.numbers[1])}
        self.columns |= {f"c{i}": Column(c, self.names) for i, c in enumerate(self.codes[1])}
        self.frames = [self._frame(side) for side in (0, 1)]
        self.deciles = [
            np.quantile(column, np.linspace(0, 1, 11)[1:-1]).tolist() for column in self.numbers[0]
        ]

    def _frame(self, side: int) -> pl.DataFrame:
        levels = pl.Series(self.names, dtype=pl.Enum(self.names))
        numbers = {f"n{i}": column for i, column in enumerate(self.numbers[side])}
        codes = {f"c{i}": levels.gather(codes) for i, codes in enumerate(self.codes[side])}
        return pl.DataFrame(numbers | codes)

    def verdict(self) -> State:
        cur = self.grids.split(count_table(self.grids, self.columns))
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

    def polars_psi(self) -> list[float]:
        """PSI of both sides by cut and value_counts, the edges known beforehand."""
        found = []
        for name in self.frames[0].columns:
            sides = []
            for frame in self.frames:
                column = frame[name]
                if name.startswith("n"):
                    column = column.cut(self.deciles[int(name[1:])])
                sides.append(dict(column.value_counts().iter_rows()))
            found.append(psi(*sides))
        return found


def psi(ref: dict[object, int], cur: dict[object, int]) -> float:
    levels = sorted({*ref, *cur}, key=str)
    p, q = (np.array([side.get(level, 0) + 0.5 for level in levels]) for side in (ref, cur))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def duckdb_psi(table: Table) -> dict[str, object]:
    """Offer PSI in SQL, one query a table, where DuckDB is installed."""
    if find_spec("duckdb") is None:
        print("duckdb is not installed: left out")
        return {}
    import duckdb  # noqa: PLC0415

    connection = duckdb.connect()
    for side, frame in zip(("ref", "cur"), table.frames, strict=True):
        connection.register(f"{side}_given", frame.to_arrow())
        connection.execute(f"create table {side} as from {side}_given")

    def bucket(name: str) -> str:
        if name.startswith("c"):
            return name
        edges = table.deciles[int(name[1:])]
        cases = " ".join(f"when {name} <= {edge!r} then {i}" for i, edge in enumerate(edges))
        return f"case {cases} else {len(edges)} end"

    def work() -> list[float]:
        found = []
        for name in table.frames[0].columns:
            sides = []
            for side in ("ref", "cur"):
                query = f"select {bucket(name)} b, count(*) from {side} group by b"  # noqa: S608
                sides.append(dict(connection.execute(query).fetchall()))
            found.append(psi(*sides))
        return found

    return {"DuckDB's PSI": work}


def verdicts(rows: int, columns: int) -> None:
    table = Table(rows, columns)
    others = {"Polars' PSI": table.polars_psi} | duckdb_psi(table)
    found = best({"whole verdict": table.verdict}, 7) | best(others, 3)
    found |= best({"the scipy loop": table.scipy_loop}, 1)
    print(f"{rows:,} rows x {columns} columns against a stored baseline")
    for name, seconds in found.items():
        ratio = seconds / found["whole verdict"]
        print(f"  {name:<40}{seconds * 1e3:10.1f} ms {ratio:8.1f} x the verdict")


def judge_many() -> None:
    rng = np.random.default_rng(2)
    ref, cur = {}, {}
    for i in range(FEATURES):
        values = rng.normal(size=20_000) if i % 2 else rng.poisson(3, 2_000)
        grid = Grid.numeric(values, max_cells=CELLS)
        ref[f"f{i}"], cur[f"f{i}"] = grid.count(values), grid.count(values[:1_000])
    bins = {name: counts.grid.bins(counts) for name, counts in ref.items()}
    start = time.perf_counter()
    judge(ref, cur, bins=bins)
    first = time.perf_counter() - start
    again = best({"judge": lambda: judge(ref, cur, bins=bins)}, 5)["judge"]
    print(f"\njudging {FEATURES:,} features of up to {CELLS} cells from stored counts")
    print(f"  one window, first                       {first * 1e3:10.1f} ms")
    print(f"  one window, bridges tabulated           {again * 1e3:10.1f} ms")
    print(f"  {WINDOWS} windows, one after another    {again * WINDOWS * 1e3:14.1f} ms")


def evaluate_many() -> None:
    """Statistics alone, all windows of some features in one array: memory stays bounded."""
    rng = np.random.default_rng(3)
    ref = rng.poisson(400, (FEATURES, CELLS))
    cur = rng.poisson(40, (FEATURES, WINDOWS, CELLS))
    axis = Axis(np.zeros(CELLS, np.bool_))

    def work() -> None:
        for at in range(FEATURES):
            wide = np.broadcast_to(ref[at], cur[at].shape)
            STATISTICS["ks"].evaluate(wide, cur[at], axis)
            few = (wide[:, :250].reshape(WINDOWS, 10, 25).sum(-1), cur[at, :, :250])
            bins = (few[0], few[1].reshape(WINDOWS, 10, 25).sum(-1))
            STATISTICS["psi"].evaluate(*bins, Axis())
            bins_p_value(*bins)

    work()
    found = best({"all": work}, 2)["all"]
    print(
        f"  KS, PSI and p-values of {FEATURES * WINDOWS:,} pairs, as arrays {found * 1e3:8.1f} ms"
    )


def starting() -> None:
    code = (
        "import time, resource; a = time.perf_counter(); import numpy, scipy.special, numba\n"
        "b = time.perf_counter(); import drift_core; c = time.perf_counter()\n"
        "drift_core.warm_up(); d = time.perf_counter()\n"
        "m = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(b - a, c - b, d - c, m)"
    )
    runs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        runs.append([float(text) for text in done.stdout.split()])
    others, core, warm, memory = min(runs, key=sum)
    print("\na fresh process, kernels in the cache")
    print(f"  numpy, scipy.special and numba          {others * 1e3:10.1f} ms")
    print(f"  drift_core                              {core * 1e3:10.1f} ms")
    print(f"  warm_up                                 {warm * 1e3:10.1f} ms")
    print(f"  memory                                  {memory:10.1f} MB")


def main() -> None:
    given = [int(text) for text in sys.argv[1:3]]
    rows, columns = (given + [1_000_000, 50][len(given) :])[:2]
    warm_up()
    starting()
    judge_many()
    evaluate_many()
    print()
    verdicts(rows, columns)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory, with the data and the other tools {peak:10.1f} MB")


if __name__ == "__main__":
    main()
