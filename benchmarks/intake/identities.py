"""Rows recognised by their ids beside rows that are only counted; every row is a new one."""

import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np

from benchmarks import machine, progress
from benchmarks.findings import Found, Line, Table
from benchmarks.intake import moving, servers
from benchmarks.intake.contest import CONNECTIONS, DATABASES
from benchmarks.intake.load import Generator, declare
from benchmarks.intake.traffic import half_an_hour_ago
from tests import postgres

SIZES, SECONDS, ROUNDS = (100, 10_000), 2.0, 4
SETTINGS = {"counted": {}, "recognised": {"deduplicate_rows": {"horizon_days": 7}}}
NOT_OFFERED = "The service does not recognise rows by their ids."


def measure() -> Found:
    """Send Arrow to a model of each kind in turn, on both databases."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leeway-bench-")))
        database = stack.enter_context(postgres.running(fsync=True))
        generator = stack.enter_context(Generator())
        tables = []
        for name, url in zip(DATABASES, (database.create(), None), strict=True):
            server = stack.enter_context(servers.service(folder / name, url))
            if not _declare(server.url):
                return Found(machine.describe(0), (), notes=(NOT_OFFERED,))
            tables += [_turns(generator, server.port, name, rows, folder) for rows in SIZES]
    return Found(machine.describe(ROUNDS), tuple(tables))


def _declare(url: str) -> bool:
    for model, settings in SETTINGS.items():
        declare(url, model)
        # only now does the schema, inferred from the reference, have a column of ids
        declared = httpx.put(
            f"{url}/v1/models/{model}", json={"window": "1h"} | settings, timeout=30
        )
        if declared.is_error:
            return False
    return True


def _turns(generator: Generator, port: int, name: str, rows: int, folder: Path) -> Table:
    progress.say(f"identities: {name}, {rows:,} rows")
    body = folder / f"{name}-{rows}"
    patches = moving.write(body, rows, half_an_hour_ago(), timedelta(0))
    times: dict[str, list[float]] = {model: [] for model in SETTINGS}
    sent = 0
    for turn in range(-1, ROUNDS):
        for model, found in times.items():
            load = generator.run(
                moving.order(
                    port, model, body, patches, CONNECTIONS[rows], seconds=SECONDS, first=sent
                )
            )
            sent += load.requests
            if turn >= 0:
                found.append(load.each)
    lines = tuple(Line(n, min(t), float(np.median(t)), rows) for n, t in times.items())
    key = f"{name} x {rows:,}"
    return Table(key, key, "counted", lines)
