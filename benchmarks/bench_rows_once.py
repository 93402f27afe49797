"""What it costs to count each row once: rows a second, and how large what is remembered grows.

Run ``python benchmarks/bench_rows_once.py [batches]``. Batches of 10,000 rows with ids and times,
in time order, counted beforehand, through the store alone and synced: without and with the look at
every row, taking turns; then the same rows again in other batches. On either database.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import psutil
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, from anywhere

from app.domain.batch import Counted, CountedBatch, Envelope, Outcome, Table
from app.domain.model import Baseline, Feature, Kind, Role, Schema, Settings, Standing
from app.domain.rows.profile import tally
from app.store import SqlStore, migrate, sqlite_url
from benchmarks.bench_commit import START, grids, schema
from tests import postgres

ROWS = 10_000
BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)
IDS = (
    Feature("id", Kind.IGNORED, Role.ID),
    Feature("at", Kind.IGNORED, Role.TIMESTAMP),
)
SETTINGS = {"batches": Settings(), "rows": Settings(row_horizon=timedelta(days=7))}


def rows(first: int) -> Table:
    """Rows of two features, from a number on; a thousand happen in a second."""
    draw = np.random.default_rng(first)
    numbers = np.arange(first, first + ROWS)
    columns: dict[str, pl.Series | list[object]] = {
        name: pl.Series(draw.choice([f"level {k}" for k in range(50)], ROWS))
        if int(name[1:]) < 4
        else pl.Series(draw.normal(size=ROWS))
        for name in grids().names
    }
    columns["id"] = pl.Series([f"{n * 2654435761 % 2**32:08x}-4e1a-{n:012}" for n in numbers])
    moments = int(BEGIN.timestamp() * 1e6) + numbers * 1_000
    columns["at"] = pl.Series(moments).cast(pl.Datetime("us", "UTC"))
    return Table(columns, ROWS)


async def declared(store: SqlStore, name: str) -> Standing:
    columns = Schema((*IDS, *schema().features))
    zero = np.zeros(grids().size, np.int64)
    async with store.write() as unit:
        model, _ = await unit.models.declare(name, SETTINGS[name], columns)
        stored = await unit.models.add_grid_set(model.id, grids())
        made = Baseline(0, "default", stored.number, "f", 0, zero, columns, (), {}, START)
        baseline = await unit.models.add_baseline(model.id, made)
        await unit.models.activate(model.id, baseline.number)
    found = await store.ground(name, fresh=True)
    if found is None:
        raise LookupError(name)
    return found


def counted(standing: Standing, table: Table, key: str) -> CountedBatch:
    ground = standing.ground
    if ground.active is None or ground.model.schema is None:
        raise LookupError("nothing to count on")
    envelope = Envelope(
        model_id=ground.model.id,
        key=key,
        fingerprint=bytes(16),
        version="default",
        source="http",
        deduplicated=True,
        received_at=standing.now,
        declared_at=ground.declared_at,
        row_key=ground.row_key,
    )
    return tally(table, ground.model.schema, ground.active, envelope, ground.model.settings)


def expect(outcome: Outcome, *, counted: int, duplicate: int) -> None:
    """What is measured must be right, too."""
    receipt = outcome.receipt if isinstance(outcome, Counted) else None
    if receipt is None or (receipt.counted, receipt.duplicate) != (counted, duplicate):
        raise ValueError(f"not as expected: {outcome}")


@dataclass
class Clock:
    """Seconds that each kind of work took."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds.setdefault(what, []).append(time.perf_counter() - start)

    def rate(self, what: str) -> float:
        return ROWS / float(np.median(self.seconds[what]))


async def measure(url: str, number: int) -> None:
    await migrate(url)
    store, clock = SqlStore(url), Clock()
    standings = {name: await declared(store, name) for name in SETTINGS}
    before = psutil.Process().memory_info().rss
    for index in range(number):
        table = rows(index * ROWS)
        for name, standing in standings.items():
            with clock.of(f"count {name}"):
                batch = counted(standing, table, f"k{index}")
            with clock.of(f"commit {name}"):
                (outcome,) = await store.commit([batch])
            expect(outcome, counted=ROWS, duplicate=0)
    grown = psutil.Process().memory_info().rss - before
    for index in range(number // 4):
        batch = counted(standings["rows"], rows(index * ROWS + ROWS // 2), f"again{index}")
        with clock.of("commit again"):
            (outcome,) = await store.commit([batch])
        expect(outcome, counted=0, duplicate=ROWS)
    print(f"\n{url.partition(':')[0]}, {number * ROWS:,} rows in batches of {ROWS:,}")
    for what in sorted(clock.seconds):
        print(f"  {what:15} {clock.rate(what):10,.0f} rows/s")
    share = clock.rate("commit rows") / clock.rate("commit batches")
    print(f"  with the look at every row: {share:.2f} of the rate without")
    print(f"  memory grew by {grown / 1e6:.0f} MB")
    print(f"  {await size(store) / (number * ROWS):.1f} bytes an id")
    await store.close()


async def size(store: SqlStore) -> float:
    """Bytes of the tables of ids."""
    served = (
        "select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class"
        " where relkind = 'r' and relname like 'seen\\_2%'"
    )
    plain = "select sum(pgsize) from dbstat where name like 'seen_2%'"
    async with store.read() as unit:
        connection = unit.session.connection
        query = served if connection.dialect.name == "postgresql" else plain
        return float((await connection.execute(text(query))).scalar_one())


async def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await measure(sqlite_url(Path(folder)), number)
    with postgres.running(fsync=True) as server:
        await measure(server.create(), number)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
