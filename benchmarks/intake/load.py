"""The parent's side of the load generator, and one model's declaration."""

import json
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from benchmarks.intake.generator import Order
from benchmarks.intake.traffic import make, parquet
from benchmarks.turns import ROOT

BASELINE_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Load:
    """What one order did: all of it answered, or `Refused`."""

    requests: int
    seconds: float
    cpu: float
    p50: float
    p99: float
    most: float

    @property
    def each(self) -> float:
        """Seconds a request."""
        return self.seconds / self.requests

    @property
    def busy(self) -> float:
        """Which part of the time the generator itself was at work."""
        return self.cpu / self.seconds


class Refused(Exception):
    """Some requests were not answered with 2xx; the figures would mean nothing."""


class Generator:
    """The generator's process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.intake.generator"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def ask(self, order: Order) -> dict[str, Any]:
        """Carry an order out, whatever is answered."""
        print(msgspec.json.encode(order).decode(), file=self._process.stdin, flush=True)
        text = self._process.stdout.readline() if self._process.stdout else ""
        if not text:
            raise Refused(f"the generator ended at {order.path}")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def run(self, order: Order) -> Load:
        """Carry an order out.

        Raises
        ------
        Refused
            Something was not answered with 2xx.
        """
        found = self.ask(order)
        statuses = {code: n for code, n in found["statuses"].items() if not code.startswith("2")}
        if statuses or found["requests"] < found["sent"]:
            raise Refused(f"{order.path} {order.media_type}: {found}")
        names = ("requests", "seconds", "cpu", "p50", "p99", "max")
        return Load(*(found[name] for name in names))


def declare(url: str, model: str, **settings: object) -> None:
    """Declare a model and give it a reference of 20,000 rows."""
    with httpx.Client(base_url=url, timeout=60) as client:
        client.put(f"/v1/models/{model}", json={"window": "1h"} | settings).raise_for_status()
        client.post(
            f"/v1/models/{model}/baselines",
            content=parquet(make(BASELINE_ROWS, 999)),
            headers={"Content-Type": "application/vnd.apache.parquet"},
        ).raise_for_status()
