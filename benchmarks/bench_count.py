"""How fast counting is, as ratios to passes over the same data in the same process.

Run ``python benchmarks/bench_count.py [rows] [columns]``. Ratios, not times, can be compared
between machines; nothing fails when one is poor. Times are the fastest of some rounds.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
from clock import best, best_by_column, ratios

from drift_core import Bitmap, Column, Grid, GridSet, NumericGrid, count_table, warm_up
from drift_core.types import AnyArray

ROUNDS = 7
SHAPES: dict[str, Callable[[np.random.Generator, int], AnyArray]] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(0, 2, n),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.7, 0.0, rng.normal(size=n)),
    "5 % NaN": lambda rng, n: np.where(rng.random(n) < 0.05, np.nan, rng.normal(size=n)),
    "score (beta)": lambda rng, n: rng.beta(2, 5, n),
    "counts": lambda rng, n: rng.poisson(4, n).astype(np.float64),
}


def table_of(shape: str, rows: int, columns: int) -> AnyArray:
    return np.stack([SHAPES[shape](np.random.default_rng(i), rows) for i in range(columns)])


def tally_by_search(grid: NumericGrid, column: AnyArray) -> AnyArray:
    # NaN would be found above all edges
    edges, column = grid.edges(column.dtype.type), column[~np.isnan(column)]
    return np.bincount(np.searchsorted(edges, column, side="right"), minlength=edges.size + 1)


def dictated(column: AnyArray, knots: int) -> NumericGrid:
    """Make a grid of quantiles, as someone else would who does not know how we count."""
    present = column[~np.isnan(column)]
    places = np.unique(np.quantile(present, np.linspace(0, 1, knots)))
    return NumericGrid(places, np.zeros(places.size, np.bool_))


def by_shape(rows: int, columns: int) -> None:
    every = []
    for shape in SHAPES:
        table = table_of(shape, rows, max(1, columns // len(SHAPES)))
        every.append(table)
        grid = Grid.numeric(table[0][:100_000])
        for dtype in (np.float64, np.float32):
            # twice as many narrow values, so that neither table fits a cache
            data = table if dtype is np.float64 else np.concatenate([table, table]).astype(dtype)
            if not np.array_equal(grid.count(data[0]).values, tally_by_search(grid, data[0])):
                raise SystemExit(f"counting {shape} disagrees with np.searchsorted")
            works = {"np.sum": np.sum, f"our grid, {grid.size} cells": grid.count}
            for knots in (256, 1024, 2000) if dtype is np.float64 else ():
                works[f"{knots} dictated knots"] = dictated(table[0][:100_000], knots).count
            ratios(f"{shape}, {dtype.__name__}", best_by_column(works, data, ROUNDS), data.size)
    whole = np.concatenate(every)
    grids = [Grid.numeric(column[:100_000]) for column in whole]
    threads(whole, grids)
    against_search(whole, grids)


def threads(table: AnyArray, grids: list[NumericGrid]) -> None:
    names = [f"f{i}" for i in range(len(table))]
    together = GridSet(tuple(zip(names, grids, strict=True)))
    columns = {name: Column(column) for name, column in zip(names, table, strict=True)}
    with ThreadPoolExecutor(2) as pool:
        works = {
            "np.sum": lambda: [column.sum() for column in table],
            "np.sum, two threads": lambda: list(pool.map(np.sum, table)),
            "all columns, one thread": lambda: count_table(together, columns),
            "all columns, two threads": lambda: count_table(together, columns, pool),
        }
        found = best(works, 4 * ROUNDS)  # threads need a moment when both cores are free
    ratios("a table of all of these, float64", found, table.size)


def against_search(table: AnyArray, grids: list[NumericGrid]) -> None:
    print("\nagainst np.searchsorted on the same knots, one column of each shape")
    others = [dictated(column[:100_000], 1024) for column in table[::5]]
    for name, chosen in (("our grids", grids[::5]), ("1024 dictated knots", others)):
        ours = search = 0.0
        for grid, column in zip(chosen, table[::5], strict=True):
            works = {
                "ours": lambda g=grid, c=column: g.count(c),
                "search": lambda g=grid, c=column: tally_by_search(g, c),
            }
            found = best(works, 3)
            ours, search = ours + found["ours"], search + found["search"]
        print(f"  {name:<42}{search / ours:8.1f} x as fast")


def other_types(rows: int) -> None:
    rng = np.random.default_rng(3)
    numbers, valid = rng.normal(size=rows), rng.random(rows) < 0.95
    grid, counted = Grid.numeric(numbers[:100_000]), Grid.numeric(rng.poisson(4, 5_000))
    bitmap = Bitmap(np.packbits(valid, bitorder="little"))
    integers = rng.poisson(4, rows)
    works = {
        "np.sum": numbers.sum,
        "float64": lambda: grid.count(numbers),
        "float64 with a boolean mask": lambda: grid.count(numbers, validity=valid),
        "float64 with an Arrow bitmap": lambda: grid.count(numbers, validity=bitmap),
        "int64, small": lambda: counted.count(integers),
        "int64, on a grid of fractions": lambda: grid.count(integers),
        "booleans": lambda: counted.count(valid),
    }
    ratios("masks and integers, in passes over float64", best(works, ROUNDS), rows)


def categorical(rows: int) -> None:
    rng = np.random.default_rng(2)
    for levels in (10, 200, 5_000, 100_000):
        names = [f"level {i}" for i in range(levels)]
        codes = rng.integers(0, levels, rows).astype(np.int32)
        grid = Grid.categorical([names[i] for i in codes[:20_000]])
        texts = pa.array(names).take(pa.array(codes[: rows // 4]))
        works = {
            "np.sum": lambda c=codes: c.sum(),
            "codes": lambda g=grid, c=codes, d=names: g.count_codes(c, d),
        }
        found = best(works, ROUNDS)
        found |= {
            name: 4 * time
            for name, time in best(
                {
                    "Arrow's dictionary_encode": texts.dictionary_encode,
                    "texts, encoded and counted": lambda g=grid, t=texts: _encoded(g, t),
                },
                3,
            ).items()
        }
        ratios(f"{levels:,} levels, int32 codes", found, rows)


def _encoded(grid: object, texts: pa.Array) -> object:
    coded = texts.dictionary_encode()
    return grid.count_codes(coded.indices.to_numpy(), coded.dictionary.to_pylist())


def growth(rows: int) -> None:
    column = np.random.default_rng(4).normal(size=10 * rows)
    grid = Grid.numeric(column[:100_000])
    print("\ngrowth in rows, up to a million of them from the cache")
    for n in (100, 1_000, 10_000, rows // 10, rows, 10 * rows):
        part = column[:n]
        _line(f"{n:,} rows", lambda p=part: grid.count(p), lambda p=part: p.sum(), n)
    print("growth in columns")
    table = column.reshape(10, rows)
    for n in (1, 3, 10):
        part = table[:n]
        work = lambda p=part: [grid.count(c) for c in p]  # noqa: E731
        _line(f"{n} columns", work, lambda p=part: [c.sum() for c in p], n * rows)
    works = {"np.sum": np.sum}
    for cells in (32, 128, 512, 2048):
        small = Grid.numeric(column[:200_000], max_cells=cells, share=0.0006)
        other = dictated(column[:100_000], cells)
        works |= {f"{small.size} cells": small.count, f"{other.size} dictated": other.count}
    ratios("growth in cells", best_by_column(works, table, 3), table.size)


def _line(name: str, work: Callable[[], object], base: Callable[[], object], values: int) -> None:
    found = best({"work": work, "base": base}, ROUNDS)
    each, ratio = found["work"] / values * 1e9, found["work"] / found["base"]
    print(f"  {name:<42}{each:8.2f} ns a value {ratio:9.2f} x np.sum")


def main() -> None:
    given = [int(text) for text in sys.argv[1:3]]
    rows, columns = (given + [1_000_000, 30][len(given) :])[:2]
    warm_up()
    print(f"{rows:,} rows x {columns} columns, the fastest of {ROUNDS} rounds, one thread")
    by_shape(rows, columns)
    other_types(rows)
    categorical(rows)
    growth(rows)


if __name__ == "__main__":
    main()
