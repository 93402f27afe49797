"""What the messages of an Arrow stream or file say that they open to; readers believe them.

Readers set aside the memory that a compressed buffer's own first bytes ask for. Messages are
tables of FlatBuffers; only what tells sizes is read here.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.errors import Fault, Invalid

NO_END = "the Arrow stream has no end: it was cut short, or its writer was not closed"
MOST_MESSAGES = 10_000
MOST_METADATA = 8_000_000
CONTINUES = 0xFFFFFFFF
VERSION, HEADER_TYPE, HEADER, BODY_LENGTH = 0, 1, 2, 3
DICTIONARY, RECORDS = 2, 3
"""Kinds of messages that hold buffers."""
DATA, LENGTH, NODES, BUFFERS, COMPRESSION = 1, 0, 1, 2, 3
DICTIONARIES, BATCHES = 2, 3
"""Lists of a file's footer."""
BUFFER, BLOCK = "<qq", "<q16x"
"""Places of a buffer (where it begins, and its length) and of a message."""
MAGIC = b"ARROW1"
END, LEGACY_END = b"\xff\xff\xff\xff\0\0\0\0", b"\0\0\0\0"
"""How writers end a stream when they are closed; the latter before version 0.15."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What all messages of a stream together stand for."""

    rows: int
    opened: int
    """Bytes of all buffers once they are decompressed."""


@dataclass(frozen=True, slots=True)
class Message:
    """A table of FlatBuffers, as messages are: numbers of fields lead to places in its memory."""

    memory: memoryview
    at: int

    def field(self, number: int) -> int:
        """Return where a field lies, 0 where the table does not have it."""
        fields = self.at - _number("<i", self.memory, self.at)
        place = 4 + 2 * number
        if place + 2 > _number("<H", self.memory, fields):
            return 0
        offset = _number("<H", self.memory, fields + place)
        return self.at + offset if offset else 0

    def number(self, number: int, form: str) -> int:
        place = self.field(number)
        return _number(form, self.memory, place) if place else 0

    def table(self, number: int) -> "Message | None":
        place = self.field(number)
        return Message(self.memory, place + _number("<I", self.memory, place)) if place else None

    def structs(self, number: int, form: str) -> Iterator[tuple[int, ...]]:
        """Return the items of a vector of structs of integers."""
        place, size = self.field(number), struct.calcsize(form)
        if not place:
            return iter(())
        vector = place + _number("<I", self.memory, place)
        items = self.memory[vector + 4 :]
        length = _number("<I", self.memory, vector)
        if length * size > len(items):
            raise ValueError("a list reaches outside of its message")
        return struct.iter_unpack(form, items[: size * length])


def claims_of(body: memoryview) -> Claims:
    """Add up what the messages of a stream, or those that a file's footer lists, claim.

    Raises
    ------
    ValueError
        A message cannot be read, or there are too many.
    Invalid
        A stream has no end, or does not end there.
    """
    rows = opened = 0
    for message, content in _listed(body) if body[: len(MAGIC)] == MAGIC else _messages(body):
        batch = message.table(HEADER)
        kind = message.number(HEADER_TYPE, "<B")
        if kind == DICTIONARY and batch is not None:
            batch = batch.table(DATA)
        if kind not in (DICTIONARY, RECORDS) or batch is None:
            continue
        length = batch.number(LENGTH, "<q")
        if length < 0:
            raise ValueError("a batch has less than no rows")
        rows += length if kind == RECORDS else 0
        opened += _opened(batch, content)
    return Claims(rows, opened)


def _messages(stream: memoryview) -> Iterator[tuple[Message, memoryview]]:
    """Yield the messages of a stream, each with its body, up to the mark of its end."""
    at = 0
    for _ in range(MOST_MESSAGES):
        if at == len(stream):
            raise Invalid(NO_END, (Fault("no mark of its end"),))
        if (found := message_at(stream, at)) is None:
            _hold_end(stream[at:])
            return
        message, begin, end = found
        yield message, stream[begin:end]
        at = end
    raise ValueError("there are too many messages")


def _hold_end(rest: memoryview) -> None:
    if not is_end(rest):
        raise Invalid(
            "bytes come behind the end of the Arrow stream", (Fault("bytes behind the end"),)
        )


def is_end(rest: memoryview) -> bool:
    """Whether what is left of a stream is the mark of its end and no more."""
    return bytes(rest[: len(END) + 1]) in {END, LEGACY_END}


def _listed(body: memoryview) -> Iterator[tuple[Message, memoryview]]:
    """Yield the messages that a file's footer leads to; it may lead to one of them many times."""
    tail = len(body) - len(MAGIC)
    if tail < 2 * len(MAGIC) or body[tail:] != MAGIC:
        raise ValueError("the file is cut short")
    size = _number("<I", body, tail - 4)
    if not 0 < size <= min(tail - 4, MOST_METADATA):
        raise ValueError("the footer lies outside of the file")
    memory = body[tail - 4 - size : tail - 4]
    footer = Message(memory, _number("<I", memory, 0))
    blocks = [*footer.structs(DICTIONARIES, BLOCK), *footer.structs(BATCHES, BLOCK)]
    if len(blocks) > MOST_MESSAGES:
        raise ValueError("there are too many messages")
    for block in blocks:
        found = message_at(body, block[0])
        if found is None:
            raise ValueError("the footer leads to no message")
        message, begin, end = found
        yield message, body[begin:end]


def message_at(stream: memoryview, at: int) -> tuple[Message, int, int] | None:
    """Return the message at a place, and where its body begins and ends; None for the end."""
    size = _number("<I", stream, at)
    at += 4
    if size == CONTINUES:
        size = _number("<I", stream, at)
        at += 4
    if size == 0:
        return None
    if size > MOST_METADATA:
        raise ValueError("a message is described at too great a length")
    head = stream[at : at + size]
    message = Message(head, _number("<I", head, 0))
    length = message.number(BODY_LENGTH, "<q")
    at += size
    if not 0 <= length <= len(stream) - at:
        raise ValueError("a message is cut short")
    return message, at, at + length


def _opened(batch: Message, body: memoryview) -> int:
    packed, room, total = batch.field(COMPRESSION) != 0, len(body), 0
    for offset, length in batch.structs(BUFFERS, BUFFER):
        if offset < 0 or length < 0 or offset + length > room:
            raise ValueError("a buffer lies outside of its message")
        total += _inflated(body, offset, length) if packed and length else length
    return total


def _inflated(body: memoryview, offset: int, length: int) -> int:
    size = _number("<q", body, offset)
    if size < -1:
        raise ValueError("a buffer opens to less than nothing")
    return length if size == -1 else size


def _number(form: str, memory: memoryview, at: int) -> int:
    if not 0 <= at <= len(memory) - struct.calcsize(form):
        raise ValueError("a message points outside of itself")
    return int(struct.unpack_from(form, memory, at)[0])
