"""Answers that leave whole: head and body in one piece, where the server writes them one by one."""

from asyncio import AbstractEventLoop, Handle
from typing import Any

HEAD = b"HTTP/1."


class Whole:
    """A transport that keeps the head of an answer back for the moment in which its body comes.

    Each piece costs a system call here and a wake-up there, which for a short answer is most of
    what it costs to send it.
    """

    def __init__(self, transport: Any, loop: AbstractEventLoop) -> None:  # noqa: ANN401  uvicorn's
        self._transport = transport
        self._loop = loop
        self._head = b""
        self._flush: Handle | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._flush is not None:
            self._flush.cancel()
            data, self._head, self._flush = self._head + data, b"", None
        elif data.startswith(HEAD):
            self._head, self._flush = data, self._loop.call_soon(self._let_go)
            return
        self._transport.write(data)

    def close(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._let_go()
        self._transport.close()

    def _let_go(self) -> None:
        head, self._head, self._flush = self._head, b"", None
        self._transport.write(head)
