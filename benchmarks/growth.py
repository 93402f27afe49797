"""How cost grows: with rows, columns and knots; with levels see `categories`."""

from collections.abc import Iterable

import numpy as np

from benchmarks import machine, progress
from benchmarks.clock import Timing, timed, timed_by_column
from benchmarks.counting import dictated
from benchmarks.findings import Found, Table, table
from drift_core import Column, Grid, GridSet, NumericGrid, count_table, warm_up

MOST_ROWS = 10_000_000
ROUNDS = 5
ROWS = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
COLUMNS = (1, 3, 10)
CELLS = (32, 128, 512, 2_048)


def measure() -> Found:
    warm_up()
    numbers = np.random.default_rng(4).normal(size=MOST_ROWS)
    grid = Grid.numeric(numbers[:100_000])
    wide = numbers.reshape(COLUMNS[-1], -1)
    tables = (in_rows(grid, numbers), in_columns(grid, wide), in_knots(wide))
    return Found(machine.describe(ROUNDS), tables)


def in_rows(grid: NumericGrid, numbers: np.ndarray) -> Table:
    progress.say("growth: rows")
    return _table("rows", ((f"{n:,} rows", grid, [numbers[:n]]) for n in ROWS))


def in_columns(grid: NumericGrid, wide: np.ndarray) -> Table:
    progress.say("growth: columns")
    return _table("columns", ((_columns(n), grid, wide[:n]) for n in COLUMNS))


def _columns(n: int) -> str:
    return "1 column" if n == 1 else f"{n} columns"


def _table(key: str, cases: Iterable[tuple[str, NumericGrid, np.ndarray]]) -> Table:
    found: dict[str, Timing] = {}
    values: dict[str, int] = {}
    for name, grid, columns in cases:
        named = {f"f{i}": Column(column) for i, column in enumerate(columns)}
        grids = GridSet(tuple((feature, grid) for feature in named))
        works = {
            f"np.sum, {name}": lambda given=columns: [column.sum() for column in given],
            name: lambda grids=grids, named=named: count_table(grids, named),
        }
        found |= timed(works, ROUNDS * (4 if len(columns[0]) < MOST_ROWS else 1))
        values |= dict.fromkeys(works, sum(len(column) for column in columns))
    base = [name for name in found if name.startswith("np.sum")][-1]
    return table(key, f"growth in {key}", base, found, values)


def in_knots(wide: np.ndarray) -> Table:
    progress.say("growth: knots")
    works = {"np.sum": np.sum}
    for cells in CELLS:
        ours = Grid.numeric(wide[0][:200_000], max_cells=cells, share=0.0006)
        other = dictated(wide[0], cells)
        works |= {f"our grid, {ours.size} cells": ours.count}
        works |= {f"{cells:,} dictated knots": other.count}
    found = timed_by_column(works, wide, ROUNDS)
    return table("knots", "growth in knots", "np.sum", found, wide.size)
