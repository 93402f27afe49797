"""A small receiver for webhooks: verifies, remembers, shows. A client's tool, on loopback."""

import asyncio
import contextlib
import json
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.domain.alerts.signature import ID, read_secret, refusal, write_secret
from app.listen_card import card, instructions

MAX_BODY = 1_000_000
KEPT = 10_000
START_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Received:
    """One webhook as it arrived. ``problem`` None: its signature is good."""

    at: datetime
    id: str
    arrival: int
    """How often this id has come, this time included."""
    problem: str | None
    status: int
    """What it was answered with."""
    event: Mapping[str, Any]
    """The CloudEvents document; empty unless the signature is good."""

    @property
    def repeat(self) -> bool:
        return self.arrival > 1

    @property
    def type(self) -> str:
        return str(self.event.get("type", ""))


def new_secret() -> str:
    """Return a fresh signing secret."""
    return write_secret(secrets.token_bytes(32))


def _now() -> datetime:
    return datetime.now(UTC)


class Listener:
    """Receives webhooks in this process, and keeps what came in ``received``.

    ``fail_first`` answers so many good webhooks with 503, so that a retry can be watched.
    """

    def __init__(
        self,
        secret: str,
        *,
        fail_first: int = 0,
        on_event: Callable[[Received], None] | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.received: list[Received] = []
        self._keys = (read_secret(secret),)
        self._failures_left = fail_first
        self._on_event = on_event
        self._clock = clock
        self._arrivals: dict[str, int] = {}
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and return the URL to send to. Raises `OSError` where the port is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
        routes = [Route("/{path:path}", self._take, methods=["POST"])]
        config = uvicorn.Config(
            Starlette(routes=routes),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        async with asyncio.timeout(START_SECONDS):
            await self._server.ready.wait()
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{listening.getsockname()[1]}/"

    async def stop(self) -> None:
        """Stop listening; what was received stays."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._server = self._task = None

    async def _take(self, request: Request) -> Response:
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        received = self._judge(request.headers, body)
        self.received.append(received)
        del self.received[:-KEPT]
        if self._on_event is not None:
            self._on_event(received)
        return Response(status_code=received.status)

    def _judge(self, headers: Mapping[str, str], body: bytes) -> Received:
        now = self._clock()
        id_ = headers.get(ID, "")
        problem = refusal(self._keys, headers, body, now)
        if problem is not None:
            return Received(now, id_, 1, problem, 401, {})
        arrival = self._arrivals[id_] = self._arrivals.get(id_, 0) + 1
        status = 503 if self._failures_left > 0 else 204
        self._failures_left -= status == 503
        return Received(now, id_, arrival, None, status, _document(body))


class _Server(uvicorn.Server):
    """A server beside others in one process: Ctrl-C belongs to whoever started it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _read(request: Request) -> bytes | None:
    """Return the body, or None where it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


async def listen_forever(
    port: int, secret: str | None, fail_first: int, console: Console, host: str = "127.0.0.1"
) -> int:
    """Receive and show webhooks until cancelled; return an exit code where that cannot begin."""
    chosen = secret or new_secret()

    def show(received: Received) -> None:
        console.print(card(received))

    try:
        listener = Listener(chosen, fail_first=fail_first, on_event=show)
        url = await listener.start(host, port)
    except (ValueError, OSError) as error:
        console.print(f"Cannot listen: {error}", style="red", markup=False)
        return 2
    console.print(instructions(url, None if secret else chosen), soft_wrap=True)
    try:
        await asyncio.Event().wait()
    finally:
        await listener.stop()
    return 0
