"""Other types of numbers, and masks: what each costs beside plain float64."""

import numpy as np

from benchmarks import machine, progress
from benchmarks.clock import timed
from benchmarks.findings import Found, table
from drift_core import Bitmap, Grid, warm_up

ROWS = 4_000_000
ROUNDS = 7


def measure() -> Found:
    progress.say("types: masks, integers, booleans, row-major")
    warm_up()
    rng = np.random.default_rng(3)
    numbers, valid = rng.normal(size=ROWS), rng.random(ROWS) < 0.95
    grid, counted = Grid.numeric(numbers[:100_000]), Grid.numeric(rng.poisson(4, 5_000))
    bitmap = Bitmap(np.packbits(valid, bitorder="little"))
    integers, strided = rng.poisson(4, ROWS), np.tile(numbers[: ROWS // 8], (8, 1)).T[:, 0]
    works = {
        "np.sum of float64": numbers.sum,
        "float64": lambda: grid.count(numbers),
        "float64, a boolean mask": lambda: grid.count(numbers, validity=valid),
        "float64, an Arrow bitmap": lambda: grid.count(numbers, validity=bitmap),
        "int64, small": lambda: counted.count(integers),
        "int64, on a grid of fractions": lambda: grid.count(integers),
        "booleans": lambda: counted.count(valid),
        "float64, every eighth in memory": lambda: grid.count(strided),
    }
    values = dict.fromkeys(works, ROWS) | {"float64, every eighth in memory": strided.size}
    found = table("types", "masks and types", "np.sum of float64", timed(works, ROUNDS), values)
    return Found(machine.describe(ROUNDS), (found,))
