"""What the drivers share; the standard library only, since each runs in its peer's environment."""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

REFERENCE, CURRENT = "reference.parquet", "current.parquet"


def drive(
    package: str,
    load: Callable[[Path], object],
    prepare: Callable[[object], object],
    verdict: Callable[[object, object], dict[str, bool]],
) -> None:
    """Time a peer: what it can do with the reference alone, and then with the current table.

    Prints one line of JSON at the end; imports and loading are not timed.
    """
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    tables = load(folder)
    held, times = memory("VmRSS"), {"prepare": [], "verdict": []}
    for _ in range(rounds):
        start = time.perf_counter()
        kept = prepare(tables)
        middle = time.perf_counter()
        flagged = verdict(kept, tables)
        times["prepare"].append(middle - start)
        times["verdict"].append(time.perf_counter() - middle)
    peak = memory("VmHWM")
    answer = {"version": version(package), "held": held, "peak": peak, "flagged": flagged}
    print("\n" + json.dumps(answer | times))


def memory(name: str) -> float:
    """Read one figure of /proc in MB; the peak counts from the process's start."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    found = (line.split()[1] for line in lines if line.startswith(name + ":"))
    return int(next(found, "0")) / 1024
