"""A steady load for minutes or hours: memory's slope, file handles, answers, and growth on disk.

``python -m benchmarks.intake.soak --minutes 10 --rows-per-second 2000``. Event time runs sixty
times as fast as the clock, so that windows of an hour close each minute.
"""

import argparse
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil
import psycopg

from benchmarks import machine, progress
from benchmarks.findings import Found, Line, Table, save
from benchmarks.intake import moving, servers
from benchmarks.intake.load import Generator, Load, declare
from benchmarks.intake.slope import slope
from benchmarks.plain import show
from benchmarks.report import rewrite
from tests import postgres

ROWS, CONNECTIONS, TENTHS, FASTER = 100, 8, 10, 60
MODEL = "soak"
WARM = 0.3
"""The part of the run that warms up, and is left out of slope and growth."""


@dataclass
class Watch:
    """Looks at a process again and again, in a thread."""

    process: psutil.Process
    every: float
    samples: list[tuple[float, float, int]] = field(default_factory=list)
    """Seconds, resident MB, open files."""
    _end: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        began = time.monotonic()
        while not self._end.wait(self.every):
            size = self.process.memory_info().rss / 1e6
            self.samples.append((time.monotonic() - began, size, self.process.num_fds()))

    def stop(self) -> None:
        self._end.set()


def measure(minutes: float, rows_per_second: float, *, sqlite: bool = False) -> Found:
    """Keep the load up, and say what became of memory, files, answers and the database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leeway-soak-")))
        url = None if sqlite else stack.enter_context(postgres.running(fsync=True)).create()
        server = stack.enter_context(servers.service(folder / "service", url))
        declare(server.url, MODEL, lateness="5m")
        generator = stack.enter_context(Generator())
        watch = Watch(psutil.Process(server.process.pid), max(0.5, minutes / 5))
        thread = threading.Thread(target=watch.run, daemon=True)
        thread.start()
        loads, sizes = [], [stored(folder, url)]
        for load in _tenths(generator, server.port, folder / "body", minutes, rows_per_second):
            loads.append(load)
            sizes.append(stored(folder, url))
        watch.stop()
        thread.join()
    return _found(minutes, loads, sizes, watch.samples)


def _tenths(  # noqa: ANN202  a generator of Load
    generator: Generator, port: int, body: Path, minutes: float, rows_per_second: float
):
    rate = rows_per_second / ROWS
    step = timedelta(seconds=FASTER / rate)
    begin = datetime.now(UTC) - timedelta(minutes=minutes) * FASTER * 1.05 - timedelta(hours=2)
    patches = moving.write(body, ROWS, begin.replace(minute=0, second=0, microsecond=0), step)
    seconds, sent = minutes * 60 / TENTHS, 0
    for tenth in range(TENTHS):
        progress.say(f"soak: tenth {tenth + 1}")
        load = generator.run(
            moving.order(
                port, MODEL, body, patches, CONNECTIONS, seconds=seconds, rate=rate, first=sent
            )
        )
        sent += load.requests
        yield load


def stored(folder: Path, url: str | None) -> float:
    """Return the bytes that the database takes."""
    if url is None:
        return float(sum(path.stat().st_size for path in (folder / "service").glob("leeway.db*")))
    with psycopg.connect(url) as connection:
        found = connection.execute("select pg_database_size(current_database())").fetchone()
    return float(found[0]) if found else 0.0


def _found(
    minutes: float,
    loads: list[Load],
    sizes: list[float],
    samples: list[tuple[float, float, int]],
) -> Found:
    seconds, resident, files = (np.array(column, float) for column in zip(*samples, strict=True))
    warm = seconds >= WARM * seconds[-1]
    rise, either_way = slope(seconds[warm] / 3600, resident[warm])
    first = round(WARM * TENTHS)
    rows = sum(load.requests for load in loads) * ROWS
    later = sum(load.requests for load in loads[first:]) * ROWS
    lines = tuple(Line(f"tenth {n}", x.p50, x.p99) for n, x in enumerate(loads, start=1))
    figures = {
        "minutes": minutes,
        "rows": float(rows),
        "rows a second": rows / sum(load.seconds for load in loads),
        "resident MB after warm-up": float(resident[warm][0]),
        "resident MB at the end": float(resident[-1]),
        "memory slope, MB an hour": rise,
        "either way, 95 %": either_way,
        "open files after warm-up, most": float(files[warm].max()),
        "open files at the end": float(files[-1]),
        "p99 ms, first tenth after warm-up": loads[first].p99 * 1e3,
        "p99 ms, last tenth": loads[-1].p99 * 1e3,
        "database bytes a row": (sizes[-1] - sizes[first]) / later,
    }
    table = Table("soak", "answers by tenth of the run: p50, p99", "tenth 1", lines)
    return Found(machine.describe(1), (table,), figures)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rows-per-second", type=float, default=2_000)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite, not on PostgreSQL")
    given = parser.parse_args()
    found = measure(given.minutes, given.rows_per_second, sqlite=given.sqlite)
    save("soak", found)
    rewrite()
    print(show(found))


if __name__ == "__main__":
    main()
