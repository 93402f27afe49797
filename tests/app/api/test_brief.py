"""What goes past ASGI is answered as it would be through it, by real sockets."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from app.api.application import Application
from app.domain.batch import Recount
from app.domain.errors import Unavailable
from app.main import Server
from app.steps.ingest import Begun, Intake, Posted
from tests.app.api.service import rows
from tests.app.api.sockets import HOST, Wire, port_of, served

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROUTE = "/v1/models/{model}/batches"
LONG_WAY = b"Sec-Fetch-Site: none\r\n"
"""Says nothing, and is not plain."""
KEPT = ("idempotent-replayed", "content-length", "date")
RECEIPT = ("received_at", "key", "deduplicated")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with served(tmp_path_factory.mktemp("brief"), request_timeout=1.0) as made:
        wire = await Wire.to(port_of(made))
        for name in ("m", "bare"):
            await wire.send(request(b"{}", path=f"/v1/models/{name}", method="PUT"))
            assert (await wire.one())[0] == 201
        reference = msgspec.json.encode(rows(2_000))
        await wire.send(request(reference, path="/v1/models/m/baselines"))
        assert (await wire.one())[0] == 201
        wire.close()
        yield made


@pytest.fixture(autouse=True)
def through(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what went through ASGI."""
    called: list[str] = []
    real = Application.__call__

    async def noted(self: Application, scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope["type"])
        await real(self, scope, receive, send)

    monkeypatch.setattr(Application, "__call__", noted)
    return called


def request(
    body: bytes, more: bytes = b"", path: str = "/v1/models/m/batches", method: str = "POST"
) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nContent-Type: application/json\r\n".encode() + HOST
    return head + more + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def answered(server: Server, *pieces: bytes) -> tuple[int, dict[str, str], Any]:
    wire = await Wire.to(port_of(server))
    for piece in pieces:
        await wire.send(piece)
        await asyncio.sleep(0.02 if len(pieces) > 1 else 0)
    status, head, body = await wire.one()
    wire.close()
    lines = [line.partition(": ")[::2] for line in head.decode().split("\r\n")[1:] if line]
    return status, dict(lines), json.loads(body)


def counted(server: Server, status: int) -> int:
    requests = dict(iter(server.config.app.state.api.requests))
    return int(sum(requests.get((ROUTE, "POST", status), [0])[:-1]))


TIME = "2024-01-01T00:01:00Z"
COLUMNS = {"columns": {"timestamp": [TIME], "x": [1]}}
SPACED = b" " * 100_000 + msgspec.json.encode(rows(1))
ZIPPED, SOURCE = b"Content-Encoding: gzip\r\n", b"Leeway-Source: s\r\n"
ODD = [{"timestamp": TIME, "x": "no", "strange": 1}]
LATE = [{"timestamp": "tomorrow", "x": 1.0}]
WIDE = [{"timestamp": TIME} | {f"y{i}": i for i in range(4_100)}]


@pytest.mark.parametrize(
    ("body", "more", "path", "status"),
    [
        (msgspec.json.encode(rows(1)), b"", "m/batches", 200),
        (msgspec.json.encode(rows(100)), b"", "m/batches?version=v2", 200),
        (msgspec.json.encode(ODD), b"", "m/batches", 200),
        (msgspec.json.encode(COLUMNS), SOURCE, "m/batches", 200),
        (gzip.compress(msgspec.json.encode(rows(5))), ZIPPED, "m/batches", 200),
        (gzip.compress(SPACED), ZIPPED, "m/batches", 200),
        (gzip.compress(b" " * 9_000_000), ZIPPED, "m/batches", 413),
        (b"no gzip", ZIPPED, "m/batches", 400),
        (msgspec.json.encode(LATE), b"", "m/batches", 422),
        (msgspec.json.encode(WIDE), b"", "m/batches", 413),
        (b"[]", b"", "m/batches", 400),
        (b"", b"", "m/batches", 400),
        (b'[{"x":1,"x":2}]', b"", "m/batches", 400),
        (b'{"rows": 1}', b"", "m/batches", 400),
        (b'[{"x":1}]', b"", "nobody/batches", 404),
        (b'[{"x":1}]', b"", "bare/batches", 409),
    ],
)  # fmt: skip
async def test_both_ways_answer_alike(
    server: Server, through: list[str], body: bytes, more: bytes, path: str, status: int
) -> None:
    more += b"X-Request-ID: r1\r\n"
    before = counted(server, status)
    path = f"/v1/models/{path}"
    short = await answered(server, request(body, more, path))
    assert through == []
    long = await answered(server, request(body, more + LONG_WAY, path))
    assert through == ["http"]
    assert (short[0], long[0]) == (status, status)
    for name in KEPT:
        assert (name in short[1]) == (name in long[1]) or name == "idempotent-replayed"
        short[1].pop(name, None), long[1].pop(name, None)
    assert list(short[1].items()) == list(long[1].items())
    for name in RECEIPT:
        short[2].pop(name, None), long[2].pop(name, None)
    assert short[2] == long[2]
    assert counted(server, status) == before + 2


