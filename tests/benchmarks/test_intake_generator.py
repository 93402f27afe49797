"""The load generator counts what it sent and what was answered, and by which clock."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import numpy as np
import pytest

from benchmarks.intake.generator import Bodies, Order, Patch, Run
from benchmarks.intake.load import Generator, Refused


class Answering:
    """A server that reads whole requests and answers each with a status, in two pieces."""

    def __init__(self, statuses: tuple[int, ...] = (200,)) -> None:
        self.statuses = statuses
        self.seen: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._threads: list[threading.Thread] = []

    def serve(self, connections: int) -> None:
        for _ in range(connections):
            accepted, _ = self._socket.accept()
            thread = threading.Thread(target=self._answer, args=(accepted,))
            thread.start()
            self._threads.append(thread)

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            while line := reader.readline():
                head = line
                while (line := reader.readline()) != b"\r\n":
                    head += line
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                self.seen.append(head + b"\n" + reader.read(length))
                status = self.statuses[len(self.seen) % len(self.statuses)]
                connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 4\r\n".encode())
                connection.sendall(b"\r\nbody")

    def close(self) -> None:
        for thread in self._threads:
            thread.join(10)
        self._socket.close()


@contextmanager
def answering(connections: int, statuses: tuple[int, ...] = (200,)) -> Iterator[Answering]:
    server = Answering(statuses)
    accepting = threading.Thread(target=server.serve, args=(connections,))
    accepting.start()
    try:
        yield server
    finally:
        accepting.join(10)
        server.close()


@pytest.fixture
def body(tmp_path):
    path = tmp_path / "body"
    path.write_bytes(b"x" * 300_000)
    return str(path)


def order(port: int, body: str, **more) -> Order:
    return Order(port, "/rows", "text/csv", (body,), "k", 2, **({"seconds": 30.0} | more))


def test_every_request_is_answered_and_has_a_key_of_its_own(body):
    with answering(2) as server:
        found = Run(order(server.port, body, most=40)).go()
    assert found["requests"] == found["sent"] == 40
    assert found["statuses"] == {"200": 40}
    assert 0 < found["p50"] <= found["p99"] <= found["max"] <= found["seconds"]
    keys = {
        seen.partition(b"Idempotency-Key: ")[2].partition(b"\n")[0].strip() for seen in server.seen
    }
    assert keys == {f"k-{n}".encode() for n in range(40)}
    assert all(seen.endswith(b"\n" + b"x" * 300_000) for seen in server.seen)


def test_a_rate_is_kept_by_the_clock(body):
    with answering(2) as server:
        found = Run(order(server.port, body, rate=200.0, seconds=0.2)).go()
    assert found["sent"] == 40
    assert found["seconds"] >= 39 / 200


def test_an_answer_that_is_no_success_is_not_a_figure(body):
    with answering(2, (200, 503)) as server, Generator() as generator:
        sought = order(server.port, body, most=10)
        with pytest.raises(Refused, match="503"):
            generator.run(sought)


def test_a_patch_puts_growing_integers_in_their_place(tmp_path):
    path = tmp_path / "body"
    path.write_bytes(b"head" + bytes(24) + b"tail")
    given = Order(
        1, "/", "a/b", (str(path),), "k", 1, 1.0, patches=(Patch(4, 100, 3, 10.0, 1_000),)
    )
    for number in (0, 7):
        body = bytes(Bodies(given).request(number)[1])
        assert body[:4] == b"head"
        assert body[-4:] == b"tail"
        assert np.frombuffer(body[4:28], "<i8").tolist() == [
            100 + 1_000 * number + 10 * place for place in range(3)
        ]


def test_an_order_survives_the_pipe(body):
    sent = order(1, body, patches=(Patch(1, 2, 3, 4.0, 5),))
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Order) == sent
    assert json.loads(msgspec.json.encode(sent))["rate"] is None
