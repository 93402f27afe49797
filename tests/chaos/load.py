"""The load generator, a process of its own: ``python -m tests.chaos.load SETTINGS``.

It writes down each batch before it is sent and each answer after it came, and sends again until
it is answered. ``stop`` on standard input ends new traffic; what is under way is finished.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import obstore
from obstore.store import S3Store

from tests.chaos.encode import encode, object_key
from tests.chaos.journal import Journal
from tests.chaos.plan import Batch, Kind, Shape, Workload, recut, reuse
from tests.seaweed import Seaweed

AGAIN = 0.04
"""Share of sendings that repeat a batch that was acknowledged, on purpose."""
REUSES = 0.005
RECUTS = 0.02
"""Share that brings rows again whose ids were acknowledged, in another batch."""
REMEMBERED = 2_000
TIMEOUT = 4.0
"""Shorter than some stalls, so that a batch is on its way to two replicas at once."""
LONGEST_PAUSE = 0.5
PATIENCE = 90.0
"""Seconds in which everything must be acknowledged once faults have stopped."""
SAY_EVERY = 0.1
TRY_AGAIN = frozenset({409, 429, 503})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the supervisor tells the load generator."""

    shape: Shape
    urls: tuple[str, ...]
    log: str
    objects: str | None
    """Endpoint of the object storage, where there is one."""
    workers: int
    rate: float
    """Batches begun in a second, at most."""


@dataclass
class Load:
    """Workers that share one plan, one log and one HTTP client."""

    settings: Settings
    http: httpx.AsyncClient
    journal: Journal
    draw: random.Random
    bucket: S3Store | None = None
    acknowledged: int = 0
    retries: int = 0
    stopped: bool = False
    deadline: float = float("inf")
    busy: Counter[str] = field(default_factory=Counter)
    """Requests under way, by replica."""
    known: deque[Batch] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """The batches that were acknowledged last."""
    unique: deque[Batch] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """Those of them whose rows have ids."""
    names: set[str] = field(default_factory=set)
    """All that were ever among them."""

    async def run(self) -> None:
        """Send the plan until told to stop, then all that closes it."""
        work = Workload(self.settings.shape)
        batches = iter(work)
        await asyncio.gather(*(self._work(batches) for _ in range(self.settings.workers)))
        last = iter(work.last())
        await asyncio.gather(*(self._finish(last) for _ in range(self.settings.workers)))

    async def _work(self, batches: Iterator[Batch]) -> None:
        pause = self.settings.workers / self.settings.rate
        while not self.stopped:
            begun = time.monotonic()
            await self._send(self._choose(batches))
            await asyncio.sleep(max(0.0, begun + pause - time.monotonic()))

    async def _finish(self, batches: Iterator[Batch]) -> None:
        for batch in batches:
            await self._send(batch)

    def _choose(self, batches: Iterator[Batch]) -> Batch:
        drawn = self.draw.random()
        if self.known and drawn < AGAIN:
            return self.draw.choice(self.known)
        if self.known and drawn < AGAIN + REUSES:
            known = self.draw.choice(self.known)
            if known.kind is Kind.KEYED:
                return reuse(known, self.settings.shape.levels)
        if self.unique and drawn > 1 - RECUTS:
            return recut(self.draw.choice(self.unique), self.draw)
        return next(batches)

    async def _send(self, batch: Batch) -> None:
        """Send until a final answer came."""
        body, headers = encode(batch)
        self.journal.write({"op": "batch", **asdict(batch)})
        tries = 0
        while time.monotonic() < self.deadline:
            if batch.kind.stored:
                status = await self._put(batch, body)
            else:
                status = await self._try(batch, body, headers)
            if status is not None and status not in TRY_AGAIN:
                self._finished(batch, status)
                return
            self.retries += 1
            tries += 1
            longest = min(LONGEST_PAUSE, 0.02 * 2**tries)
            await asyncio.sleep(self.draw.uniform(longest / 2, longest))

    def _finished(self, batch: Batch, status: int) -> None:
        if status == 200 and not batch.kind.stored and batch.name not in self.names:
            # as the report counts them: repeats and rows cut anew are no batches of their own
            self.acknowledged += batch.kind.counts
            self.names.add(batch.name)
            self.known.append(batch)
            if batch.ids and batch.kind.counts:
                self.unique.append(batch)

    async def _put(self, batch: Batch, body: bytes) -> int | None:
        """Store an object, past the replicas' proxy; what lies there must then be counted."""
        assert self.bucket is not None
        said: dict[str, Any] = {"name": batch.name, "kind": batch.kind}
        self.journal.write({"op": "send", **said, "object": object_key(batch)})
        begun = time.monotonic()
        try:
            await obstore.put_async(self.bucket, object_key(batch), body)
        except obstore.exceptions.BaseError as error:
            self.journal.write({"op": "broken", **said, "error": type(error).__name__})
            return None
        self.journal.write(
            {"op": "answer", **said, "status": 200, "took": time.monotonic() - begun}
        )
        return 200

    async def _try(self, batch: Batch, body: bytes, headers: dict[str, str]) -> int | None:
        url = self._url()
        self.journal.write({"op": "send", "name": batch.name, "kind": batch.kind})
        begun = time.monotonic()
        self.busy[url] += 1
        said: dict[str, Any] = {"name": batch.name, "kind": batch.kind}
        try:
            path = f"{url}/v1/models/{batch.model}/batches"
            answer = await self.http.post(path, content=body, headers=headers)
        except httpx.TransportError as error:
            self.journal.write({"op": "broken", **said, "error": type(error).__name__})
            return None
        finally:
            self.busy[url] -= 1
        said |= {"status": answer.status_code, "took": time.monotonic() - begun}
        if answer.status_code == 200:
            said |= {"replayed": "idempotent-replayed" in answer.headers, "receipt": answer.json()}
        elif answer.status_code not in TRY_AGAIN:
            said["problem"] = answer.text[:300]
        self.journal.write({"op": "answer", **said})
        return answer.status_code

    def _url(self) -> str:
        """Choose the least busy replica, so that one that hangs takes its share only."""
        least = min(self.busy[url] for url in self.settings.urls)
        return self.draw.choice([url for url in self.settings.urls if self.busy[url] == least])

    def say(self) -> None:
        print(json.dumps({"acknowledged": self.acknowledged, "retries": self.retries}), flush=True)  # noqa: T201


async def listen(load: Load) -> None:
    """Say how it goes, until standard input tells to stop."""
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    told = asyncio.create_task(commands.readline())
    while not told.done():
        await asyncio.wait({told}, timeout=SAY_EVERY)
        load.say()
    load.deadline = time.monotonic() + PATIENCE
    load.stopped = True


async def main(settings: Settings) -> None:
    limits = httpx.Limits(max_connections=settings.workers)
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=limits) as http:
        draw = random.Random(f"{settings.shape.seed} load")
        bucket = Seaweed(settings.objects).store() if settings.objects else None
        load = Load(settings, http, Journal(Path(settings.log)), draw, bucket)
        listening = asyncio.create_task(listen(load))
        await load.run()
        await listening
        load.say()


def read_settings(text: str) -> Settings:
    told = json.loads(text)
    shape = Shape(**told.pop("shape") | {"forms": tuple(told.pop("forms"))})
    return Settings(shape=shape, **told | {"urls": tuple(told["urls"])})


def write_settings(settings: Settings) -> str:
    told = asdict(settings)
    shape = told.pop("shape")
    return json.dumps({**told, "forms": shape.pop("forms"), "shape": shape})


if __name__ == "__main__":
    asyncio.run(main(read_settings(sys.argv[1])))
