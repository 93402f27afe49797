"""What small batches leave behind: deltas that wait to be folded, dead rows, and the tables' size.

Groups of 64 one-row batches, one after the other, on one hour of one model, while the house is kept
as a service does; looked at after each tenth. PostgreSQL's autovacuum is as it comes.
"""

import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from app.steps.maintain import maintain
from app.store import SqlStore, sqlite_url
from benchmarks import machine, progress
from benchmarks.bench_commit import batches, committed, keyed, opened
from benchmarks.findings import Found
from benchmarks.markdown import table
from tests import postgres

GROUP, TENTHS, SECONDS = 64, 10, 15.0
KEPT = timedelta(days=31)
HOUSEKEEPING = 1.0
DATABASES = ("SQLite", "PostgreSQL")
WHAT = ("batches", "deltas", "dead rows", "MB of delta and tally", "MB without receipts")
SERVED = """
select (select count(*) from delta) as deltas,
(select sum(n_dead_tup) from pg_stat_user_tables where relname in ('delta', 'tally')) as dead,
pg_total_relation_size('delta') + pg_total_relation_size('tally') as churned,
pg_database_size(current_database()) - pg_total_relation_size('receipt') as rest
"""
PLAIN = """
select (select count(*) from delta) as deltas, 0 as dead,
(select sum(pgsize) from dbstat where name in ('delta', 'tally')) as churned,
(select page_count * page_size from pragma_page_count, pragma_page_size)
- (select sum(pgsize) from dbstat where name like '%receipt%') as rest
"""


def measure() -> Found:
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="leeway-bench-") as folder:
        figures |= asyncio.run(_churned("SQLite", sqlite_url(Path(folder))))
    with postgres.running(fsync=True) as server:
        figures |= asyncio.run(_churned("PostgreSQL", server.create()))
    return Found(machine.describe(1), (), figures)


def show(found: Found) -> str:
    rows = [
        (
            f"{name}, {tenth * SECONDS:g} s",
            *(f"{_figure(found, name, tenth, w):,.1f}" for w in WHAT),
        )
        for name in DATABASES
        for tenth in range(1, TENTHS + 1)
    ]
    return table(("after", *WHAT), rows)


def _figure(found: Found, name: str, tenth: int, what: str) -> float:
    return found.figures[f"{name}, {tenth}, {what}"]


async def _churned(name: str, url: str) -> dict[str, float]:
    figures: dict[str, float] = {}
    async with opened(url) as (store, model, grid_set):
        group = batches(model, grid_set, 1, GROUP)
        sent, kept = 0, time.perf_counter()
        for tenth in range(1, TENTHS + 1):
            progress.say(f"churn: {name}, tenth {tenth}")
            until = time.perf_counter() + SECONDS
            while time.perf_counter() < until:
                await committed(store, keyed(group))
                sent += GROUP
                if time.perf_counter() - kept > HOUSEKEEPING:
                    await maintain(store, KEPT)
                    kept = time.perf_counter()
            looked = [float(sent), *await _look(store)]
            figures |= {
                f"{name}, {tenth}, {what}": value for what, value in zip(WHAT, looked, strict=True)
            }
    return figures


async def _look(store: SqlStore) -> list[float]:
    async with store.engine.connect() as connection:
        served = connection.dialect.name == "postgresql"
        (row,) = (await connection.execute(text(SERVED if served else PLAIN))).all()
    return [float(row.deltas), float(row.dead or 0), row.churned / 1e6, row.rest / 1e6]
