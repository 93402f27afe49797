"""``python -m benchmarks.intake [--full] [format ...]``: print the race, and write it by --full.

A quick form of it is part of ``make bench``; formats are named like ``json-rows``.
"""

import argparse

from benchmarks.findings import save
from benchmarks.intake import race
from benchmarks.intake.contest import FULL, QUICK
from benchmarks.intake.table import show
from benchmarks.report import rewrite


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=__doc__)
    parser.add_argument("--full", action="store_true", help="five turns of 2 s, and 10 s at half")
    parser.add_argument("formats", nargs="*", metavar="format")
    given = parser.parse_args()
    found = race.measure(FULL if given.full else QUICK, given.formats)
    print(show(found))
    if given.full and not given.formats:
        save("ingest", found)
        rewrite()


if __name__ == "__main__":
    main()
