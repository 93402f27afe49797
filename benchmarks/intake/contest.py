"""One format and batch size: bare routes and services that take turns, then half the peak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.findings import Line, Table
from benchmarks.intake.generator import Order
from benchmarks.intake.load import Generator, Load
from benchmarks.intake.traffic import Format, make

READ, DECODE = "body read", "decoded"
POSTGRES, TWO, SQLITE = "PostgreSQL", "two processes", "SQLite"
DATABASES = (POSTGRES, SQLITE)
SERVICES = (POSTGRES, TWO, SQLITE)
"""One process on PostgreSQL, ``--workers 2`` on another database of it, and one on SQLite."""
CONNECTIONS: Mapping[int, int] = {1: 32, 100: 16, 10_000: 4}
"""Of each batch size: small requests come from many clients at once, large ones from few."""
DISTINCT = 8
"""Bodies that are sent in turn; every request has a key of its own, so all of them count."""
MODEL = "bench"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each turn lasts, how many there are, and how long half the peak is held."""

    seconds: float
    rounds: int
    steady: float


QUICK, FULL = Pace(0.4, 2, 1.2), Pace(2.0, 5, 10.0)


@dataclass(frozen=True, slots=True)
class Case:
    """A format and a batch size, with bodies on disk."""

    form: Format
    rows: int
    bodies: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.form.name} x {self.rows:,}"

    def order(
        self,
        port: int,
        path: str,
        key: str,
        seconds: float,
        connections: int | None = None,
        **more: float,
    ) -> Order:
        return Order(
            port,
            path,
            self.form.media_type,
            self.bodies,
            f"{self.form.path}-{self.rows}-{key}",
            connections or CONNECTIONS[self.rows],
            seconds,
            self.form.encoding,
            **more,
        )


def prepare(form: Format, rows: int, folder: Path) -> Case:
    """Write the bodies of a case."""
    paths = []
    for seed in range(DISTINCT):
        path = folder / f"{form.path}-{rows}-{seed}"
        path.write_bytes(form.encode(make(rows, seed)))
        paths.append(str(path))
    return Case(form, rows, tuple(paths))


@dataclass
class Contest:
    """The generator, and the ports on which everybody listens."""

    generator: Generator
    bare: int
    services: Mapping[str, int]
    pace: Pace
    busiest: dict[str, float] = field(default_factory=dict)
    """How busy the generator was at most, by contestant."""

    def hold(self, case: Case) -> tuple[Table, dict[str, float]]:
        """Return seconds a request of each, and the services' percentiles at half their peak."""
        found: dict[str, list[Load]] = {}
        for turn in range(-1, self.pace.rounds):
            for name, (port, path) in self._routes(case).items():
                load = self.generator.run(self._turn(case, port, path, turn))
                if turn >= 0:
                    found.setdefault(name, []).append(load)
        for name, loads in found.items():
            most = max(load.busy for load in loads)
            self.busiest[name] = max(self.busiest.get(name, 0.0), most)
        table = Table(
            case.key,
            case.key,
            DECODE,
            tuple(_line(n, loads, case.rows) for n, loads in found.items()),
        )
        return table, self._percentiles(case, found)

    def _turn(self, case: Case, port: int, path: str, turn: int) -> Order:
        least = 2 * CONNECTIONS[case.rows] if turn >= 0 else DISTINCT
        seconds = self.pace.seconds if turn >= 0 else 0.1
        return case.order(port, path, f"turn{turn}", seconds, least=least)

    def _routes(self, case: Case) -> dict[str, tuple[int, str]]:
        routes = {READ: (self.bare, "/read"), DECODE: (self.bare, f"/decode/{case.form.path}")}
        batches = f"/v1/models/{MODEL}/batches"
        return routes | {name: (port, batches) for name, port in self.services.items()}

    def _percentiles(self, case: Case, found: Mapping[str, Sequence[Load]]) -> dict[str, float]:
        """Hold each service at half of its fastest turn's rate, by the clock."""
        figures = {}
        for name, port in self.services.items():
            best = min(load.each for load in found[name])
            peak = min(load.p50 for load in found[name])
            half = self.generator.run(
                case.order(
                    port, f"/v1/models/{MODEL}/batches", "half", self.pace.steady, rate=0.5 / best
                )
            )
            figures |= {
                f"{case.key}, {name}, at the peak, p50 ms": peak * 1e3,
                f"{case.key}, {name}, at half the peak, p50 ms": half.p50 * 1e3,
                f"{case.key}, {name}, at half the peak, p99 ms": half.p99 * 1e3,
            }
        return figures


def _line(name: str, loads: Sequence[Load], rows: int) -> Line:
    times = [load.each for load in loads]
    return Line(name, min(times), float(np.median(times)), rows)
