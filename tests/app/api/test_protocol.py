"""What the server refuses before it is a request at all is a problem, too."""

import json
from pathlib import Path

from tests.app.api.sockets import asked, port_of, served

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


async def test_what_is_not_http_gets_a_problem(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        port = port_of(server)
        for name, request in NOT_HTTP.items():
            head, _, body = (await asked(port, request)).partition(b"\r\n\r\n")
            lines = [line.lower() for line in head.split(b"\r\n")]
            assert lines[0] == b"http/1.1 400 bad request", name
            assert b"content-type: application/problem+json" in lines, name
            assert b"connection: close" in lines, name
            assert b"content-length: %d" % len(body) in lines, name
            problem = json.loads(body)
            assert problem["type"] == "urn:leeway:problem:malformed", name
            assert b"x-request-id: " + problem["request_id"].encode() in lines, name
        head = await asked(port, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 421")
        head = await asked(
            port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        assert head.startswith(b"HTTP/1.1 200")
