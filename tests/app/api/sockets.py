"""The service behind real sockets of this process, and clients that speak bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from app.main import Server, make_server
from app.settings import Settings

HOST = b"Host: localhost\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"


@asynccontextmanager
async def served(folder: Path, **settings: Any) -> AsyncIterator[Server]:
    """Serve on a free port of loopback."""
    server = make_server(Settings(data_dir=folder, port=0, **settings), variables={})
    serving = asyncio.create_task(server._serve())
    try:
        while not server.started:
            assert not serving.done(), serving.exception()
            await asyncio.sleep(0.01)
        yield server
    finally:
        server.should_exit = True
        await serving


def port_of(server: Server) -> int:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, port: int, source: str = "127.0.0.1") -> "Wire":
        return cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0)))

    async def send(self, data: bytes) -> None:
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def rest(self, seconds: float = 10) -> bytes:
        """Return all that comes until the connection ends."""
        got = bytearray()
        with suppress(ConnectionError):
            async with asyncio.timeout(seconds):
                while piece := await self.reader.read(65_536):
                    got += piece
        return bytes(got)

    async def one(self, seconds: float = 10) -> tuple[int, bytes, bytes]:
        """Return status, head and body of one answer that says its length."""
        async with asyncio.timeout(seconds):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next(
                int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")
            )
            return int(head.split()[1]), head, await self.reader.readexactly(length)

    def close(self) -> None:
        self.writer.close()


async def asked(port: int, request: bytes, seconds: float = 10) -> bytes:
    """Send a request on a connection of its own; return all bytes until its end."""
    wire = await Wire.to(port)
    try:
        await wire.send(request)
        return await wire.rest(seconds)
    finally:
        wire.close()
