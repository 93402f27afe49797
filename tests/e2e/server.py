"""A real server process on loopback: started, asked, killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

STARTUP_SECONDS = 60.0
ENTRY = (sys.executable, "-m", "app.cli", "serve")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One ``leeway serve`` (or another entry) with its own port, restarted on the same database."""

    def __init__(
        self, folder: Path, env: Mapping[str, str], entry: tuple[str, ...] = ENTRY
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self._entry = entry
        self._env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("LEEWAY_")},
            "LEEWAY_PORT": str(self.port),
            "LEEWAY_DATA_DIR": str(folder / "data"),
            "LEEWAY_LOG_FORMAT": "json",
            **env,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._entry, env=self._env, stdout=log, stderr=log)
        deadline = time.monotonic() + STARTUP_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended at start:\n{self.log.read_text()[-4000:]}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the server was not ready in time:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """End it as a crash would: kill -9, nothing flushed, nothing said."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def terminate(self, seconds: float = 20.0) -> int:
        """Ask it to stop (SIGTERM) and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None
