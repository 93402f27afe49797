"""Virtual environments and servers of others: installed once, started on loopback, ended."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

INSTALLING = 900


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    url: str
    python: Path | None = None
    environment: Mapping[str, str] | None = None


def venv(cache: Path, name: str, *requirements: str) -> Path:
    """Return the folder of a virtual environment's programs that holds ``requirements``.

    Never our own: orchestrators pin versions of what we use, too.
    """
    folder, done = cache / name, cache / name / ".installed"
    programs = folder / "bin"
    if done.exists():
        return programs
    shutil.rmtree(folder, ignore_errors=True)
    _call(sys.executable, "-m", "venv", str(folder))
    _call(str(programs / "python"), "-m", "pip", "install", "-q", *requirements)
    done.touch()
    return programs


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def served(
    command: Sequence[str], environment: Mapping[str, str], log: Path, ready: str, patience: float
) -> Iterator[None]:
    """Run a server until it answers at ``ready``; all of its processes end with it."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=clean() | dict(environment),
            cwd=log.parent,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, ready, patience, log)
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            time.sleep(0.5)


def clean() -> dict[str, str]:
    """Return our environment without what leads Python back to our own packages."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LEEWAY"))}


def _wait(process: "subprocess.Popen[bytes]", url: str, patience: float, log: Path) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False, timeout=2).is_success:
                return
        time.sleep(0.2)
    raise AssertionError(f"{process.args} did not start:\n{log.read_text()[-4_000:]}")


def _call(*command: str) -> None:
    subprocess.run(command, check=True, env=clean(), timeout=INSTALLING)
