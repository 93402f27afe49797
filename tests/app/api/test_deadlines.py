"""Slow clients are cut by real sockets' clocks, while others are served; in tenths of seconds."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.edge.doorkeeper import Doorkeeper
from app.api.edge.patience import Patience
from app.main import Server
from tests.app.api.sockets import HEALTH, HOST, Wire, asked, port_of, served

pytestmark = pytest.mark.asyncio(loop_scope="module")
HEAD, WHOLE = 0.4, 0.8
CUT = 3 * WHOLE
POST = b"POST /v1/models/m/batches HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
MANY = 60


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    times = {"head_timeout": HEAD, "request_timeout": WHOLE}
    async with served(tmp_path_factory.mktemp("slow"), **times) as made:
        yield made


def problem(said: bytes, status: int) -> str:
    """Check that exactly one answer came, a problem of this status; return its code."""
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), said[:200]
    assert b"content-type: application/problem+json" in head.lower()
    assert b"connection: close" in head.lower()
    found = json.loads(body)
    assert found["status"] == status
    return str(found["type"].rpartition(":")[2])


async def trickled(port: int, start: bytes, drop: bytes) -> bytes:
    """Send a start, then a drop every tenth of a second; return what was answered."""
    wire = await Wire.to(port)
    await wire.send(start)

    async def drip() -> None:
        while True:
            await asyncio.sleep(0.1)
            await wire.send(drop)

    dripping = asyncio.create_task(drip())
    try:
        return await wire.rest(CUT)
    finally:
        dripping.cancel()
        wire.close()


async def test_headers_that_trickle_are_cut(server: Server) -> None:
    start = b"GET /healthz HTTP/1.1\r\n" + HOST
    assert problem(await trickled(port_of(server), start, b"X-A: b\r\n"), 408) == "too-slow"


@pytest.mark.parametrize(
    ("framing", "drop"),
    [
        (b"Content-Length: 1000\r\n\r\n", b" "),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"Transfer-Encoding: chunked\r\n\r\n1;x=", b"y"),
        (b"Transfer-Encoding: chunked\r\n\r\n1\r\n \r\n0\r\n", b"X-A: b\r\n"),
    ],
    ids=["length", "chunks", "extension", "trailers"],
)
async def test_bodies_that_trickle_are_cut(server: Server, framing: bytes, drop: bytes) -> None:
    said = await trickled(port_of(server), POST + framing, drop)
    assert problem(said, 408) == "too-slow"


async def test_a_connection_that_says_nothing_is_closed_without_a_word(server: Server) -> None:
    assert await asked(port_of(server), b"", CUT) == b""
    assert await trickled(port_of(server), b"\r\n", b"\r\n") == b""


async def test_what_was_refused_may_not_go_on_sending(server: Server) -> None:
    start = POST + b"Content-Length: 900000000\r\n\r\n"
    said = await trickled(port_of(server), start, b" ")
    assert said.startswith(b"HTTP/1.1 413 ")
    assert said.count(b"HTTP/1.1") == 1


async def test_many_slow_clients_hold_up_nobody(server: Server) -> None:
    """A modest number here: the seconds of life are docs/limits.md's."""
    port = port_of(server)
    starts = (b"GET / HTTP/1.1\r\n" + HOST, POST + b"Content-Length: 900\r\n\r\n")
    slow = [asyncio.create_task(trickled(port, starts[i % 2], b"X: y\r\n")) for i in range(MANY)]
    while not all(task.done() for task in slow):
        assert (await asked_once(port))[0] == 200
        await asyncio.sleep(0.05)
    assert {problem(task.result(), 408) for task in slow} == {"too-slow"}


async def asked_once(port: int) -> tuple[int, bytes]:
    wire = await Wire.to(port)
    await wire.send(HEALTH)
    status, _, body = await wire.one()
    wire.close()
    return status, body


async def connections(server: Server, at_most: int, at_least: int = 0) -> None:
    """Wait until so many are open."""
    for _ in range(6_000):
        if at_least <= len(server.server_state.connections) <= at_most:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("too many connections are open, or too few")


