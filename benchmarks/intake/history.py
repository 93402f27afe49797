"""Whether ingest costs more as history grows: 10 million rows over 1,000 windows, by tenths."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from benchmarks import machine, progress
from benchmarks.findings import Found, Line, Table
from benchmarks.intake import moving, servers
from benchmarks.intake.cpu import spent
from benchmarks.intake.load import Generator, declare
from tests import postgres

WINDOWS, TENTHS, CONNECTIONS = 1_000, 10, 4
MODEL = "history"
HOUR = timedelta(hours=1)
SIZES = """
select relname, pg_total_relation_size(relid) from pg_stat_user_tables
where pg_total_relation_size(relid) > 200000 order by 2 desc
"""


def measure() -> Found:
    """Send one batch of 10,000 rows for each of 1,000 hours, in their order."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leeway-bench-")))
        database = stack.enter_context(postgres.running(fsync=True))
        url = database.create()
        server = stack.enter_context(servers.service(folder / "service", url))
        # four connections: batches arrive up to four hours out of order
        declare(server.url, MODEL, lateness="6h")
        generator = stack.enter_context(Generator())
        work = [server.process.pid, database.process.pid]
        times = _send(generator, server.port, folder / "body", work)
        sizes = table_sizes(url)
    walls, cpus = zip(*times, strict=True)
    tables = (_table("tenths", "by the clock", walls), _table("cpu", "processor time", cpus))
    return Found(machine.describe(1), tables, sizes)


def _table(key: str, what: str, times: Sequence[float]) -> Table:
    lines = (Line(f"tenth {n}", t, t, moving.ROWS) for n, t in enumerate(times, start=1))
    return Table(key, f"10 million rows over 1,000 windows, {what}", "tenth 1", tuple(lines))


def _send(
    generator: Generator, port: int, body: Path, work: Sequence[int]
) -> list[tuple[float, float]]:
    """Return the seconds that a batch of each tenth took, and those that the processes computed."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    patches = moving.write(body, moving.ROWS, now - (WINDOWS + 1) * HOUR, HOUR)
    each = WINDOWS // TENTHS
    times = []
    for tenth in range(TENTHS):
        progress.say(f"history: tenth {tenth + 1}")
        sent = moving.order(port, MODEL, body, patches, CONNECTIONS, most=each, first=tenth * each)
        before = spent(work)
        load = generator.run(sent)
        times.append((load.each, (spent(work) - before) / load.requests))
    return times


def table_sizes(url: str) -> dict[str, float]:
    """Return MB by table, those that matter, and of all."""
    with psycopg.connect(url) as connection:
        found = connection.execute(SIZES).fetchall()
        whole = connection.execute("select pg_database_size(current_database())").fetchone()
    sizes = {f"MB of {name}": size / 1e6 for name, size in found}
    return sizes | {"MB of the database": whole[0] / 1e6 if whole else 0.0}
