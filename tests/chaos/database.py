"""The databases of a run: a real PostgreSQL that is restarted without mercy, or one SQLite file."""

import asyncio
import contextlib
import random
from pathlib import Path
from typing import Any

import psutil

from tests import postgres
from tests.chaos.disk import Disk

NAME = "leeway"
PATIENCE = "30"
LOOK_EVERY = 0.3
CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = 64MB
max_wal_size = 128MB
min_wal_size = 32MB
checkpoint_timeout = 30s
"""


class Postgres:
    """A server that ``pg_ctl`` starts, restarts and stops; it syncs, as a real one does."""

    def __init__(self, disk: Disk, port: int, log: Path) -> None:
        self.disk = disk
        self.port = port
        self.restarts = 0
        self.revivals = 0
        """Starts of a server that had ended by itself, for instance on a full disk."""
        self._data = disk.folder / "data"
        self._log = log
        self._account = postgres.run_as(disk.folder)
        self._busy = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    def url(self, port: int | None = None) -> str:
        """Return the address of the database, by another port where a proxy is in between."""
        return f"postgresql://postgres:{postgres.PASSWORD}@127.0.0.1:{port or self.port}/{NAME}"

    async def start(self) -> None:
        await asyncio.to_thread(postgres.initialise, self.disk.folder, self._account)
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION.format(port=self.port))
        self._log.touch()
        self._log.chmod(0o666)
        assert await self._control("start"), self._log.read_text()[-2000:]
        created = await self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), NAME)
        assert created, "the database could not be made"

    def watch(self) -> None:
        self._watch = asyncio.create_task(self._keep(), name="watch the database")

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            async with self._busy:
                if not self.alive and await self._control("start"):
                    self.revivals += 1

    async def restart(self) -> bool:
        """Restart it at once: no checkpoint, every connection broken, recovery from its log."""
        async with self._busy:
            done = self.alive and await self._control("restart", "-m", "immediate")
        self.restarts += done
        return done

    @property
    def postmaster(self) -> int:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((self._data / "postmaster.pid").read_text().split("\n")[0])
        return 0

    @property
    def alive(self) -> bool:
        return self.postmaster != 0 and psutil.pid_exists(self.postmaster)

    def backend(self, draw: random.Random) -> int:
        """Return one process that serves a client, or 0."""
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self.postmaster).children() if self.postmaster else []
            serving = [c.pid for c in children if f" {NAME} 127.0.0.1(" in " ".join(c.cmdline())]
            return draw.choice(serving) if serving else 0
        return 0

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        async with self._busy:
            await self._control("stop", "-m", "immediate")

    async def _control(self, verb: str, *more: str) -> bool:
        where = ("-D", str(self._data), "-l", str(self._log))
        return await self._run("pg_ctl", verb, *where, "-w", "-t", PATIENCE, *more)

    async def _run(self, program: str, *arguments: str) -> bool:
        who: dict[str, Any] = {**self._account}
        if who:
            who["extra_groups"] = []
        process = await asyncio.create_subprocess_exec(
            str(postgres.binary(program)),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env={"PGUSER": "postgres", "PGPASSWORD": postgres.PASSWORD, "LC_ALL": "C"},
            **who,
        )
        return await process.wait() == 0


class Sqlite:
    """One file; what can go wrong with it is its process and its disk."""

    restarts = 0
    revivals = 0

    def __init__(self, disk: Disk) -> None:
        self.disk = disk

    def url(self) -> str:
        return f"sqlite:///{self.disk.folder / 'leeway.db'}"

    async def start(self) -> None:
        """Nothing runs."""

    def watch(self) -> None:
        """Nothing can end."""

    async def restart(self) -> bool:
        return False

    def backend(self, draw: random.Random) -> int:  # noqa: ARG002
        return 0

    async def close(self) -> None:
        """Nothing is open."""


Database = Postgres | Sqlite
