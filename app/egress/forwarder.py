"""A proxy on loopback for clients that connect by themselves: each connection passes the guard.

The client of object storage resolves names and follows redirects on its own. Through here it can
reach no more than we may, whatever a name server or a server of a user's answers it.
"""

import asyncio
import base64
import hmac
import re
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from app.egress.allow import Allow
from app.egress.guard import CONNECT_SECONDS, Refused, Resolve, checked, system_resolve

CHUNK = 65_536
LONGEST_HEAD = 65_536
TARGET = re.compile(rb"(?:http://)?(\[[0-9a-fA-F:.]+\]|[^/:@\[\]\s]+)(?::(\d{1,5}))?(/.*|\?.*)?")
KEPT_BACK = (b"proxy-authorization:", b"proxy-connection:")
CARRIES_A_BODY = (b"content-length:", b"transfer-encoding:")
USER = "leeway"


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a request: where it goes, and what is sent on there."""

    method: bytes
    host: str
    port: int
    path: bytes
    version: bytes
    fields: tuple[bytes, ...]

    @property
    def forwarded(self) -> bytes:
        kept = [f for f in self.fields if not f.lower().startswith(KEPT_BACK)]
        first = b" ".join((self.method, self.path, self.version))
        return b"\r\n".join((first, *kept)) + b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Forwarder:
    """Forwards requests without a body, and tunnels, for who knows its token."""

    allow: Allow
    token: str
    resolve: Resolve = system_resolve
    _serving: "set[asyncio.Task[None]]" = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of a client, until it or we end it."""
        task = asyncio.create_task(self._answered(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def stop(self) -> None:
        """End all connections."""
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            try:
                await self._serve(reader, writer)
            except Refused:
                await _answer(writer, b"403 Forbidden")
            except OSError:
                await _answer(writer, b"502 Bad Gateway")
            except ValueError:
                await _answer(writer, b"400 Bad Request")
            finally:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = _read(await reader.readuntil(b"\r\n\r\n"))
        if not self._knows(head):
            await _answer(writer, b"407 Proxy Authentication Required")
            return
        there, back = await self._connect(head.host, head.port)
        try:
            if head.method == b"CONNECT":
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await _either(_pipe(reader, back), _pipe(there, writer))
            else:
                await _either(_requests(reader, back, head), _pipe(there, writer))
        finally:
            back.close()

    async def _connect(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        addresses = await checked(host, port, self.allow, self.resolve)
        last: OSError | None = None
        for address in addresses:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(str(address), port)
            except OSError as error:
                last = error
        raise last or OSError("the host has no address")

    def _knows(self, head: _Head) -> bool:
        known = base64.b64encode(f"{USER}:{self.token}".encode())
        given = [f for f in head.fields if f.lower().startswith(b"proxy-authorization: basic ")]
        return any(hmac.compare_digest(field.split()[-1], known) for field in given)


@asynccontextmanager
async def forwarding(allow: Allow, resolve: Resolve = system_resolve) -> AsyncIterator[str]:
    """Run a forwarder; gives the URL that a client is to have as its proxy."""
    token = secrets.token_hex(16)
    forwarder = Forwarder(allow, token, resolve)
    server = await asyncio.start_server(
        forwarder.accept, "127.0.0.1", 0, limit=LONGEST_HEAD, backlog=256
    )
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://{USER}:{token}@127.0.0.1:{port}"
    finally:
        server.close()
        await forwarder.stop()


def _read(raw: bytes) -> _Head:
    first, *fields = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, target, version = first.split(b" ")
    found = TARGET.fullmatch(target)
    if found is None or any(f.lower().startswith(CARRIES_A_BODY) for f in fields):
        raise ValueError("neither a tunnel nor a request that only reads")
    host = found[1].decode("ascii").strip("[]")
    path = found[3] or b"/"
    return _Head(method, host, int(found[2] or 80), path, version, tuple(fields))


async def _requests(reader: asyncio.StreamReader, back: asyncio.StreamWriter, head: _Head) -> None:
    """Send requests on, as long as they go to the same place; for another, a client comes anew."""
    place = (head.host, head.port)
    while (head.host, head.port) == place:
        back.write(head.forwarded)
        await back.drain()
        head = _read(await reader.readuntil(b"\r\n\r\n"))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        await writer.drain()


async def _either(*ways: Coroutine[None, None, None]) -> None:
    """Run both ways until one ends."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _answer(writer: asyncio.StreamWriter, status: bytes) -> None:
    writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
