"""More than it can take: what is refused, what is counted, and how soon it is over.

``python -m benchmarks overload``. Four times the load that a service should bear for ever, and
then a flood of connections that send as fast as they are answered.
"""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks import machine, progress
from benchmarks.findings import Found
from benchmarks.intake import servers
from benchmarks.intake.contest import prepare
from benchmarks.intake.load import Generator, declare
from benchmarks.intake.traffic import BY_PATH
from tests import postgres

MODEL, ROWS = "overload", 500
STEADY, FLOOD, LIGHT = "four times the steady load", "flood", "light load at once after it"
RATE = 4 * 10_000 / ROWS
SECONDS = {STEADY: 120.0, FLOOD: 30.0, LIGHT: 10.0}
CONNECTIONS = {STEADY: 64, FLOOD: 500, LIGHT: 8}
RATES = {STEADY: RATE, FLOOD: None, LIGHT: RATE / 8}


def measure() -> Found:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leeway-bench-")))
        url = stack.enter_context(postgres.running(fsync=True)).create()
        server = stack.enter_context(servers.service(folder / "service", url))
        declare(server.url, MODEL)
        generator = stack.enter_context(Generator())
        case = prepare(BY_PATH["json-rows"], ROWS, folder)
        process = psutil.Process(server.process.pid)
        figures: dict[str, float] = {}
        acknowledged = 0
        for phase, seconds in SECONDS.items():
            progress.say(f"overload: {phase}")
            order = case.order(
                server.port,
                f"/v1/models/{MODEL}/batches",
                phase.replace(" ", "-"),
                seconds,
                CONNECTIONS[phase],
                rate=RATES[phase],
            )
            found = generator.ask(order)
            acknowledged += found["statuses"].get("200", 0)
            figures |= _phase(phase, found)
            figures[f"{phase}, resident MB"] = process.memory_info().rss / 1e6
        figures["rows acknowledged"] = float(acknowledged * ROWS)
        figures["rows counted"] = float(counted(server.url))
    return Found(machine.describe(1), (), figures)


def _phase(phase: str, found: dict[str, Any]) -> dict[str, float]:
    statuses = found["statuses"]
    refused = sum(statuses.get(status, 0) for status in ("429", "503"))
    taken = statuses.get("200", 0)
    return {
        f"{phase}, rows/s acknowledged": taken * ROWS / found["seconds"],
        f"{phase}, p99 ms of acknowledged": found["acknowledged_p99"] * 1e3,
        f"{phase}, refused with 429 or 503": float(refused),
        f"{phase}, any other answer, or none": float(found["sent"] - refused - taken),
    }


def counted(url: str) -> int:
    """Return the rows of the model that count, read from the metrics once they stand still."""
    before = -1
    while (now := _counted(url)) != before:
        before = now
        time.sleep(1)
    return now


def _counted(url: str) -> int:
    wanted = "leeway_ingest_rows_total{"
    lines = httpx.get(f"{url}/metrics", timeout=30).text.splitlines()
    found = [one for one in lines if one.startswith(wanted) and 'result="counted"' in one]
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in found)
