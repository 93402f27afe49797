"""Child processes that listen on loopback: the service on either database, and the bare routes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.turns import ROOT

READY_WITHIN = 120.0
STOP_WITHIN = 15.0


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers on a port of 127.0.0.1."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def bare(folder: Path) -> Iterator[Server]:
    """Run the bare routes."""
    with _running("benchmarks.intake.bare", [], folder / "bare.log", {}) as server:
        yield server


@contextmanager
def service(folder: Path, database: str | None = None, workers: int = 1) -> Iterator[Server]:
    """Run the service as ``leeway serve`` does, on a database or on SQLite in ``folder``."""
    folder.mkdir(exist_ok=True)
    variables = {"LEEWAY_DATA_DIR": str(folder), "LEEWAY_DATABASE_URL": database or ""}
    variables["LEEWAY_WORKERS"] = str(workers)
    with _running("app.cli", ["serve", "--port"], folder / "service.log", variables) as server:
        yield server


@contextmanager
def _running(
    module: str, words: list[str], log: Path, variables: Mapping[str, str]
) -> Iterator[Server]:
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEEWAY_")}
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words, str(port)],
            cwd=ROOT,
            env=kept | variables | {"PYTHONPATH": str(ROOT)},
            stdout=sink,
            stderr=sink,
        )
    try:
        server = Server(port, process)
        _wait(server, log)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Server, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/readyz", timeout=2).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-2_000:]}")
