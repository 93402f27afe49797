"""How long pages take the service while rows come in, and while none do."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np

from benchmarks.intake.contest import prepare
from benchmarks.intake.load import Generator, declare
from benchmarks.intake.servers import Server
from benchmarks.intake.traffic import BY_PATH
from benchmarks.pages.place import SENT

ROWS, RATE = 500, 20.0
"""Rows a batch, and batches a second: the 10,000 rows/s that a service should bear for ever."""
CONNECTIONS = 8
PORTION = 5.0
"""Seconds."""
EACH = 20
HTML = {"Accept": "text/html", "Accept-Encoding": "gzip"}


def times(server: Server, paths: Mapping[str, str], folder: Path) -> dict[str, float]:
    """Return the milliseconds of each page: the median at rest, and percentiles during intake."""
    found = _asked(server.url, paths, {"at rest, p50 ms": 50.0})
    declare(server.url, SENT)
    done = threading.Event()
    with Generator() as generator, ThreadPoolExecutor(1) as beside:
        sending = beside.submit(_send, generator, server.port, folder, done)
        try:
            found |= _asked(server.url, paths, {"p50 ms": 50.0, "p95 ms": 95.0})
        finally:
            done.set()
    return found | {"batches during it: p99 ms, worst": max(sending.result())}


def _send(generator: Generator, port: int, folder: Path, done: threading.Event) -> list[float]:
    """Send rows at a steady rate until all pages were asked for; each portion's p99 in ms."""
    case = prepare(BY_PATH["json-rows"], ROWS, folder)
    slowest = []
    path = f"/v1/models/{SENT}/batches"
    while not done.is_set():
        key = f"pages-{len(slowest)}"
        order = case.order(port, path, key, PORTION, CONNECTIONS, rate=RATE)
        slowest.append(1_000 * generator.run(order).p99)
    return slowest


def _asked(url: str, paths: Mapping[str, str], which: Mapping[str, float]) -> dict[str, float]:
    """Ask for the pages in turn, so that whatever else happens meets them all alike."""
    took: dict[str, list[float]] = {name: [] for name in paths}
    with httpx.Client(base_url=url, timeout=60, headers=HTML) as client:
        for _ in range(EACH):
            for name, path in paths.items():
                began = time.perf_counter()
                client.get(path).raise_for_status()
                took[name].append(1_000 * (time.perf_counter() - began))
    return {
        f"{name}, {title}": float(np.percentile(values, percent))
        for name, values in took.items()
        for title, percent in which.items()
    }
