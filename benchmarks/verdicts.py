"""Whole verdicts on a table, and what other tools take: 100k x 20 and 1M x 50, codes and texts."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks import machine, mixture, progress
from benchmarks.contestants import CONTESTANTS
from benchmarks.findings import Found, Line, Table
from benchmarks.turns import Turns, all_of

SIZES = ((100_000, 20, 3), (1_000_000, 50, 2))
"""Rows, columns and rounds."""
FORMS = ("coded", "plain")
US = "Leeway"


def measure() -> Found:
    tables: list[Table] = []
    figures: dict[str, float] = {}
    for rows, columns, rounds in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            progress.say(f"verdicts: writing {size_name(rows, columns)}")
            mixture.write(Path(folder), rows, columns)
            for form in FORMS:
                found, widest = race(Path(folder), form, size_name(rows, columns), rounds)
                tables += found
                figures[f"widest KS bracket, {size_name(rows, columns)}"] = widest
    return Found(machine.describe(SIZES[0][-1]), tuple(tables), figures)


def size_name(rows: int, columns: int) -> str:
    short = f"{rows // 1_000_000}M" if rows >= 1_000_000 else f"{rows // 1_000}k"
    return f"{short} x {columns}"


def race(folder: Path, form: str, size: str, rounds: int) -> tuple[tuple[Table, Table], float]:
    """Let all take turns; return the tables against a stored baseline, and from none."""
    with ExitStack() as stack:
        progress.say(f"verdicts: loading {size}, {form}")
        running = all_of(CONTESTANTS, folder, form, stack)
        for turn in range(rounds):
            progress.say(f"verdicts: {size}, {form}, round {turn + 1}")
            for each in running:
                if not turn:
                    each.ask("prepare")
                each.ask("verdict")
        widest = next(each for each in running if each.name == US).ask("widest_ks")
        return (stored(running, form, size), from_scratch(running, form, size)), widest


def stored(running: Iterable[Turns], form: str, size: str) -> Table:
    title = f"{size}, {form}: against a stored baseline"
    return Table(
        f"stored {size} {form}", title, US, tuple(each.line("verdict") for each in running)
    )


def from_scratch(running: Iterable[Turns], form: str, size: str) -> Table:
    """Add what was taken to read the reference, which was done once."""
    lines = (added(each.line("prepare"), each.line("verdict")) for each in running)
    title = f"{size}, {form}: from two tables"
    return Table(f"scratch {size} {form}", title, US, tuple(lines))


def added(first: Line, second: Line) -> Line:
    return replace(second, best=first.best + second.best, median=first.median + second.median)
