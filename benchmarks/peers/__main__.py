"""Measure drift libraries on our table, taking turns with us.

``python -m benchmarks.peers [--rows N] [--columns N] [--keep FOLDER] [peer ...]``: each library
goes into an environment of its own, removed afterwards unless a folder is named to keep them in.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks import mixture
from benchmarks.findings import save
from benchmarks.peers.environments import PEERS
from benchmarks.peers.race import US, measure, part_name
from benchmarks.plain import show
from benchmarks.report import rewrite
from benchmarks.turns import Turns


def main() -> None:
    given = arguments()
    with ExitStack() as stack:
        kept = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mixture.write(folder, given.rows, given.columns)
        us = {form: stack.enter_context(Turns("Leeway", folder, form)) for form in US}
        peers = [peer for peer in PEERS if not given.peers or peer.name in given.peers]
        found = measure(peers, us, folder, kept, given.columns, given.rounds)
    save(part_name(given.rows, given.columns), found)
    print(show(found))
    rewrite()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("peers", nargs="*", choices=[[], *(peer.name for peer in PEERS)])
    return parser.parse_args()


if __name__ == "__main__":
    main()
