"""Child processes that are killed, frozen and started again."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.e2e.server import ROOT

LOOK_EVERY = 0.05
FROZEN = signal.SIGSTOP
THAWED = signal.SIGCONT


class Child:
    """A process under watch: when it is gone, it is started again."""

    def __init__(self, name: str, command: tuple[str, ...], log: Path) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.starts = 0
        self.process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process is not None else 0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self, env: Mapping[str, str] | None = None) -> None:
        """Start it; it ends when we do, because its standard input ends then."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env=dict(env) if env is not None else None,
            )
        self.starts += 1

    def watch(self) -> None:
        self._watch = asyncio.create_task(self._keep(), name=f"watch {self.name}")

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not self.alive:
                await self.start()

    def kill(self) -> bool:
        """End it as a crash would; False where it was gone already."""
        return self.alive and signalled(self.pid, signal.SIGKILL)

    async def freeze(self, seconds: float) -> bool:
        """Stop it in the middle of whatever it does, and let it go on later."""
        pid = self.pid
        if not self.alive or not signalled(pid, FROZEN):
            return False
        try:
            await asyncio.sleep(seconds)
        finally:
            signalled(pid, THAWED)
        return True

    async def tell(self, line: str) -> None:
        """Write a line to its standard input; one that is gone hears nothing."""
        if self.process is not None and self.process.stdin is not None and self.alive:
            with contextlib.suppress(OSError):
                self.process.stdin.write(line.encode() + b"\n")
                await self.process.stdin.drain()

    async def unwatch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch

    async def close(self) -> None:
        await self.unwatch()
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


def signalled(pid: int, number: int) -> bool:
    """Send a signal, 0 to ask only; False where there is no such process."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


class Link(Child):
    """A fault proxy and what it was told to do."""

    def __init__(self, name: str, ports: tuple[int, int], seed: int, log: Path) -> None:
        listen, upstream = ports
        module = (sys.executable, "-m", "tests.chaos.proxy")
        super().__init__(name, (*module, str(listen), str(upstream), f"{seed} {name}"), log)
        self.port = listen
        self.url = f"http://127.0.0.1:{listen}"
        self.struck: Counter[str] = Counter()

    async def start(self, env: Mapping[str, str] | None = None) -> None:
        await super().start(env)
        assert self.process is not None
        assert self.process.stdout is not None
        self._hearing = asyncio.create_task(self._hear(self.process.stdout))

    async def _hear(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            said = json.loads(line)
            self.struck[said["mode"]] += said["struck"]

    async def misbehave(self, mode: str, share: float, seconds: float) -> None:
        await self.tell(json.dumps({"mode": mode, "share": share, "seconds": seconds}))


class Receiver(Child):
    """The webhook receiver, with an orchestrator behind it that answers by ``urls``."""

    def __init__(self, port: int, folder: Path, urls: Sequence[str]) -> None:
        self.port = port
        self.heard, self.runs = folder / "heard.jsonl", folder / "runs.jsonl"
        module = (sys.executable, "-m", "tests.chaos.receiver")
        command = (*module, str(port), str(self.heard), str(self.runs), *urls)
        super().__init__("receiver", command, folder / "receiver.log")
