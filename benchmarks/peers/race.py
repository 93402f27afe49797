"""Peers one after another, and our own turns between theirs."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine, mixture, progress
from benchmarks.findings import Found, Line, Table
from benchmarks.peers.environments import Peer, python_of
from benchmarks.targets import SCRATCH, STORED
from benchmarks.turns import Turns
from benchmarks.verdicts import added, size_name

DRIVERS = Path(__file__).parent / "drivers"
US = {"plain": "Leeway, texts", "coded": "Leeway, codes"}
# nobody is told of a measurement
QUIET = {"DO_NOT_TRACK": "1", "NML_DISABLE_USAGE_LOGGING": "1", "WHYLOGS_NO_ANALYTICS": "True"}
LONGEST = 3_600.0


def part_name(rows: int, columns: int) -> str:
    return f"peers {size_name(rows, columns)}".replace(" ", "_")


def measure(
    peers: Sequence[Peer],
    us: Mapping[str, Turns],
    folder: Path,
    kept: Path,
    columns: int,
    rounds: int,
) -> Found:
    drifted = {f.name: f.drifted for f in mixture.features(columns)}
    answers, notes = {}, []
    for turns in us.values():
        turns.ask("prepare")
    for peer in peers:
        # we take our turns between theirs
        for turns in us.values():
            turns.ask("verdict")
        progress.say(f"peers: {peer.name}")
        try:
            answers[peer] = drive(python_of(peer, kept), peer, folder, rounds)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            notes.append(f"{peer.name} did not run: {reason(error)}")
            progress.say(notes[-1])
    ours = [
        (our(turns, form, "prepare"), our(turns, form, "verdict")) for form, turns in us.items()
    ]
    theirs = [
        (line(peer, got, "prepare"), line(peer, got, "verdict")) for peer, got in answers.items()
    ]
    notes += [f"{peer.name}: {flagged(got['flagged'], drifted)}" for peer, got in answers.items()]
    return Found(machine.describe(rounds), tables([*ours, *theirs]), notes=tuple(notes))


def tables(lines: Iterable[tuple[Line, Line]]) -> tuple[Table, Table]:
    lines = list(lines)
    base = US["plain"]
    return (
        Table(STORED, "against a reference read before", base, tuple(line for _, line in lines)),
        Table(SCRATCH, "from two tables", base, tuple(added(*pair) for pair in lines)),
    )


def our(turns: Turns, form: str, word: str) -> Line:
    return replace(turns.line(word), name=US[form])


def drive(python: Path, peer: Peer, folder: Path, rounds: int) -> dict[str, Any]:
    """Run a peer's driver; its answer is the last line that it prints."""
    script = DRIVERS / f"{peer.name}_driver.py"
    done = subprocess.run(
        [python, "-W", "ignore", script, folder, str(rounds)],
        env=os.environ | QUIET,
        capture_output=True,
        check=True,
        text=True,
        timeout=LONGEST,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def line(peer: Peer, answer: Mapping[str, Any], word: str) -> Line:
    times = answer[word]
    return Line(
        f"{peer.name} {answer['version']}: {peer.does}",
        min(times),
        float(np.median(times)),
        peak_mb=answer["peak"],
        extra_mb=max(0.0, answer["peak"] - answer["held"]),
    )


def flagged(found: Mapping[str, bool], drifted: Mapping[str, bool]) -> str:
    """Say how many columns it called drifted, of those that did and of the others."""
    right = sum(found.get(name, False) for name, moved in drifted.items() if moved)
    wrong = sum(found.get(name, False) for name, moved in drifted.items() if not moved)
    moved = sum(drifted.values())
    return f"calls {right} of {moved} drifted columns drifted, and {wrong} of the others"


def reason(error: subprocess.CalledProcessError | subprocess.TimeoutExpired) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer in {error.timeout:.0f} s"
    lines = (error.stderr or "").strip().splitlines()
    return lines[-1][:200] if lines else f"exit status {error.returncode}"
