"""Requests that are answered without ASGI: begun when they are whole, and answered in one piece."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol, TypeAlias

from starlette.types import Scope

Header: TypeAlias = tuple[bytes, bytes]
STATUS: Mapping[int, bytes] = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


class Work(Protocol):
    """What the application does with such a request."""

    def begin(self, short: "Short", body: bytes) -> None:
        """Take the whole body; ``short.answer`` is called some time later. Raises nothing."""

    def gone(self) -> None:
        """Hear that the client left before its body was whole."""


Offer: TypeAlias = Callable[[Scope], Work | None]
"""Returns what answers a request by its head; None where that takes ASGI."""


class Server(Protocol):
    """The connection, as far as an answer goes through it."""

    transport: Any

    def date(self) -> Sequence[Header]:
        """Return the headers that every answer begins with."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task that the server waits for before it stops."""

    def answered(self) -> None:
        """Go on to the next request."""


class Short:
    """One request; to the server it is the cycle of request and response, and its event, too."""

    __slots__ = (
        "_server",
        "_work",
        "body",
        "disconnected",
        "keep_alive",
        "more_body",
        "response_complete",
        "response_started",
    )

    def __init__(self, server: Server, work: Work) -> None:
        self._server = server
        self._work: Work | None = work
        self.body = bytearray()
        self.more_body = self.keep_alive = True
        self.disconnected = self.response_started = self.response_complete = False

    @property
    def message_event(self) -> "Short":
        return self

    def set(self) -> None:
        """Hear that a piece of the body came, that it is whole, or that the client is gone."""
        work = self._work
        if work is None or (self.more_body and not self.disconnected):
            return
        self._work = None
        if self.disconnected:
            work.gone()
        else:
            work.begin(self, bytes(self.body))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._server.spawn(work)

    def answer(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        """Write the whole answer, unless nobody is there any more."""
        if self.disconnected:
            return
        said = [STATUS[status]]
        for name, value in (*self._server.date(), *headers):
            said += name, b": ", value, b"\r\n"
        said += (b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"), body
        self._server.transport.write(b"".join(said))
        self.response_started = self.response_complete = True
        if not self.keep_alive:
            self._server.transport.close()
        self._server.answered()
