"""Bytes that are nearly HTTP: one clear answer, no second request out of a body, still alive."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from app.main import Server
from tests.app.api.sockets import HEALTH, HOST, Wire, asked, port_of, served

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINE = b"POST /v1/models/m/batches HTTP/1.1\r\n"
JSON = HOST + b"Content-Type: application/json\r\n"
POST = LINE + JSON
INSIDE = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


NOT_HTTP = {
    "length, then chunks": POST + length(INSIDE) + CHUNKED + b"\r\n0\r\n\r\n" + INSIDE,
    "chunks, then length": POST + CHUNKED + length(INSIDE) + b"\r\n0\r\n\r\n" + INSIDE,
    "two lengths": POST + b"Content-Length: 0\r\n" + length(INSIDE) + b"\r\n" + INSIDE,
    "the same length twice": POST + length(b"[]") * 2 + b"\r\n[]",
    "a list of lengths": POST + b"Content-Length: 2, 2\r\n\r\n[]",
    "a length with a sign": POST + b"Content-Length: +2\r\n\r\n[]",
    "a negative length": POST + b"Content-Length: -2\r\n\r\n[]",
    "a hexadecimal length": POST + b"Content-Length: 0x2\r\n\r\n[]",
    "an empty length": POST + b"Content-Length: \r\n\r\n[]",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + INSIDE,
    "chunked, not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + INSIDE,
    "nearly chunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INSIDE,
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + INSIDE,
    "a folded header": POST + b"X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INSIDE,
    "a line of its own return": POST + b"X-A: b\rTransfer-Encoding: chunked\r\n\r\n" + INSIDE,
    "a header without a name": POST + b": b\r\n\r\n",
    "a header without a colon": POST + b"nothing\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": LINE + JSON + b"Host: evil.example\r\n" + length(b"[]") + b"\r\n[]",
    "NUL in the path": b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path in latin-1": b"GET /\xe9\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "no path": b"GET HTTP/1.1\r\n" + HOST + b"\r\n",
    "a version of its own": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "no version": b"GET /\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "the next version's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a chunk with a sign": POST + CHUNKED + b"\r\n+2\r\n[]\r\n0\r\n\r\n",
    "a hexadecimal chunk": POST + CHUNKED + b"\r\n0x2\r\n[]\r\n0\r\n\r\n",
    "a chunk beyond 64 bits": POST + CHUNKED + b"\r\n" + b"f" * 17 + b"\r\n[]\r\n0\r\n\r\n",
    "a chunk that is longer": POST + CHUNKED + b"\r\n2\r\n[ ]\r\n0\r\n\r\n" + INSIDE,
    "no chunk": POST + CHUNKED + b"\r\nnothing\r\n",
    "a line feed for an end": POST + CHUNKED + b"\r\n2\n[]\n0\n\n" + INSIDE,
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    times = {"head_timeout": 0.5, "request_timeout": 0.8}
    async with served(tmp_path_factory.mktemp("transport"), **times) as made:
        yield made


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1])


def refused(said: bytes, expected: int) -> None:
    """Check that one answer came, a problem, and nothing after it."""
    head, _, body = said.partition(b"\r\n\r\n")
    assert status(said) == expected, said[:300]
    assert said.count(b"HTTP/1.1 ") == 1, said
    assert b"content-type: application/problem+json" in head.lower()
    assert json.loads(body)["status"] == expected


@pytest.mark.parametrize("request_", NOT_HTTP.values(), ids=NOT_HTTP)
async def test_what_may_be_read_in_two_ways_is_read_in_none(
    server: Server, request_: bytes
) -> None:
    refused(await asked(port_of(server), request_), 400)
    wire = await Wire.to(port_of(server))
    await wire.send(HEALTH)
    assert (await wire.one())[0] == 200
    wire.close()


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 64_000 + b"\r\n\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 900_000 + b"\r\n\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 300 + b"\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"x" * 900_000, 431),
        (b"GET /healthz?" + b"a=1&" * 10_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 422),
        (b"GET /v1/models?limit=1" + b"&" * 56_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 200),
        (b"GET /v1/models?" + b"limit=1&" * 7_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 422),
        (b"GET /v1/models/m?" + b"a" * 60_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 422),
        (b"GET /" + b"%41" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"GET http://localhost/healthz HTTP/1.1\r\n" + HOST + b"\r\n", 200),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 200),
        (b"GET /healthz HTTP/1.0\r\n" + HOST + b"\r\n", 200),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    ],
    ids=lambda given: given[:24] if isinstance(given, bytes) else None,
)
async def test_heads_of_any_size(server: Server, request_: bytes, expected: int) -> None:
    wire = await Wire.to(port_of(server))
    await wire.send(request_)
    found, head, _ = await wire.one()
    wire.close()
    assert found == expected
    if expected >= 400:
        assert b"application/problem+json" in head


async def test_framing_cannot_be_most_of_a_body(server: Server) -> None:
    wire = await Wire.to(port_of(server))
    await wire.send(POST + CHUNKED + b"\r\n1;x=" + b"y" * 300_000)
    await asyncio.sleep(0.05)
    await wire.send(b"y" * 300_000)
    refused(await wire.rest(), 400)
    wire.close()


async def test_trailers_are_no_headers(server: Server) -> None:
    evil = b"Host: evil.example\r\nContent-Encoding: br\r\n"
    wire = await Wire.to(port_of(server))
    await wire.send(POST + CHUNKED + b"\r\n2\r\n[]\r\n0\r\n" + evil + b"\r\n")
    found, _, body = await wire.one()
    wire.close()
    # neither 421 for the host nor 415 for the encoding: the body was read, and holds no rows
    assert (found, json.loads(body)["detail"]) == (400, "the body holds no rows")


async def test_a_body_that_is_shorter_than_it_says_is_waited_for_no_longer_than_others(
    server: Server,
) -> None:
    refused(await asked(port_of(server), POST + b"Content-Length: 3\r\n\r\n[]"), 408)


async def test_a_body_that_is_longer_than_it_says_is_no_request(server: Server) -> None:
    said = await asked(port_of(server), POST + b"Content-Length: 2\r\n\r\n[]{}{}")
    assert status(said) == 400
    assert b" 200 " not in said


async def test_a_client_that_asks_before_it_sends_is_refused_before_it_sends(
    server: Server,
) -> None:
    expect = b"Expect: 100-continue\r\n"
    wire = await Wire.to(port_of(server))
    await wire.send(POST + expect + b"Content-Length: 900000000\r\n\r\n")
    assert (await wire.one())[0] == 413
    wire.close()
    wire = await Wire.to(port_of(server))
    await wire.send(POST + expect + b"Content-Length: 2\r\n\r\n")
    assert await wire.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await wire.send(b"[]")
    assert (await wire.one())[0] == 400
    wire.close()


@pytest.mark.parametrize("path", [b"/healthz", b"/v1/models", b"/nope", b"/v1/models/m/batches"])
async def test_head_has_no_body_and_the_connection_goes_on(server: Server, path: bytes) -> None:
    wire = await Wire.to(port_of(server))
    await wire.send(b"HEAD " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n" + HEALTH)
    first = await wire.reader.readuntil(b"\r\n\r\n")
    assert status(first) in {200, 404, 405}
    assert (await wire.one())[0] == 200
    wire.close()


@pytest.mark.parametrize(
    "encodings",
    [
        [b"gzip, gzip"],
        [b"gzip", b"gzip"],
        [b"identity", b"gzip"],
        [b"gzip", b"identity"],
        [b"br"],
        [b"deflate"],
        [b"gzip;q=1"],
        [b"chunked"],
        [b"x" * 5_000],
        [b"*"],
    ],
    ids=str,
)
async def test_encodings_that_are_stacked_or_unknown(
    server: Server, encodings: list[bytes]
) -> None:
    body = gzip.compress(gzip.compress(b"[]"))
    said = b"".join(b"Content-Encoding: " + encoding + b"\r\n" for encoding in encodings)
    wire = await Wire.to(port_of(server))
    await wire.send(POST + said + length(body) + b"\r\n" + body)
    found, _, answer = await wire.one()
    wire.close()
    assert found == 415
    assert json.loads(answer)["type"].endswith(":unsupported-media-type")
