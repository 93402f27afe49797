"""Two replicas on one PostgreSQL beside one, the same connections in all; they take turns."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks import machine, progress
from benchmarks.findings import Found, Line, Table
from benchmarks.intake import servers
from benchmarks.intake.contest import CONNECTIONS, MODEL, Case, prepare
from benchmarks.intake.load import Generator, declare
from benchmarks.intake.traffic import BY_PATH
from tests import postgres

CASES = (("json-rows", 1), ("json-rows", 100), ("json-rows", 10_000), ("arrow-stream", 10_000))
SECONDS, ROUNDS = 2.0, 4
NAMES = ("one replica", "two replicas")


def measure() -> Found:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leeway-bench-")))
        url = stack.enter_context(postgres.running(fsync=True)).create()
        both = [stack.enter_context(servers.service(folder / name, url)) for name in NAMES]
        declare(both[0].url, MODEL)
        generators = [stack.enter_context(Generator()) for _ in both]
        ports = [server.port for server in both]
        tables = tuple(
            _compare(prepare(BY_PATH[path], rows, folder), generators, ports)
            for path, rows in CASES
        )
    return Found(machine.describe(ROUNDS), tables)


def _compare(case: Case, generators: Sequence[Generator], ports: Sequence[int]) -> Table:
    progress.say(f"replicas: {case.key}")
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    for turn in range(-1, ROUNDS):
        for count, name in enumerate(NAMES, start=1):
            seconds = _together(case, generators[:count], ports, f"{name}-{turn}".replace(" ", "-"))
            if turn >= 0:
                times[name].append(seconds)
    lines = tuple(Line(n, min(t), float(np.median(t)), case.rows) for n, t in times.items())
    return Table(case.key, case.key, NAMES[0], lines)


def _together(case: Case, generators: Sequence[Generator], ports: Sequence[int], key: str) -> float:
    """Return seconds a request of all generators at once, each at a port of its own."""
    connections = CONNECTIONS[case.rows] // len(generators)
    orders = [
        case.order(port, f"/v1/models/{MODEL}/batches", f"{key}-{n}", SECONDS, connections)
        for n, port in enumerate(ports[: len(generators)])
    ]
    with ThreadPoolExecutor(len(generators)) as pool:
        loads = list(
            pool.map(lambda pair: pair[0].run(pair[1]), zip(generators, orders, strict=True))
        )
    return 1 / sum(1 / load.each for load in loads)
