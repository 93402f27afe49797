"""A real server process on loopback: started, asked, killed."""

import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from app.store import sqlite_url
from tests import conserved

READY_WITHIN = 60.0
COMMAND = (sys.executable, "-m", "app.cli", "serve")
NURSERY = (sys.executable, "-m", "tests.e2e.nursery")
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(port: int, folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a server: none of the user's own settings, all of the test's."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LEEWAY_")}
    return inherited | {
        "LEEWAY_PORT": str(port),
        "LEEWAY_DATA_DIR": str(folder / "data"),
        "LEEWAY_LOG_FORMAT": "json",
        **more,
    }


class Nursery:
    """A process that has imported the service, from which every test's servers are forked."""

    def __init__(self, entry: tuple[str, ...]) -> None:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LEEWAY_")}
        self._process = subprocess.Popen(
            entry,
            env=inherited,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        atexit.register(self._end)

    def fork(self, env: Mapping[str, str], log: Path) -> int:
        """Start a server; return its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"env": dict(env), "log": str(log)}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{self._process.args} ended with status {self._process.wait()}"
        return int(answer)

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)


@functools.cache
def nursery(entry: tuple[str, ...]) -> Nursery:
    """Return the one of this process for an entry point; it ends with this process."""
    return Nursery(entry)


class Server:
    """One server on a port of its own, restarted on the same database."""

    def __init__(
        self, folder: Path, env: Mapping[str, str], entry: tuple[str, ...] = NURSERY
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.pid = 0
        self._database = env.get("LEEWAY_DATABASE_URL") or sqlite_url(folder / "data")
        self._env = environment(self.port, folder, env)
        self._nursery = nursery(entry)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.pid = self._nursery.fork(self._env, self.log)
        await_ready(self.url, self.log)

    def kill(self) -> None:
        """End it as a crash would: kill -9, nothing flushed, nothing said."""
        os.kill(self.pid, signal.SIGKILL)
        self._gone()

    def _gone(self) -> None:
        """Wait until it has ended, and with it its hold on the database."""
        while self.pid:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.005)

    def close(self) -> None:
        """End it; what it leaves behind must add up."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._gone()
        conserved.check_place(self._database)


def await_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"the server was not ready in time:\n{log.read_text()[-4000:]}")
