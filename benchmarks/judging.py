"""Judging from stored counts: many features, many windows; and the memory it takes."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping

import numpy as np

from benchmarks import machine, memory, progress
from benchmarks.findings import Found, Line, Table
from benchmarks.turns import ROOT
from drift_core import Counts, Judge, NumericGrid, State

FEATURES = 1_000
WINDOWS = 100
CELLS = 256
REFERENCE, ROWS = 100_000, 2_000
"""Rows of a feature, in the reference and in a window."""


def judge_windows(ref: Mapping[str, Counts], windows: Mapping[str, np.ndarray]) -> list[State]:
    """Judge every window; `windows` holds cells by feature, of shape (windows, size).

    Preparing the reference is part of the work.
    """
    bench = Judge.of(ref)
    vectors = np.concatenate([windows[name] for name in bench.grids.names], axis=1)
    verdicts = bench.windows(vectors)
    states = np.full(len(vectors), State.OK, object)
    for state in State:
        states[verdicts.windows_where(state)] = state
    return list(states)


def measure() -> Found:
    progress.say(f"judging: {FEATURES:,} features x {WINDOWS} windows of {CELLS} cells")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.judging"], cwd=ROOT, capture_output=True, check=True
    )
    found = json.loads(done.stdout)
    title = f"{FEATURES:,} features x {WINDOWS} windows of {CELLS} cells, from stored counts"
    lines = tuple(
        Line(name, found[name], found[name], FEATURES * WINDOWS)
        for name in ("all windows, first time", "all windows, again")
    )
    table = Table("judging", title, lines[-1].name, lines)
    return Found(machine.describe(1), (table,), {"peak above the counts, MB": found["peak"]})


def stored() -> tuple[dict[str, Counts], dict[str, np.ndarray]]:
    """Make up counts; every second feature is nothing but mass points, but for its tails."""
    rng = np.random.default_rng(2)
    ref, windows = {}, {}
    for i in range(FEATURES):
        grid = grid_of(i % 2 == 0)
        ref[f"f{i}"] = Counts(grid, rng.poisson(REFERENCE // CELLS, CELLS))
        share = ref[f"f{i}"].cells / ref[f"f{i}"].cells.sum()
        windows[f"f{i}"] = rng.multinomial(ROWS, share, WINDOWS)
    return ref, windows


def grid_of(points: bool) -> NumericGrid:
    """Lay out 256 cells, missing and invalid among them; a mass point takes two edges."""
    edges = CELLS - 3
    knots = np.arange(edges // 2 + 1 if points else edges, dtype=np.float64)
    atoms = np.full(knots.size, points)
    atoms[0] = False
    return NumericGrid(knots, atoms)


def main() -> None:
    ref, windows = stored()
    held, found = memory.watch(), {}
    for name in ("all windows, first time", "all windows, again"):
        start = time.perf_counter()
        judge_windows(ref, windows)
        found[name] = time.perf_counter() - start
    print(json.dumps(found | {"peak": memory.peak() - held}))


if __name__ == "__main__":
    main()
