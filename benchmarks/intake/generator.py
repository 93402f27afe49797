"""The load generator, a process of its own: one thread, one epoll, requests that lie ready.

It reads one order a line from standard input and answers each with one line, both JSON. An order
with a rate sends by the clock whether answers come or not, and a latency counts from the moment
at which the request was due; without one every connection sends as soon as it is answered.
"""

import gc
import json
import select
import socket
import sys
import time
from array import array
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

READ = 65_536
SUCCESS = 2
LEFTOVERS = 15.0
"""Seconds that answers may take once nothing more is sent."""
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


class Patch(msgspec.Struct, frozen=True):
    """Integers of 8 bytes in a body that grow from one request to the next."""

    offset: int
    first: int
    count: int
    inner: float
    """By how much each is larger than the one before it."""
    step: int
    """By how much all of them grow with each request."""


class Order(msgspec.Struct, frozen=True):
    """What to send."""

    port: int
    path: str
    media_type: str
    bodies: tuple[str, ...]
    key: str
    connections: int
    seconds: float
    encoding: str | None = None
    rate: float | None = None
    most: int | None = None
    """Requests after which it ends whatever the time."""
    least: int = 0
    first: int = 0
    """Number of the first request, in keys and patches."""
    patches: tuple[Patch, ...] = ()


class Bodies:
    """The bodies of an order in turn, each with its head."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._bodies = [Path(path).read_bytes() for path in order.bodies]
        encoding = "" if order.encoding is None else f"Content-Encoding: {order.encoding}\r\n"
        self._heads = [
            f"POST {order.path} HTTP/1.1\r\nHost: 127.0.0.1:{order.port}\r\n{encoding}"
            f"Content-Type: {order.media_type}\r\nContent-Length: {len(body)}\r\n"
            f"Idempotency-Key: {order.key}-"
            for body in self._bodies
        ]
        self._ramps = [np.arange(p.count, dtype=np.float64) * p.inner for p in order.patches]

    def request(self, number: int) -> list[memoryview]:
        place = number % len(self._bodies)
        head = f"{self._heads[place]}{number}\r\n\r\n".encode()
        body = self._bodies[place]
        if self._order.patches:
            body = self._patched(body, number)
        return [memoryview(head), memoryview(body)]

    def _patched(self, body: bytes, number: int) -> bytes:
        changed = bytearray(body)
        for patch, ramp in zip(self._order.patches, self._ramps, strict=True):
            values = (patch.first + patch.step * number + ramp).astype("<i8").tobytes()
            changed[patch.offset : patch.offset + len(values)] = values
        return bytes(changed)


@dataclass(slots=True)
class Connection:
    """One keep-alive connection and the request that is on its way on it."""

    socket: socket.socket
    parts: list[memoryview] = field(default_factory=list)
    answer: bytearray = field(default_factory=bytearray)
    due: float = 0.0
    waits: bool = False

    def begin(self, parts: list[memoryview], due: float) -> None:
        self.parts, self.due = parts, due
        self.answer.clear()

    def push(self) -> bool:
        """Send what the kernel takes; whether all is out."""
        while self.parts:
            try:
                sent = self.socket.sendmsg(self.parts)
            except BlockingIOError:
                return False
            while self.parts and sent >= len(self.parts[0]):
                sent -= len(self.parts.pop(0))
            if self.parts:
                self.parts[0] = self.parts[0][sent:]
        return True

    def pull(self) -> int | None:
        """Read; the status once the answer is whole."""
        chunk = self.socket.recv(READ)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.answer += chunk
        end = self.answer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.answer[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(head[9:12]) if len(self.answer) >= end + 4 + length else None


class Run:
    """One order being carried out."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._bodies = Bodies(order)
        self._poll = select.epoll()
        self._connections: dict[int, Connection] = {}
        self._free: deque[Connection] = deque()
        self._sent = 0
        self._statuses: Counter[int] = Counter()
        self._latencies = array("d")
        self._acknowledged = array("d")
        """Latencies of what was answered with 2xx."""
        for _ in range(order.connections):
            self._connect()

    def _connect(self) -> None:
        made = socket.create_connection(("127.0.0.1", self._order.port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setblocking(False)
        self._connections[made.fileno()] = connection = Connection(made)
        self._poll.register(made.fileno(), select.EPOLLIN)
        self._free.append(connection)

    def go(self) -> dict[str, Any]:
        began, cpu = time.perf_counter(), time.process_time()
        last = began
        while self._send(began) or len(self._free) < len(self._connections):
            for number, event in self._poll.poll(self._patience(began)):
                connection = self._connections[number]
                if event & select.EPOLLOUT:
                    self._push(connection)
                if event & ~select.EPOLLOUT:
                    last = self._receive(connection) or last
            if time.perf_counter() > began + self._order.seconds + LEFTOVERS:
                break
        took, spent = last - began, time.process_time() - cpu
        for connection in self._connections.values():
            connection.socket.close()
        return self._sums(took, spent)

    def _send(self, began: float) -> bool:
        """Send what is due; whether more is to be sent."""
        order = self._order
        while not self._over(began):
            now = time.perf_counter()
            due = now if order.rate is None else began + self._sent / order.rate
            if due > now or not self._free:
                return True
            connection = self._free.popleft()
            connection.begin(self._bodies.request(order.first + self._sent), due)
            self._sent += 1
            self._push(connection)
        return False

    def _over(self, began: float) -> bool:
        order = self._order
        if order.most is not None and self._sent >= order.most:
            return True
        if order.rate is not None:
            return self._sent >= order.rate * order.seconds
        late = time.perf_counter() >= began + order.seconds
        return late and self._sent >= order.least

    def _patience(self, began: float) -> float:
        rate = self._order.rate
        if rate is None or not self._free:
            return 1.0
        return min(1.0, max(0.0, began + self._sent / rate - time.perf_counter()))

    def _push(self, connection: Connection) -> None:
        done = connection.push()
        if done == connection.waits:
            connection.waits = not done
            events = select.EPOLLIN if done else select.EPOLLIN | select.EPOLLOUT
            self._poll.modify(connection.socket.fileno(), events)

    def _receive(self, connection: Connection) -> float | None:
        try:
            status = connection.pull()
        except BlockingIOError:
            return None
        if status is None:
            return None
        now = time.perf_counter()
        self._statuses[status] += 1
        self._latencies.append(now - connection.due)
        if status // 100 == SUCCESS:
            self._acknowledged.append(now - connection.due)
        self._free.append(connection)
        return now

    def _sums(self, took: float, spent: float) -> dict[str, Any]:
        latencies, acknowledged = _array(self._latencies), _array(self._acknowledged)
        return {
            "requests": len(self._latencies),
            "sent": self._sent,
            "seconds": took,
            "cpu": spent,
            "statuses": {str(status): count for status, count in self._statuses.items()},
            **{name: float(np.quantile(latencies, q)) for name, q in QUANTILES.items()},
            "acknowledged_p99": float(np.quantile(acknowledged, 0.99)),
        }


def _array(latencies: "array[float]") -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.frombuffer(latencies) if latencies else np.zeros(1)


def main() -> None:
    gc.disable()
    for line in sys.stdin:
        print(json.dumps(Run(msgspec.json.decode(line, type=Order)).go()), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
