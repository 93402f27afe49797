"""Every format at every batch size: acknowledged and durable rows beside decoding alone."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.sources.formats import FORMATS as READ_BY_US
from benchmarks import machine, progress
from benchmarks.findings import Found, Table
from benchmarks.intake import servers
from benchmarks.intake.contest import (
    CONNECTIONS,
    MODEL,
    POSTGRES,
    QUICK,
    SQLITE,
    TWO,
    Contest,
    Pace,
    prepare,
)
from benchmarks.intake.load import Generator, declare
from benchmarks.intake.traffic import FORMATS, Format
from tests import postgres

ZIPPED_SIZES = (100, 10_000)


def measure(pace: Pace = QUICK, names: Sequence[str] = ()) -> Found:
    """Measure the formats that the service reads, or those named."""
    tables: list[Table] = []
    figures: dict[str, float] = {}
    with _contest(pace) as (contest, folder):
        for form in _chosen(names):
            for rows in ZIPPED_SIZES if form.encoding else CONNECTIONS:
                progress.say(f"ingest: {form.name} x {rows:,}")
                table, percentiles = contest.hold(prepare(form, rows, folder))
                tables.append(table)
                figures |= percentiles
        figures |= {f"generator busy at most, {n}": part for n, part in contest.busiest.items()}
    return Found(machine.describe(pace.rounds), tuple(tables), figures)


def _chosen(names: Sequence[str]) -> list[Format]:
    return [
        form
        for form in FORMATS
        if form.media_type in READ_BY_US and (not names or form.path in names)
    ]


@contextmanager
def _contest(pace: Pace) -> Iterator[tuple[Contest, Path]]:
    """Start everybody: PostgreSQL with fsync, services on it and on SQLite, bare routes."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leeway-bench-")))
        database = stack.enter_context(postgres.running(fsync=True))
        services = {
            name: stack.enter_context(servers.service(folder / name, place, workers))
            for name, place, workers in (
                (POSTGRES, database.create(), 1),
                (TWO, database.create(), 2),
                (SQLITE, None, 1),
            )
        }
        for server in services.values():
            declare(server.url, MODEL)
        bare = stack.enter_context(servers.bare(folder))
        generator = stack.enter_context(Generator())
        ports = {name: server.port for name, server in services.items()}
        yield Contest(generator, bare.port, ports, pace), folder
