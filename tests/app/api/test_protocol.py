"""What the server refuses before it is a request at all is a problem, too."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from app.main import make_server
from app.settings import Settings

LONG = b"x" * 70_000
BODY = (
    b"POST /v1/models/m/batches HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
)
NOT_HTTP = {
    "another protocol": b"\x16\x03\x01\x02\x00junk\r\n\r\n",
    "unknown method": b"FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "long path": b"GET /" + LONG + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
    "length that is no number": BODY + b"Content-Length: x\r\n\r\n[]",
    "length beyond 64 bits": BODY + b"Content-Length: 99999999999999999999\r\n\r\n[]",
    "length and chunks": BODY + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n[]",
}


@asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[int]:
    """Serve on a free port of loopback."""
    server = make_server(Settings(data_dir=folder, port=0), variables={})
    serving = asyncio.create_task(server._serve())
    try:
        while not server.started:
            assert not serving.done(), serving.exception()
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def answer(port: int, request: bytes) -> tuple[bytes, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(ConnectionError):
            writer.write(request)
            await writer.drain()
        head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
    finally:
        writer.close()
    return head, body


async def test_what_is_not_http_gets_a_problem(tmp_path: Path) -> None:
    async with listening(tmp_path) as port:
        for name, request in NOT_HTTP.items():
            head, body = await answer(port, request)
            lines = [line.lower() for line in head.split(b"\r\n")]
            assert lines[0] == b"http/1.1 400 bad request", name
            assert b"content-type: application/problem+json" in lines, name
            assert b"connection: close" in lines, name
            assert b"content-length: %d" % len(body) in lines, name
            problem = json.loads(body)
            assert problem["type"] == "urn:leeway:problem:malformed", name
            assert b"x-request-id: " + problem["request_id"].encode() in lines, name
        head, _ = await answer(
            port, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        assert head.startswith(b"HTTP/1.1 421")
        head, _ = await answer(
            port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        assert head.startswith(b"HTTP/1.1 200")
