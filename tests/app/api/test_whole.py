"""Head and body of an answer leave in one piece, and nothing is held for longer than a moment."""

import asyncio
from typing import Any

from app.api.edge.whole import Whole


class Wire:
    """Remembers what was written, and when it was closed."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    def close(self) -> None:
        self.pieces.append(b"closed")

    def is_closing(self) -> bool:
        return False


def whole() -> tuple[Whole, list[bytes]]:
    wire: Any = Wire()
    return Whole(wire, asyncio.get_running_loop()), wire.pieces


HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


async def test_head_and_body_are_one_piece() -> None:
    made, pieces = whole()
    made.write(HEAD)
    assert pieces == []
    made.write(b"body")
    made.write(b"more")
    assert pieces == [HEAD + b"body", b"more"]
    await asyncio.sleep(0)
    assert len(pieces) == 2


async def test_a_head_alone_does_not_wait() -> None:
    made, pieces = whole()
    made.write(HEAD)
    await asyncio.sleep(0)
    assert pieces == [HEAD]
    made.write(b"HTTP/1 is what this body begins with")
    made.write(b", and goes on")
    assert pieces[1:] == [b"HTTP/1 is what this body begins with", b", and goes on"]


async def test_what_is_held_leaves_before_the_end() -> None:
    made, pieces = whole()
    made.write(HEAD)
    made.close()
    await asyncio.sleep(0)
    assert pieces == [HEAD, b"closed"]
    assert not made.is_closing()
