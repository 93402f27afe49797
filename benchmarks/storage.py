"""How large what is kept is, whether writing it costs more as it grows, and what retention leaves.

10 million rows over 1,000 windows through the store and the steps, without HTTP, on either
database; then time passes: counts become hours and days, and all goes; then new rows come.
"""

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from app.store import sqlite_url
from benchmarks import machine, progress
from benchmarks.findings import Found, Line, Table
from benchmarks.lifetime import ROWS, TENTHS, WINDOWS, Life, lived
from benchmarks.markdown import duration, table
from tests import postgres

MILLIONS = WINDOWS * ROWS / 1e6
SHOWN = ("delta", "revision", "estimate", "verdict", "receipt", "window")
DATABASES = ("SQLite", "PostgreSQL")
COMMITS, COMPUTED, PORTIONS = "commits", "computed", "portions"


def measure() -> Found:
    lives: dict[str, Life] = {}
    with tempfile.TemporaryDirectory(prefix="leeway-bench-") as folder:
        progress.say("storage: SQLite")
        lives["SQLite"] = asyncio.run(lived(sqlite_url(Path(folder)), [os.getpid()]))
    with postgres.running(fsync=True) as server:
        progress.say("storage: PostgreSQL")
        lives["PostgreSQL"] = asyncio.run(lived(server.create(), [os.getpid(), server.process.pid]))
    tables = tuple(_commits(name, life.commits) for name, life in lives.items())
    tables += tuple(_computed(name, life.computed) for name, life in lives.items())
    figures = {
        f"{name}, {moment}, {what}": size
        for name, life in lives.items()
        for moment, sizes in life.sizes.items()
        for what, size in sizes.items()
    }
    tables += tuple(_portions(name, life.portions) for name, life in lives.items())
    return Found(machine.describe(1), tables, figures)


def _commits(name: str, commits: Sequence[float]) -> Table:
    """Median and 99th percentile of each tenth's commits, the latter in place of the best."""
    tenths = np.array_split(np.array(commits), TENTHS)
    lines = [
        Line(f"tenth {n}", float(np.median(each)), float(np.quantile(each, 0.99)), ROWS)
        for n, each in enumerate(tenths, start=1)
    ]
    return Table(f"{COMMITS} {name}", f"commits of 10,000 rows, {name}", "tenth 1", tuple(lines))


def _computed(name: str, seconds: Sequence[float]) -> Table:
    each = WINDOWS // TENTHS
    lines = [Line(f"tenth {n}", s / each, s / each, ROWS) for n, s in enumerate(seconds, start=1)]
    return Table(f"{COMPUTED} {name}", f"processor time, {name}", "tenth 1", tuple(lines))


def _portions(name: str, portions: Mapping[str, Sequence[float]]) -> Table:
    """Median and 99th percentile of each kind of portion, and how many there were."""
    lines = [
        Line(kind, float(np.median(each)), float(np.quantile(each, 0.99)), len(each))
        for kind, each in portions.items()
    ]
    return Table(f"{PORTIONS} {name}", f"portions of retention, {name}", "hours", tuple(lines))


def growth(found: Found) -> str:
    """Return what commits took, tenth by tenth: medians, and 99th percentiles."""
    both = [(found[f"{COMMITS} {name}"], found[f"{COMPUTED} {name}"]) for name in DATABASES]
    head = ["10,000 rows in a commit"]
    for name in DATABASES:
        head += [f"{name}, median", "99 %", "processor time, x the first"]
    rows = []
    for line in both[0][0].lines:
        row = [line.name]
        for commits, computed in both:
            each, ratio = commits[line.name], computed.ratio(line.name)
            row += [duration(each.best), duration(each.median), f"{ratio:.2f}"]
        rows.append(row)
    return table(head, rows)


def sizes(found: Found) -> str:
    """Return MB by table after each change, and bytes a window and a million rows."""
    moments = _moments(found)
    blocks = []
    for name in DATABASES:
        shown = [(what, *_row(found, name, moments, what)) for what in (*SHOWN, "all", "file")]
        blocks.append(table((f"{name}, MB", *moments), shown))
    whole = [found.figures[f"{name}, {moments[0]}, all"] for name in DATABASES]
    each = table(
        ("before any of it went", *DATABASES),
        (
            ("kB a window", *(f"{mb * 1e3 / WINDOWS:,.0f}" for mb in whole)),
            ("MB a million rows", *(f"{mb / MILLIONS:,.0f}" for mb in whole)),
        ),
    )
    return "\n\n".join((each, *blocks))


def portions(found: Found) -> str:
    """Return how many portions retention took, and how long they held the database."""
    both = [found[f"{PORTIONS} {name}"] for name in DATABASES]
    head = ["portions"]
    for name in DATABASES:
        head += [f"{name}, number", "median", "99 %"]
    rows = []
    for line in both[0].lines:
        row = [line.name]
        for each in (of[line.name] for of in both):
            row += [f"{each.values:,}", duration(each.best), duration(each.median)]
        rows.append(row)
    return table(head, rows)


def _moments(found: Found) -> list[str]:
    begin = f"{DATABASES[0]}, "
    keys = (key.removeprefix(begin) for key in found.figures if key.startswith(begin))
    return list(dict.fromkeys(key.split(", ")[0] for key in keys))


def _row(found: Found, name: str, moments: Sequence[str], what: str) -> list[str]:
    return [f"{found.figures.get(f'{name}, {moment}, {what}', 0.0):,.1f}" for moment in moments]