def deaf(port: int) -> socket.socket:
    """Return a connection whose buffer for answers is small."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    made.connect(("127.0.0.1", port))
    return made


async def test_who_does_not_read_its_answers_is_cut(server: Server) -> None:
    await connections(server, 0)
    with deaf(port_of(server)) as client:
        client.setblocking(False)
        request = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await loop.sock_sendall(client, request * 60)
        await connections(server, 1, at_least=1)
        await connections(server, 0)
        assert loop.time() - begun >= WHOLE / 2, "it was not given the time to read"


async def test_who_reads_slowly_but_surely_gets_all(server: Server) -> None:
    wire = await Wire.to(port_of(server))
    await wire.send(b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    got = bytearray()
    while piece := await wire.reader.read(20_000):
        got += piece
        await asyncio.sleep(0.1)
    wire.close()
    head, _, body = bytes(got).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)["openapi"].startswith("3.1")


async def test_a_pipelined_half_request_waits_for_the_answer_before(server: Server) -> None:
    wire = await Wire.to(port_of(server))
    await wire.send(HEALTH + b"GET /hea")
    status, _, _ = await wire.one()
    assert status == 200
    assert problem(await wire.rest(CUT), 408) == "too-slow"
    wire.close()


async def test_a_long_upload_may_take_long_while_it_keeps_its_pace(tmp_path: Path) -> None:
    times = {"head_timeout": WHOLE, "request_timeout": WHOLE, "upload_rate": 1_000}
    start = b"POST /v1/models/m/baselines HTTP/1.1\r\n" + HOST + b"Content-Type: text/csv\r\n"
    async with served(tmp_path, **times) as server:
        wire = await Wire.to(port_of(server))
        await wire.send(start + b"Content-Length: 5000\r\n\r\n")
        for _ in range(10):
            await wire.send(b"a" * 500)
            await asyncio.sleep(0.12)
        assert (await wire.one())[0] != 408
        wire.close()
        wire = await Wire.to(port_of(server))
        await wire.send(start + b"Content-Length: 500000\r\n\r\n" + b"a" * 100_000)
        assert problem(await wire.rest(CUT), 408) == "too-slow"
        wire.close()


async def test_an_address_has_so_many_connections_and_others_have_theirs(tmp_path: Path) -> None:
    async with served(tmp_path, connections_per_address=3) as server:
        port = port_of(server)
        held = [await Wire.to(port) for _ in range(3)]
        assert problem(await asked(port, HEALTH), 429) == "too-many-connections"
        other = await Wire.to(port, "127.0.0.2")
        await other.send(HEALTH)
        assert (await other.one())[0] == 200
        held[0].close()
        await connections(server, 3)
        assert (await asked_once(port))[0] == 200
        for wire in (*held, other):
            wire.close()


async def test_all_together_have_so_many_connections() -> None:
    class Quiet:
        def look(self, now: float) -> None: ...

    keeper = Doorkeeper(Patience(), of_one_address=2, in_all=3)
    guests = [Quiet() for _ in range(5)]
    assert [keeper.admit(guest, f"10.0.0.{n // 2}") for n, guest in enumerate(guests)] == [
        *(True, True, True),
        *(False, False),
    ]
    for guest in guests[:3]:
        keeper.leave(guest)
    assert keeper.admit(Quiet(), "10.0.0.1")


async def test_what_is_leant_on_in_uvicorn_is_there() -> None:
    """A release of uvicorn that changes these needs a look at app/api/edge/protocol.py."""
    methods = {"connection_made", "connection_lost", "data_received", "send_400_response"}
    parsing = {"on_message_begin", "on_header", "on_headers_complete", "on_body"}
    answering = {"on_message_complete", "on_response_complete", "resume_writing", "shutdown"}
    assert methods | parsing | answering <= vars(HttpToolsProtocol).keys()
    connection = {"transport", "flow", "pipeline", "scope", "headers", "cycle", "client", "loop"}
    assert connection <= set(HttpToolsProtocol.__init__.__code__.co_names)
    answer = {"disconnected", "keep_alive", "message_event", "response_started"}
    assert answer <= set(RequestResponseCycle.__init__.__code__.co_names)
    assert "response_complete" in RequestResponseCycle.__init__.__code__.co_names
    assert "read_paused" in FlowControl.__init__.__code__.co_names
