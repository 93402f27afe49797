"""How fast counted batches become durable: the store alone, beside a bare insert and commit.

Run ``python benchmarks/bench_commit.py [seconds]``. On either database, with every write synced to
the disk: batches a second in groups, the same number of bare ``insert one row; commit`` by the
plain driver in between, and their ratio. No HTTP, no decoding; batches are counted beforehand.
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import numpy as np
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, from anywhere

from app.domain.batch import CountedBatch, Envelope, Findings, PaneCounts
from app.domain.model import WHOLE, Baseline, Feature, Kind, Schema, Settings
from app.store import SqlStore, migrate, sqlite_url
from drift_core import Grid, GridSet
from tests import postgres

FEATURES = 20
TEXTS = 4
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIZES = ((1, 1), (1, 16), (1, 256), (100, 1), (100, 64), (10_000, 1), (10_000, 8))
"""Rows a batch, and batches a group."""
KEYS = count()


def schema() -> Schema:
    kinds = [Kind.CATEGORICAL] * TEXTS + [Kind.NUMERIC] * (FEATURES - TEXTS)
    return Schema(tuple(Feature(f"f{i}", kind) for i, kind in enumerate(kinds)))


def grids() -> GridSet:
    draw = np.random.default_rng(1)
    texts = Grid.categorical([f"level {i}" for i in range(50)])
    made = [texts] * TEXTS + [Grid.numeric(draw.normal(size=20_000))] * (FEATURES - TEXTS)
    return GridSet(tuple((f"f{i}", grid) for i, grid in enumerate(made)))


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[SqlStore, int, int]]:
    """A store with one model: it, the model and its grid set."""
    await migrate(url)
    store = SqlStore(url)
    on = grids()
    async with store.write() as unit:
        model, _ = await unit.models.declare("m", Settings(), schema())
        stored = await unit.models.add_grid_set(model.id, on)
        zero = np.zeros(on.size, np.int64)
        baseline = await unit.models.add_baseline(
            model.id,
            Baseline(0, "default", stored.number, "f", 0, zero, schema(), (), {}, START),
        )
        await unit.models.activate(model.id, baseline.number)
    try:
        yield store, model.id, stored.id
    finally:
        await store.close()


def batches(model: int, grid_set: int, rows: int, number: int) -> list[CountedBatch]:
    """Batches as counting makes them: each row in one cell of every feature."""
    on, draw = grids(), np.random.default_rng(2)
    starts = [on.slice(name).start for name in on.names]
    widths = [on.slice(name).stop - on.slice(name).start for name in on.names]
    made = []
    for index in range(number):
        drawn = starts + (draw.random((rows, FEATURES)) * widths).astype(np.int64)
        cells, counts = np.unique(drawn, return_counts=True)
        pane = PaneCounts(WHOLE, START, rows, cells, counts)
        envelope = Envelope(model, str(index), bytes(16), "default", "http", True, START)
        made.append(CountedBatch(envelope, grid_set, rows, (pane,), Findings(), START, START))
    return made


def keyed(group: list[CountedBatch]) -> list[CountedBatch]:
    """The same batches under keys never used before."""
    return [_keyed(batch, f"key-{next(KEYS):012}") for batch in group]


def _keyed(batch: CountedBatch, key: str) -> CountedBatch:
    e = batch.envelope
    envelope = Envelope(e.model_id, key, e.fingerprint, e.version, e.source, True, e.received_at)
    return CountedBatch(
        envelope, batch.grid_set, batch.rows, batch.panes, batch.findings, START, START
    )


async def committed(store: SqlStore, group: list[CountedBatch]) -> None:
    if hasattr(store, "commit"):
        await store.commit(group)
        return
    async with store.write() as unit:
        await unit.batches.commit(group)


@contextmanager
def bare(url: str) -> Iterator[Callable[[], None]]:
    """The least that a durable answer costs: one row, one commit, no framework."""
    if url.startswith("sqlite"):
        plain = sqlite3.connect(f"{url.removeprefix('sqlite:///')}.bare", isolation_level=None)
        plain.execute("pragma journal_mode=wal")
        plain.execute("pragma synchronous=full")
        execute: Callable[[str], object] = plain.execute
        closing = plain.close
    else:
        served = psycopg.connect(url, autocommit=True)
        execute, closing = served.execute, served.close  # type: ignore[assignment]
    execute("create table if not exists bare (id bigint)")

    def insert() -> None:
        execute("begin")
        execute("insert into bare values (1)")
        execute("commit")

    yield insert
    closing()


async def measure(url: str, seconds: float) -> None:
    name = url.partition(":")[0]
    print(f"\n{name:>12}  rows group   batches/s      rows/s  ms a group  bare/s   share")
    async with opened(url) as (store, model, grid_set):
        with bare(url) as insert:
            for rows, size in SIZES:
                group = batches(model, grid_set, rows, size)
                await committed(store, keyed(group))
                ours, theirs = await _turns(store, group, insert, seconds)
                rate, bare_rate = size / ours, 1 / theirs
                print(
                    f"{'':>12} {rows:5} {size:5} {rate:11,.0f} {rate * rows:11,.0f}"
                    f" {1e3 * ours:11.2f} {bare_rate:7,.0f} {rate / bare_rate:7.2f}",
                    flush=True,
                )


async def _turns(
    store: SqlStore, group: list[CountedBatch], insert: Callable[[], None], seconds: float
) -> tuple[float, float]:
    """Median seconds of a group, and of a bare commit, taking turns."""
    ours, theirs = [], []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        fresh = keyed(group)
        start = time.perf_counter()
        await committed(store, fresh)
        middle = time.perf_counter()
        insert()
        ours.append(middle - start)
        theirs.append(time.perf_counter() - middle)
    return float(np.median(ours)), float(np.median(theirs))


async def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await measure(sqlite_url(Path(folder)), seconds)
    with postgres.running(fsync=True) as server:
        await measure(server.create(), seconds)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0))
