"""One contestant in a process of its own, so that its memory is its own: told when to work.

Run by `benchmarks.turns`. Reads one word a line and answers each with one line of JSON.
"""

import json
import sys
from pathlib import Path

from benchmarks import memory
from benchmarks.clock import seconds
from benchmarks.contestants import contestant

SPEND = 0.3
MOST = 5
"""A turn repeats what is quick until it has taken so many seconds, so many times at most."""


def main(name: str, folder: str, form: str) -> None:
    loaded = contestant(name, Path(folder), form)
    works = {"prepare": loaded.prepare, "verdict": loaded.verdict}
    for line in sys.stdin:
        word = line.strip()
        if word == "widest_ks":
            print(json.dumps(loaded.widest_ks()), flush=True)
            continue
        held = memory.watch()
        times = [seconds(works[word])]
        while word == "verdict" and sum(times) < SPEND and len(times) < MOST:
            times.append(seconds(works[word]))
        print(json.dumps({"times": times, "held": held, "peak": memory.peak()}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
