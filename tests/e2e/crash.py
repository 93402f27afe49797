"""Clients that post while the server is killed again and again, and what must be true afterwards.

The oracle is the client's own list: each batch is named by its key and has a known number of
rows. Every key is re-sent until it is acknowledged, so in the end each must be counted once.
"""

import itertools
import random
import threading
import time
from dataclasses import dataclass, field

import httpx

from tests.e2e.server import Server

MODEL = "crash"
ORIGIN = 1_767_225_600  # 2026-01-01T00:00:00Z
WINDOW = 3_600


@dataclass
class Client:
    """Posts batches of 1 to 9 rows; remembers what was acknowledged, and every retry.

    It posts ``wanted`` batches and goes on until ``enough`` is set: a fast machine shall not be
    done before the server was killed as often as the test wants.
    """

    server: Server
    name: str
    wanted: int
    headers: dict[str, str]
    enough: threading.Event
    acknowledged: dict[str, int] = field(default_factory=dict)
    retries: int = 0
    repeated: int = 0
    refused: list[str] = field(default_factory=list)

    def run(self) -> None:
        draw = random.Random(self.name)
        with httpx.Client(base_url=self.server.url, timeout=10, headers=self.headers) as http:
            for number in itertools.count():
                if number >= self.wanted and self.enough.is_set():
                    return
                self._post(http, f"{self.name}-{number}", draw.randint(1, 9))

    def _post(self, http: httpx.Client, key: str, rows: int) -> None:
        body = [{"t": ORIGIN + index, "x": float(index % 3)} for index in range(rows)]
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                answer = http.post(
                    f"/v1/models/{MODEL}/batches", json=body, headers={"Idempotency-Key": key}
                )
            except httpx.TransportError:
                self.retries += 1
                time.sleep(0.02)
                continue
            if answer.status_code == 200:
                self._acknowledge(key, rows, answer)
                return
            if answer.status_code not in (409, 503):
                self.refused.append(f"{key}: {answer.status_code} {answer.text[:200]}")
                return
            self.retries += 1
            time.sleep(0.02)
        self.refused.append(f"{key}: never acknowledged")

    def _acknowledge(self, key: str, rows: int, answer: httpx.Response) -> None:
        self.acknowledged[key] = rows
        self.repeated += "idempotent-replayed" in answer.headers
        receipt = answer.json()
        if (receipt["received"], receipt["counted"]) != (rows, rows):
            self.refused.append(f"{key}: receipt of {receipt['counted']} for {rows} rows")


@dataclass(frozen=True)
class Run:
    """What happened in one run."""

    clients: list[Client]

    @property
    def acknowledged(self) -> dict[str, int]:
        return {key: rows for client in self.clients for key, rows in client.acknowledged.items()}

    @property
    def retries(self) -> int:
        return sum(client.retries for client in self.clients)

    @property
    def refused(self) -> list[str]:
        return [line for client in self.clients for line in client.refused]


def prepare(server: Server, headers: dict[str, str]) -> None:
    """Declare the model and its reference."""
    features = [
        {"name": "t", "kind": "ignored", "role": "timestamp", "time_unit": "s"},
        {"name": "x", "kind": "numeric"},
    ]
    with httpx.Client(base_url=server.url, timeout=30, headers=headers) as http:
        declared = {"schema": {"features": features}, "window": "1h", "lateness": "15m"}
        http.put(f"/v1/models/{MODEL}", json=declared).raise_for_status()
        rows = [{"t": ORIGIN - WINDOW, "x": float(index % 3)} for index in range(1_200)]
        http.post(f"/v1/models/{MODEL}/baselines", json=rows).raise_for_status()


def crash_run(
    server: Server, headers: dict[str, str], *, clients: int, batches: int, kills: int
) -> Run:
    """Post from several clients while the server is killed; return when all is acknowledged."""
    enough = threading.Event()
    posting = [Client(server, f"c{index}", batches, headers, enough) for index in range(clients)]
    threads = [threading.Thread(target=client.run) for client in posting]
    for thread in threads:
        thread.start()
    draw = random.Random(7)
    try:
        for _ in range(kills):
            time.sleep(draw.uniform(0.05, 0.4))
            server.kill()
            server.start()
    finally:
        enough.set()
    for thread in threads:
        thread.join()
    return Run(posting)


def resend(server: Server, headers: dict[str, str], run: Run, count: int) -> int:
    """Send acknowledged batches again; return how many were recognised."""
    recognised = 0
    with httpx.Client(base_url=server.url, timeout=10, headers=headers) as http:
        for key, rows in list(run.acknowledged.items())[:count]:
            body = [{"t": ORIGIN + index, "x": float(index % 3)} for index in range(rows)]
            answer = http.post(
                f"/v1/models/{MODEL}/batches", json=body, headers={"Idempotency-Key": key}
            )
            recognised += "idempotent-replayed" in answer.headers
    return recognised


def counted_rows(server: Server, headers: dict[str, str]) -> tuple[int, int]:
    """Close the window with a later row; return its rows and the sum of a feature's bins."""
    with httpx.Client(base_url=server.url, timeout=10, headers=headers) as http:
        later = [{"t": ORIGIN + 3 * WINDOW, "x": 0.0}]
        http.post(f"/v1/models/{MODEL}/batches", json=later).raise_for_status()
        deadline = time.monotonic() + 30
        path = f"/v1/models/{MODEL}/windows/2026-01-01T00:00:00Z"
        while time.monotonic() < deadline:
            window = http.get(path)
            if window.status_code == 200 and window.json()["status"] != "open":
                bins = http.get(f"{path}/features/x").json()["bins"]
                return window.json()["rows"], sum(bin_["current"] for bin_ in bins)
            time.sleep(0.2)
    raise AssertionError("the window did not close")
