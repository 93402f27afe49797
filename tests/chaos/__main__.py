"""The long form: ``python -m tests.chaos --minutes 12 --seed 7``; see docs/chaos.md."""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from rich.console import Console

from tests.chaos.drive import drive
from tests.chaos.faults import SQLITE_WEIGHTS, WEIGHTS
from tests.chaos.report import record, summary
from tests.chaos.rig import Floors, Run

ROOT = Path(__file__).parents[2]
PER_MINUTE = {
    "kills": 17,
    "restarts": 3.4,
    "strikes": 30,
    "acknowledged": 4_200,
    "retries": 90,
    "duplicates": 50,
    "deliveries": 10,
}
"""Floors of a minute; in twelve 200 kills, 40 restarts and 50,000 acknowledged batches."""
SQLITE_PER_MINUTE = {"kills": 12, "strikes": 20, "acknowledged": 1_000, "retries": 50}
PATIENCE = 1.5
"""By how much a run may be longer than asked for, to have its kills and batches."""

out = Console(highlight=False, soft_wrap=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=12.0, help="how long faults strike")
    parser.add_argument("--seed", type=int, default=None, help="of all that is drawn")
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--faults", type=float, default=0.85, help="drawn in a second, on average")
    parser.add_argument("--sqlite", action="store_true", help="one process on one SQLite file")
    parser.add_argument("--objects", type=float, default=0.04, help="share of batches in S3")
    parser.add_argument("--spoilt", help="a module of tests.chaos.spoilt, which must fail")
    parser.add_argument("--record", action="store_true", help="write docs/chaos.md and .json")
    asked = parser.parse_args()
    run = settings(asked)
    out.print(f"seed {run.seed}, for {run.seconds / 60:g} minutes")
    result = asyncio.run(drive(run, out.print))
    out.print(summary(result))
    for line, times in result.complaints.items():
        out.print(f"{times} x {line}")
    for line in (*result.findings[:50], *result.shortfalls()):
        out.print(f"[red]{line}[/red]")
    if asked.record:
        record(ROOT, result)
    return 1 if result.findings or result.shortfalls() else 0


def settings(asked: argparse.Namespace) -> Run:
    floors = SQLITE_PER_MINUTE if asked.sqlite else PER_MINUTE
    return Run(
        seed=int(time.time()) if asked.seed is None else asked.seed,
        seconds=asked.minutes * 60,
        longest=asked.minutes * 60 * PATIENCE,
        sqlite=asked.sqlite,
        replicas=asked.replicas,
        faults=asked.faults,
        objects=asked.objects,
        weights=SQLITE_WEIGHTS if asked.sqlite else WEIGHTS,
        spoilt=asked.spoilt,
        floors=Floors(**{name: int(each * asked.minutes) for name, each in floors.items()}),
    )


if __name__ == "__main__":
    sys.exit(main())
