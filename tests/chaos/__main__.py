"""The long form: ``python -m tests.chaos --minutes 12 --seed 7``."""

import argparse
import asyncio
import json
import sys
import time

from rich.console import Console

from tests.chaos.drive import drive
from tests.chaos.faults import SQLITE_WEIGHTS, WEIGHTS
from tests.chaos.rig import Run

out = Console(highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--spoilt")
    asked = parser.parse_args()
    run = Run(
        seed=asked.seed,
        seconds=asked.minutes * 60,
        sqlite=asked.sqlite,
        replicas=asked.replicas,
        rate=asked.rate,
        weights=SQLITE_WEIGHTS if asked.sqlite else WEIGHTS,
        spoilt=asked.spoilt,
    )
    out.print(f"seed {run.seed}")
    result = asyncio.run(drive(run, out.print))
    out.print_json(json.dumps(result.document()))
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
