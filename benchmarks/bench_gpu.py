"""How fast counting is on a GPU, beside a copy and a sum of the same values in the same run.

Run ``python benchmarks/bench_gpu.py [rows]``. Where there is no GPU, or no CuPy, it says so.
"""

import importlib
import importlib.util
import sys
import time
from collections.abc import Callable
from types import ModuleType

import numpy as np

from drift_core import Grid, NumericGrid

ROUNDS = 9


def module() -> ModuleType | None:
    """CuPy, where it finds a device."""
    if importlib.util.find_spec("cupy") is None:
        return None
    cupy = importlib.import_module("cupy")
    try:
        return cupy if cupy.cuda.runtime.getDeviceCount() else None
    except cupy.cuda.runtime.CUDARuntimeError:
        return None


def seconds(cupy: ModuleType, work: Callable[[], object]) -> float:
    """Fastest of some rounds; waits for the device, which works on after a call has returned."""
    found = float("inf")
    for _ in range(ROUNDS + 1):  # the first compiles
        cupy.cuda.Device().synchronize()
        start = time.perf_counter()
        work()
        cupy.cuda.Device().synchronize()
        found = min(found, time.perf_counter() - start)
    return found


def by_shape(cupy: ModuleType, rows: int) -> None:
    rng = np.random.default_rng(1)
    shapes = {
        "normal": rng.normal(size=rows),
        "zero-inflated": np.where(rng.random(rows) < 0.7, 0.0, rng.normal(size=rows)),
        "normal, float32": rng.normal(size=rows).astype(np.float32),
    }
    for name, column in shapes.items():
        knots = np.unique(np.quantile(column[:100_000], np.linspace(0, 1, 1_024)))
        own, other = Grid.numeric(column[:100_000]), NumericGrid(knots, np.zeros(knots.size, bool))
        there, spare = cupy.asarray(column), cupy.empty(rows, column.dtype)
        if own.count(there) != own.count(column):
            raise SystemExit(f"the GPU counts {name} differently")
        works: dict[str, Callable[[], object]] = {
            "device copy": lambda a=there, b=spare: cupy.copyto(b, a),
            "sum": there.sum,
            f"our grid, {own.size} cells": lambda a=there, g=own: g.count(a),
            f"{knots.size:,} dictated knots": lambda a=there, g=other: g.count(a),
        }
        found = {key: seconds(cupy, work) for key, work in works.items()}
        print(f"\n{name}")
        # a copy reads and writes, the others only read
        rate = 2 * column.nbytes / found["device copy"]
        for key, taken in found.items():
            moved = column.nbytes * (2 if key == "device copy" else 1) / taken
            ratio = taken / found["sum"]
            print(f"  {key:<30}{moved / 1e9:10,.1f} GB/s {moved / rate:7.1%} {ratio:9.2f} x sum")


def main() -> None:
    cupy = module()
    if cupy is None:
        print("no GPU here, or no CuPy: nothing was measured")
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    print(f"{rows:,} rows on {name}, the fastest of {ROUNDS} rounds")
    by_shape(cupy, rows)


if __name__ == "__main__":
    main()
