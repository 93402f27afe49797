"""What it costs to judge the windows of a look, by how many segments divide the rows.

Run ``python benchmarks/closing.py``. A model of 20 numbers and a text, hourly windows of 50,000
rows, the usual monitors. Undivided models and those of 12 and 50 segments take turns, look after
look; times are medians over looks, on SQLite and on a PostgreSQL of its own, both with fsync.
``python benchmarks/closing.py drift`` has every window drift, so that all their alerts fire.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from app.domain.batch import Counted, Table
from app.domain.model import Feature, Kind, Role, Schema, Settings
from app.domain.segments.segment import Segmentation
from app.steps.close import Closer
from app.steps.declare import declare_model
from app.steps.ingest import Group, Intake, Posted
from app.steps.register import register
from app.store import SqlStore, migrate, sqlite_url
from tests import postgres

DIVISIONS = (0, 12, 50)
NUMBERS, ROWS, REFERENCE, LOOKS = 20, 50_000, 100_000, 6
START, HOUR = datetime(2026, 3, 2, tzinfo=UTC), timedelta(hours=1)
SCHEMA = Schema(
    (
        Feature("at", Kind.IGNORED, Role.TIMESTAMP),
        Feature("s", Kind.CATEGORICAL),
        *(Feature(f"x{number}", Kind.NUMERIC) for number in range(NUMBERS)),
    )
)


@dataclass
class Divided:
    """A model divided so many times, and the seconds of each of its looks."""

    segments: int
    windows: int = 0
    looks: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"m{self.segments}"

    def line(self) -> str:
        look = statistics.median(self.looks)
        each = look / (self.windows / len(self.looks))
        return f"| {self.segments} | {1e3 * look:.0f} ms | {1e3 * each:.1f} ms |"


def rows(start: datetime, count: int, values: int, seed: int, shift: float) -> Table:
    draw = np.random.default_rng(seed)
    times = [start + HOUR * i / count for i in range(count)]
    columns: dict[str, pl.Series] = {
        "at": pl.Series(times, dtype=pl.Datetime("us", "UTC")),
        "s": pl.Series([f"v{i % values}" for i in range(count)]),
    }
    numbers = {f"x{n}": pl.Series(draw.normal(shift, 1, count)) for n in range(NUMBERS)}
    return Table(columns | numbers, count)


async def measured(url: str, shift: float) -> list[Divided]:
    """Let the models take turns at sending a look and judging it."""
    await migrate(url)
    store = SqlStore(url)
    group = Group(store, 512_000_000)
    writing = asyncio.create_task(group.run())
    models = [Divided(number) for number in DIVISIONS]
    with ThreadPoolExecutor(2) as pool:
        intake, closer = Intake(store, group, pool), Closer(store, "/bench", "0")
        for model in models:
            await _declare(store, pool, model)
        for look in range(LOOKS + 1):
            for model in models:
                await _look(intake, closer, model, look, shift)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await store.close()
    return models


async def _declare(store: SqlStore, pool: ThreadPoolExecutor, model: Divided) -> None:
    asked = Segmentation((("s",),), model.segments) if model.segments else None
    settings = Settings(lateness=timedelta(minutes=15), segments=asked)
    await declare_model(store, model.name, settings, SCHEMA)
    table = rows(START - HOUR, REFERENCE, max(model.segments, 1), 7, 0.0)
    await register(store, pool, model.name, table, None)


async def _look(intake: Intake, closer: Closer, model: Divided, look: int, shift: float) -> None:
    start = START + look * HOUR
    for at, count in ((start, ROWS), (start + HOUR, 2 * max(model.segments, 1))):
        table = rows(at, count, max(model.segments, 1), look, shift)
        key = f"{look}-{at}"
        sent = await intake.ingest(Posted(model.name, table, key, None, "http", key.encode()))
        assert isinstance(sent, Counted)  # noqa: S101  a twin would measure nothing
    began, judged = time.perf_counter(), 0
    while due := await closer.due():
        for one in due:
            judged += await closer.close(one) is not None
    if look:  # the first is made of what has to be compiled and read for the first time
        model.looks.append(time.perf_counter() - began)
        model.windows += judged


def main() -> None:
    shift = 0.5 if "drift" in sys.argv[1:] else 0.0
    with tempfile.TemporaryDirectory() as folder, postgres.running(fsync=True) as server:
        for name, url in (("SQLite", sqlite_url(Path(folder))), ("PostgreSQL", server.create())):
            print(f"{name}, median of {LOOKS} looks\n")
            print("| segments | a look | a window |\n|---:|---:|---:|")
            for model in asyncio.run(measured(url, shift)):
                print(model.line(), flush=True)


if __name__ == "__main__":
    main()