async def test_a_key_is_known_again_and_is_not_for_another_body(
    server: Server, through: list[str]
) -> None:
    key = b"Idempotency-Key: again\r\n"
    body, other = (msgspec.json.encode(rows(count)) for count in (3, 4))
    first = await answered(server, request(body, key))
    again = await answered(server, request(body, key))
    reused = await answered(server, request(other, key))
    assert through == []
    assert (first[0], again[0], reused[0]) == (200, 200, 422)
    assert first[2] == again[2]
    assert ("idempotent-replayed" in first[1], "idempotent-replayed" in again[1]) == (False, True)
    assert reused[2]["request_id"] == reused[1]["x-request-id"]


async def test_a_body_may_come_in_pieces(server: Server, through: list[str]) -> None:
    whole = request(msgspec.json.encode(rows(3)))
    cut = len(whole) - 30
    status, _, receipt = await answered(server, whole[:40], whole[40:cut], whole[cut:])
    assert (status, receipt["received"], through) == (200, 3, [])


async def test_requests_that_come_ahead_are_answered_in_their_order(server: Server) -> None:
    wire = await Wire.to(port_of(server))
    sent = [request(msgspec.json.encode(rows(count))) for count in (1, 2, 3)]
    await wire.send(b"".join(sent))
    found = [json.loads((await wire.one())[2])["received"] for _ in sent]
    await wire.send(sent[0])
    found.append(json.loads((await wire.one())[2])["received"])
    wire.close()
    assert found == [1, 2, 3, 1]


@pytest.mark.parametrize("more", [b"Connection: close\r\n", LONG_WAY + b"Connection: close\r\n"])
async def test_who_asks_for_the_end_of_the_connection_gets_it(server: Server, more: bytes) -> None:
    wire = await Wire.to(port_of(server))
    await wire.send(request(msgspec.json.encode(rows(1)), more))
    said = await wire.rest()
    wire.close()
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close\r\n" in said


@pytest.mark.parametrize("more", [b"", LONG_WAY])
async def test_who_leaves_before_the_body_is_whole_is_told_apart(
    server: Server, more: bytes
) -> None:
    before, held = counted(server, 499), server.config.app.state.api.budget._held
    wire = await Wire.to(port_of(server))
    await wire.send(request(msgspec.json.encode(rows(3)), more)[:-10])
    await asyncio.sleep(0.1)
    wire.close()
    await asyncio.sleep(0.1)
    assert counted(server, 499) == before + 1
    assert server.config.app.state.api.budget._held == held == 0


@pytest.mark.parametrize("more", [b"", LONG_WAY])
async def test_a_body_that_does_not_come_is_not_waited_for(server: Server, more: bytes) -> None:
    before = counted(server, 499)
    wire = await Wire.to(port_of(server))
    await wire.send(request(msgspec.json.encode(rows(3)), more)[:-10])
    said = await wire.rest()
    wire.close()
    assert said.startswith(b"HTTP/1.1 408 ")
    await asyncio.sleep(0.05)
    assert counted(server, 499) == before + 1


@pytest.mark.parametrize("more", [b"", LONG_WAY])
async def test_who_leaves_before_the_answer_is_counted_nevertheless(
    server: Server, more: bytes
) -> None:
    before = counted(server, 200)
    wire = await Wire.to(port_of(server))
    await wire.send(request(msgspec.json.encode(rows(3)), more))
    wire.close()
    for _ in range(100):
        await asyncio.sleep(0.02)
        if counted(server, 200) == before + 1:
            break
    assert counted(server, 200) == before + 1
    assert server.config.app.state.api.budget._held == 0


async def test_what_becomes_of_a_batch_otherwise_is_looked_at_again(
    server: Server, through: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(_: Intake, posted: Posted) -> Begun:
        answer = asyncio.get_running_loop().create_future()
        if posted.key == "away":
            answer.set_exception(Unavailable("it is away", code="database-away"))
        elif posted.key == "broken":
            answer.set_exception(RuntimeError("the secret detail"))
        else:
            answer.set_result(Recount())
        return Begun(None, answer)  # type: ignore[arg-type]  # it is made again

    monkeypatch.setattr(Intake, "begin", begun)
    body, found = msgspec.json.encode(rows(3)), {}
    for key in ("away", "broken", "again"):
        found[key] = await answered(server, request(body, f"Idempotency-Key: {key}\r\n".encode()))
    assert [one[0] for one in found.values()] == [503, 500, 200]
    assert found["away"][2]["type"] == "urn:leeway:problem:database-away"
    assert "secret" not in str(found["broken"])
    assert found["again"][2]["received"] == 3
    assert through == []
    assert server.config.app.state.api.budget._held == 0


async def test_a_fault_of_ours_is_none_of_the_request(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret detail")

    for name in ("begin", "ingest"):
        monkeypatch.setattr(Intake, name, broken)
    status, _, said = await answered(server, request(msgspec.json.encode(rows(3))))
    assert (status, said["type"]) == (500, "urn:leeway:problem:internal")
    assert "secret" not in str(said)
    assert server.config.app.state.api.budget._held == 0


async def test_bodies_take_memory_only_where_there_is_some(server: Server) -> None:
    budget = server.config.app.state.api.budget
    body = request(msgspec.json.encode(rows(3)))
    assert budget.take(budget._limit)
    refused = await answered(server, body)
    budget.give(budget._limit)
    assert (refused[0], (await answered(server, body))[0]) == (429, 200)
    assert budget._held == 0
