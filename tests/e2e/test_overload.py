"""Limits hold in a real process before memory is spent; a flood of one model starves no other."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Self

import httpx
import psutil
import pytest
import zstandard

from tests.app.api.service import rows
from tests.e2e.server import await_ready
from tests.e2e.test_process import Process

MOST_GROWTH = 150_000_000
MEGABYTE = b" " * 1_000_000
GZIP = b"Content-Encoding: gzip\r\n"
ZSTD = b"Content-Encoding: zstd\r\n"
HEAD = (
    b"POST /v1/models/a/batches HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nIdempotency-Key: hostile\r\n"
)
ENOUGH = 5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    limits = {"LEEWAY_DECODING_LIMIT": "40000000"}
    with Process(tmp_path_factory.mktemp("overload"), **limits) as made:
        await_ready(made.url, made.log)
        with httpx.Client(base_url=made.url, timeout=60) as client:
            for model in ("a", "b"):
                assert client.put(f"/v1/models/{model}", json={}).status_code == 201
                path = f"/v1/models/{model}"
                assert client.post(f"{path}/baselines", json=rows(2_000)).status_code == 201
                assert client.post(f"{path}/batches", json=rows(2_000)).status_code == 200
        yield made


class Memory:
    """The most that a process holds beyond what it held at first."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._first = self._most = self._process.memory_info().rss
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def growth(self) -> int:
        return self._most - self._first

    def _watch(self) -> None:
        while not self._done.wait(0.003):
            self._most = max(self._most, self._process.memory_info().rss)


def said(port: int, head: bytes, pieces: Iterable[bytes]) -> int:
    """Send a body whatever is answered meanwhile; return the status of the first answer."""
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:

        def listen() -> None:
            with suppress(OSError):
                while b"\r\n" not in answer and (piece := wire.recv(65_536)):
                    answer.extend(piece)

        listening = threading.Thread(target=listen)
        listening.start()
        with suppress(OSError):
            wire.sendall(head)
            for piece in pieces:
                wire.sendall(piece)
        listening.join(60)
    return int(answer.split(b" ", 2)[1])


def whole(body: bytes, more: bytes = b"") -> tuple[bytes, list[bytes]]:
    return HEAD + more + b"Content-Length: %d\r\n\r\n" % len(body), [body]


def keys(count: int) -> bytes:
    return b"{" + b",".join(b'"%x":1' % i for i in range(count)) + b"}"


CHUNK = b"%x\r\n%b\r\n" % (len(MEGABYTE), MEGABYTE)
BOMB = gzip.compress(b"\0" * 100_000_000, 6) * 100
ZSTD_BOMB = zstandard.compress(b"\0" * 100_000_000, 19) * 100
HOSTILE: dict[str, tuple[int, Callable[[], tuple[bytes, Iterable[bytes]]]]] = {
    "300 MB": (413, lambda: (HEAD + b"Content-Length: 300000000\r\n\r\n", [MEGABYTE] * 300)),
    "300 MB in chunks": (
        413,
        lambda: (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", [CHUNK] * 300),
    ),
    "300 MB that say ten": (400, lambda: (HEAD + b"Content-Length: 10\r\n\r\n", [MEGABYTE] * 300)),
    "30 MB of nothing": (400, lambda: whole(MEGABYTE * 30)),
    "10 GB in 10 MB": (413, lambda: whole(BOMB, GZIP)),
    "gzip in gzip": (413, lambda: whole(gzip.compress(BOMB, 1), GZIP)),
    "10 GB of zstd": (413, lambda: whole(ZSTD_BOMB, ZSTD)),
    "zstd in gzip": (413, lambda: whole(gzip.compress(ZSTD_BOMB * 100, 1), GZIP)),
    "a million members": (413, lambda: whole(gzip.compress(b"") * 1_000_000, GZIP)),
    "10 MB of brackets": (400, lambda: whole(b"[" * 10_000_000)),
    "10 MB of objects": (400, lambda: whole(b'{"a":' * 2_000_000)),
    "3 million names": (413, lambda: whole(keys(3_000_000))),
    "10 million names": (413, lambda: whole(keys(10_000_000))),
    "3 million names, packed": (413, lambda: whole(gzip.compress(keys(3_000_000), 1), GZIP)),
}


@pytest.mark.parametrize(("status", "made"), HOSTILE.values(), ids=HOSTILE)
def test_memory_is_not_spent_on_what_is_refused(
    server: Process, status: int, made: Callable[[], tuple[bytes, Iterable[bytes]]]
) -> None:
    head, pieces = made()
    with Memory(server.child.pid) as memory:
        assert said(server.port, head, pieces) == status
    assert memory.growth < MOST_GROWTH
    assert httpx.get(f"{server.url}/readyz", timeout=30).status_code == 200


def flood(server: Process, body: bytes, over: threading.Event, answers: list[int]) -> None:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        while not over.is_set():
            key = f"{threading.get_ident()}-{len(answers)}-{time.time_ns()}"
            headers = {"Content-Type": "application/json", "Idempotency-Key": key}
            answer = client.post("/v1/models/a/batches", content=body, headers=headers)
            answers.append(answer.status_code)
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) >= 1


def test_a_flood_of_one_model_starves_no_other(server: Process) -> None:
    body = json.dumps(rows(20_000), separators=(",", ":")).encode()
    over, answers = threading.Event(), list[int]()
    threads = [threading.Thread(target=flood, args=(server, body, over, answers)) for _ in range(6)]
    with Memory(server.child.pid) as memory:
        for thread in threads:
            thread.start()
        try:
            with httpx.Client(base_url=server.url, timeout=30) as client:
                for number in range(ENOUGH):
                    sent = client.post(
                        "/v1/models/b/batches",
                        json=rows(20),
                        headers={"Idempotency-Key": str(number)},
                    )
                    assert sent.status_code == 200, sent.text
                    for path in ("/healthz", "/metrics"):
                        assert client.get(path).status_code == 200
                while len(answers) < ENOUGH:
                    time.sleep(0.05)
        finally:
            over.set()
            for thread in threads:
                thread.join()
    assert set(answers) <= {200, 429, 503}
    assert 200 in answers
    # six bodies at once would take as much each as the limit of all together
    assert memory.growth < MOST_GROWTH
    with httpx.Client(base_url=server.url, timeout=30) as client:
        found = client.get("/v1/models/a/rejections").json()["items"]
    assert not any(item["reason"] == "invalid" for item in found)
