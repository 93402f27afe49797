"""Numbers into cells: passes of np.sum over the same values, and np.searchsorted on the knots."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks import machine, progress
from benchmarks.clock import Timing, Work, timed, timed_by_column
from benchmarks.findings import Found, Table, table
from benchmarks.mixture import MOVED, SHAPES
from drift_core import Column, Grid, GridSet, NumericGrid, count_table, warm_up

ROWS = 1_000_000
EACH = 5
"""Columns of a shape; every second one drifted."""
FITTED = 100_000
KNOTS = (256, 1_024, 2_000)
ROUNDS = 11
AWKWARD = {
    "two far clusters": lambda rng, n: np.where(rng.random(n) < 0.5, 0.0, 1e12) + rng.random(n),
    "poles at both ends": lambda rng, n: rng.beta(0.05, 0.05, n),
    "integers at 1e15": lambda rng, n: 1e15 + rng.poisson(300, n),
    "subnormal": lambda rng, n: rng.normal(size=n) * 1e-310,
}


def measure() -> Found:
    warm_up()
    tables = {shape: columns_of(shape) for shape in SHAPES}
    found = [by_shape(shape, columns) for shape, columns in tables.items()]
    found += [narrow(shape, columns) for shape, columns in tables.items()]
    found += [awkward(name) for name in AWKWARD]
    whole = np.concatenate(list(tables.values()))
    found.append(together(whole))
    return Found(machine.describe(ROUNDS), tuple(found))


def columns_of(shape: str) -> np.ndarray:
    draw, every = SHAPES[shape], range(EACH)
    return np.stack([draw(np.random.default_rng(i), ROWS, MOVED * (i % 2)) for i in every])


def by_shape(shape: str, columns: np.ndarray) -> Table:
    progress.say(f"counting: {shape}")
    grid = Grid.numeric(columns[0][:FITTED])
    works: dict[str, Work] = {"np.sum": np.sum, "our grid": grid.count}
    others = {f"{knots:,} dictated knots": dictated(columns[0], knots) for knots in KNOTS}
    works |= {name: other.count for name, other in others.items()}
    found = timed_by_column(works, columns, ROUNDS)
    values = dict.fromkeys(found, columns.size)
    searched = {"our grid": grid} | others
    for name, each in searched.items():
        key = f"np.searchsorted, {name}"
        found[key], values[key] = by_search(each, columns[1]), columns[1].size
    title = f"{shape}, float64, our grid of {grid.size} cells"
    return table(f"shape {shape}", title, "np.sum", found, values)


def by_search(grid: NumericGrid, column: np.ndarray) -> Timing:
    if not np.array_equal(grid.count(column).values, tally_by_search(grid, column)):
        raise SystemExit("counting disagrees with np.searchsorted")
    edges = grid.edges(column.dtype.type)
    return timed({"search": lambda: np.searchsorted(edges, column, side="right")}, 3)["search"]


def tally_by_search(grid: NumericGrid, column: np.ndarray) -> np.ndarray:
    # NaN would be found above all edges
    edges, column = grid.edges(column.dtype.type), column[~np.isnan(column)]
    return np.bincount(np.searchsorted(edges, column, side="right"), minlength=edges.size + 1)


def dictated(column: np.ndarray, knots: int) -> NumericGrid:
    """Make a grid of quantiles, as someone else would who does not know how we count."""
    present = column[:FITTED][~np.isnan(column[:FITTED])]
    places = np.unique(np.quantile(present, np.linspace(0, 1, knots)))
    return NumericGrid(places, np.zeros(places.size, np.bool_))


def narrow(shape: str, columns: np.ndarray) -> Table:
    progress.say(f"counting: {shape}, float32")
    grid = Grid.numeric(columns[0][:FITTED])
    # twice as many narrow values, so that they do not fit a cache either
    data = np.concatenate([columns, columns]).astype(np.float32)
    found = timed_by_column({"np.sum": np.sum, "our grid": grid.count}, data, ROUNDS)
    return table(f"float32 {shape}", f"{shape}, float32", "np.sum", found, data.size)


def awkward(name: str) -> Table:
    """Count where a map is hard to find: our own grid, and quantiles that someone dictates."""
    progress.say(f"counting: {name}")
    columns = np.stack([AWKWARD[name](np.random.default_rng(i), ROWS) for i in range(EACH)])
    grid, other = Grid.numeric(columns[0][:FITTED]), dictated(columns[0], 1_024)
    works = {"np.sum": np.sum, "our grid": grid.count, "1,024 dictated knots": other.count}
    found = timed_by_column(works, columns, 3)
    return table(f"awkward {name}", f"{name}, float64", "np.sum", found, columns.size)


def together(whole: np.ndarray) -> Table:
    progress.say("counting: all shapes together, one thread and two")
    names = [f"f{i}" for i in range(len(whole))]
    fitted = (
        Grid.numeric(column[:FITTED]) for column in whole[np.arange(len(whole)) // EACH * EACH]
    )
    grids = GridSet(tuple(zip(names, fitted, strict=True)))
    columns = {name: Column(column) for name, column in zip(names, whole, strict=True)}
    with ThreadPoolExecutor(2) as pool:
        works = {
            "np.sum": lambda: [column.sum() for column in whole],
            "np.sum, two threads": lambda: list(pool.map(np.sum, whole)),
            "our grids": lambda: count_table(grids, columns),
            "our grids, two threads": lambda: count_table(grids, columns, pool),
        }
        # threads need a moment when both cores are free
        found = timed(works, 2 * ROUNDS)
    title = f"{len(whole)} columns of all these shapes, float64"
    return table("together", title, "np.sum", found, whole.size)
