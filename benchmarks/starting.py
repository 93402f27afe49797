"""A fresh process: importing the core and warming up, kernels from the cache."""

import subprocess
import sys

import numpy as np

from benchmarks import machine, progress
from benchmarks.findings import Found, Line, Table
from benchmarks.turns import ROOT

ROUNDS = 5
ALL = "the core with all it needs, warmed up"
_CODE = """
import time
a = time.perf_counter()
import numpy, scipy.special, numba
b = time.perf_counter()
import drift_core
c = time.perf_counter()
drift_core.warm_up()
d = time.perf_counter()
from benchmarks import memory
print(d - a, b - a, c - b, d - c, memory.peak())
"""
_NAMES = (ALL, "numpy, scipy.special and numba", "drift_core itself", "warm_up")


def measure() -> Found:
    progress.say("starting")
    runs = np.array([fresh() for _ in range(ROUNDS)])
    lines = tuple(
        Line(name, float(times.min()), float(np.median(times)))
        for name, times in zip(_NAMES, runs[:, :-1].T, strict=True)
    )
    table = Table("starting", "a fresh process, kernels in the cache", ALL, lines)
    return Found(machine.describe(ROUNDS), (table,), {"resident, MB": float(runs[:, -1].max())})


def fresh() -> list[float]:
    done = subprocess.run([sys.executable, "-c", _CODE], cwd=ROOT, capture_output=True, check=True)
    return [float(text) for text in done.stdout.split()]
