"""A fault proxy for one link: ``python -m tests.chaos.proxy LISTEN UPSTREAM SEED``.

It forwards bytes until a line on standard input tells it to misbehave: ``{"mode": "stall",
"share": 1, "seconds": 0.5}``. A mode ends by itself; then a line on standard output says how
often it struck. The proxy ends when its standard input does.
"""

import asyncio
import json
import random
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

CHUNK = 65_536
PIECE = 7
"""Slices that are sent one by one; what is left of a chunk then follows whole."""


class Mode(StrEnum):
    """What a link does to what passes."""

    PASS = "pass"  # noqa: S105  no secret
    DELAY = "delay"
    CUT_BEFORE = "cut before the request"
    CUT_AFTER = "cut before the answer"
    SLICE = "slice"
    STALL = "stall"
    RESET = "reset"


@dataclass(slots=True)
class Weather:
    """The present mode, the share of chunks that it strikes, and how long it lasts."""

    mode: Mode = Mode.PASS
    share: float = 1.0
    seconds: float = 0.0


@dataclass(eq=False, slots=True)
class Pair:
    """One connection from a client, and ours to the server behind it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    doomed: bool = False
    """The request went on; its answer must not come back."""

    def cut(self, *, reset: bool = False) -> None:
        for writer in (self.client, self.server):
            if reset:
                linger = struct.pack("ii", 1, 0)
                sock = writer.get_extra_info("socket")
                if sock is not None:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()


@dataclass
class Proxy:
    """Forwards connections to ``upstream``, in the present weather."""

    upstream: int
    draw: random.Random
    weather: Weather = field(default_factory=Weather)
    struck: int = 0
    pairs: set[Pair] = field(default_factory=set)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def become(self, weather: Weather) -> int:
        """Have this weather for as long as it lasts; return how often it struck."""
        self.weather, self.struck = weather, 0
        if weather.mode is Mode.RESET:
            for pair in list(self.pairs):
                pair.cut(reset=True)
                self.struck += 1
        elif weather.mode is Mode.STALL:
            self.open.clear()
        await asyncio.sleep(weather.seconds)
        self.open.set()
        self.weather = Weather()
        return self.struck

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind, beyond = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        pair = Pair(writer, beyond)
        self.pairs.add(pair)
        ways = [
            asyncio.create_task(self._requests(reader, pair)),
            asyncio.create_task(self._answers(behind, pair)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.pairs.discard(pair)
            await self._finish(pair, ways)

    async def _finish(self, pair: Pair, ways: list["asyncio.Task[None]"]) -> None:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for writer in (pair.client, pair.server):
            writer.close()

    async def _requests(self, reader: asyncio.StreamReader, pair: Pair) -> None:
        while data := await reader.read(CHUNK):
            await self._gate()
            if self._strikes(Mode.CUT_BEFORE):
                pair.cut()
                return
            if self._strikes(Mode.CUT_AFTER):
                pair.doomed = True
            await self._forward(data, pair.server)

    async def _answers(self, reader: asyncio.StreamReader, pair: Pair) -> None:
        while data := await reader.read(CHUNK):
            await self._gate()
            if pair.doomed:
                pair.cut()
                return
            await self._forward(data, pair.client)

    async def _gate(self) -> None:
        if not self.open.is_set():
            self.struck += 1
            await self.open.wait()

    def _strikes(self, mode: Mode) -> bool:
        if self.weather.mode is not mode or self.draw.random() >= self.weather.share:
            return False
        self.struck += 1
        return True

    async def _forward(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self._strikes(Mode.DELAY):
            await asyncio.sleep(self.draw.uniform(0.0, 0.3))
        if self._strikes(Mode.SLICE):
            for piece in slices(data, self.draw):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.001)
            return
        writer.write(data)
        await writer.drain()


def slices(data: bytes, draw: random.Random) -> Iterator[bytes]:
    """Cut the beginning of ``data`` into small pieces."""
    at = 0
    for _ in range(PIECE):
        step = draw.randint(1, 64)
        yield data[at : at + step]
        at += step
        if at >= len(data):
            return
    yield data[at:]


async def main(listen: int, upstream: int, seed: str) -> None:
    proxy = Proxy(upstream, random.Random(seed))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", listen)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    while line := await commands.readline():
        told = json.loads(line)
        weather = Weather(Mode(told["mode"]), told["share"], told["seconds"])
        struck = await proxy.become(weather)
        print(json.dumps({"mode": weather.mode, "struck": struck}), flush=True)  # noqa: T201
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
