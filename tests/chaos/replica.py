"""A replica of the service: forked from a process that has imported it, or started from nothing."""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.chaos.children import Child, signalled
from tests.e2e.server import COMMAND, NURSERY, environment


class Replica(Child):
    """The real server process. Its nursery is never killed: imports would take all the time.

    Every so often a start is a *cold* one, ``python -m app.cli serve`` as a user would.
    """

    def __init__(
        self, name: str, port: int, folder: Path, env: Mapping[str, str], spoilt: str | None
    ) -> None:
        nursery = (sys.executable, "-m", f"tests.chaos.spoilt.{spoilt}") if spoilt else NURSERY
        super().__init__(name, nursery, folder / "server.log")
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.cold = 0
        self._env = environment(port, folder, env)
        self._may_be_cold = spoilt is None
        self._child = 0
        self._started_cold: asyncio.subprocess.Process | None = None
        self._cold_next = False

    @property
    def pid(self) -> int:
        return self._child

    @property
    def alive(self) -> bool:
        """Whether it runs; the kernel buries what the nursery forked, and asyncio what we did."""
        if self._started_cold is not None:
            return self._started_cold.returncode is None
        return self._child != 0 and signalled(self._child, 0)

    def start_cold_next(self) -> None:
        self._cold_next = self._may_be_cold

    async def start(self, env: Mapping[str, str] | None = None) -> None:
        assert env is None, "a replica has an environment of its own"
        if self.process is None:
            await super().start(self._env)
            self.starts -= 1
        if self._cold_next:
            await self._start_cold()
        else:
            await self._fork()
        self.starts += 1
        self._cold_next = False

    async def _fork(self) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._started_cold = None
        self.process.stdin.write(b"{}\n")
        await self.process.stdin.drain()
        answer = await self.process.stdout.readline()
        assert answer, f"the nursery ended:\n{self.log.read_text()[-4000:]}"
        self._child = int(answer)

    async def _start_cold(self) -> None:
        with self.log.open("ab") as log:
            self._started_cold = await asyncio.create_subprocess_exec(
                *COMMAND, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=self._env
            )
        self._child = self._started_cold.pid
        self.cold += 1

    async def close(self) -> None:
        await self.unwatch()
        self.kill()
        if self._started_cold is not None:
            with contextlib.suppress(ProcessLookupError):
                await self._started_cold.wait()
        await super().close()
