"""The short way through an Arrow stream: one batch of plain columns, read where its buffers lie.

What a reader of Arrow makes of a column costs more than counting a hundred of its values. Senders
repeat their schema with every body, so that what it says is remembered, and a batch is a list of
places. Whatever is not of the plainest form (nulls, compression, several batches, text that needs a
second look) is left to the long way, which also says what is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit, types

from app.domain.batch import Table
from app.domain.errors import Invalid
from app.domain.rows.arrays import FLOATS, SPANS, TIMES, WHOLE, lies_plain
from app.domain.rows.buffers import NumberColumn, TextColumn, TimeColumn
from app.domain.rows.flat import Columns, Flat
from app.sources.formats._arrow import REFUSED, SMALLEST_VALUE, hold_schema
from app.sources.formats._messages import (
    BUFFER,
    BUFFERS,
    COMPRESSION,
    HEADER,
    HEADER_TYPE,
    LENGTH,
    NODES,
    RECORDS,
    VERSION,
    Message,
    is_end,
    message_at,
)
from app.sources.formats._spec import Limits
from drift_core import Texts

SCHEMAS, SCHEMA_BYTES = 64, 32_768
"""Schemas that are remembered, and how long one may be."""
V5, LITTLE = 4, 0
SCHEMA, BYTE_ORDER = 1, 0
NODE = "<qq"
ASCII = 127
WIDTHS = FLOATS | WHOLE | {TIMES: np.int64}

Item: TypeAlias = npt.DTypeLike
Places: TypeAlias = Sequence[tuple[int, int]]
"""Where each buffer of a batch begins in its body, and its length."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of a schema: what its values are, and which of the batch's buffers are its own."""

    name: str
    kind: pa.DataType
    first: int
    item: Item
    """Type of its numbers, or of its texts' offsets."""
    text: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    """A schema of plain columns."""

    fields: tuple[_Field, ...]
    buffers: int


def read_plain(body: bytes, limits: Limits) -> Table | None:
    """Return the columns of a stream, None where the long way has to look at it.

    What it returns is what the long way would.
    """
    try:
        return _read(body, limits)
    except (Invalid, *REFUSED):
        return None


def _read(body: bytes, limits: Limits) -> Table | None:
    stream = memoryview(body)
    found = message_at(stream, 0)
    if found is None or found[1] != found[2] or found[1] > SCHEMA_BYTES:
        return None
    layout = _layout(body[: found[1]], limits)
    batch = None if layout is None else _only_batch(stream, found[1])
    if layout is None or batch is None or len(body) > limits.decoded:
        return None
    message, begin, end = batch
    rows = message.number(LENGTH, "<q")
    if not 0 < rows <= limits.rows or SMALLEST_VALUE * rows * len(layout.fields) > limits.decoded:
        return None
    places = _places(message, layout, rows, end - begin)
    if places is None:
        return None
    columns = {}
    for field in layout.fields:
        column = _column(field, body, begin, places, rows, limits.text)
        if column is None:
            return None
        columns[field.name] = column
    return Table(Columns(columns), rows)


@lru_cache(maxsize=SCHEMAS)
def _layout(head: bytes, limits: Limits) -> _Layout | None:
    """Return what a schema's message says; None where not all of its columns are plain."""
    found = message_at(memoryview(head), 0)
    schema = None if found is None else found[0].table(HEADER)
    if found is None or schema is None or found[0].number(HEADER_TYPE, "<B") != SCHEMA:
        return None
    if found[0].number(VERSION, "<h") != V5 or schema.number(BYTE_ORDER, "<h") != LITTLE:
        return None
    given = pa.ipc.read_schema(pa.py_buffer(head))
    hold_schema(given, limits)
    fields, first = [], 0
    for name, kind in zip(given.names, given.types, strict=True):
        if not lies_plain(kind):
            return None
        text = kind.id in SPANS
        offsets = np.int64 if kind.id == pa.large_string().id else np.int32
        fields.append(_Field(name, kind, first, offsets if text else WIDTHS[kind.id], text))
        first += 3 if text else 2
    return _Layout(tuple(fields), first) if fields else None


def _only_batch(stream: memoryview, at: int) -> tuple[Message, int, int] | None:
    """Return the first batch and where its body lies, if nothing comes after it."""
    found = message_at(stream, at)
    if found is None:
        return None
    message, begin, end = found
    batch = message.table(HEADER)
    if message.number(HEADER_TYPE, "<B") != RECORDS or batch is None:
        return None
    if message.number(VERSION, "<h") != V5 or batch.field(COMPRESSION):
        return None
    return (batch, begin, end) if is_end(stream[end:]) else None


def _places(batch: Message, layout: _Layout, rows: int, room: int) -> Places | None:
    """Return the buffers of a batch without nulls, all of which lie in its body."""
    nodes = list(batch.structs(NODES, NODE))
    places = [(begin, size) for begin, size in batch.structs(BUFFERS, BUFFER)]
    if nodes != [(rows, 0)] * len(layout.fields) or len(places) != layout.buffers:
        return None
    if any(begin < 0 or size < 0 or begin + size > room for begin, size in places):
        return None
    # rows that have no value need a look, whatever their number is said to be
    return None if any(places[field.first][1] for field in layout.fields) else places


def _column(
    field: _Field, body: bytes, begin: int, places: Places, rows: int, longest: int
) -> Flat | None:
    values = _items(field.item, body, begin, places[field.first + 1], rows + field.text)
    if values is None:
        return None
    if field.text:
        at, size = places[field.first + 2]
        data = np.frombuffer(body, np.uint8, size, begin + at)
        return TextColumn(Texts(values, data)) if _is_plain(values, data, longest) else None
    return TimeColumn(values, field.kind) if field.kind.id == TIMES else NumberColumn(values)


def _items(
    kind: Item, body: bytes, begin: int, place: tuple[int, int], count: int
) -> npt.NDArray[Any] | None:
    at, size = place
    if count * np.dtype(kind).itemsize > size:
        return None
    found = np.frombuffer(body, kind, count, begin + at)
    # a body lies wherever it came to lie
    return found if found.flags.aligned else found.copy()


def _signatures() -> list[Any]:
    data = types.Array(types.uint8, 1, "C", readonly=True)
    return [
        types.boolean(types.Array(kind, 1, "C", readonly=True), data, types.int64)
        for kind in (types.int32, types.int64)
    ]


@njit(_signatures(), nogil=True, cache=True)
def _is_plain(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], longest: int) -> bool:
    """Whether texts lie in their bytes, one after the other, as ASCII, and none is too long."""
    last = np.int64(offsets[0])
    fine = last >= 0 and offsets[-1] <= data.size
    for i in range(1, offsets.size):
        size = np.int64(offsets[i]) - last
        fine &= (size >= 0) & (size <= longest)
        last = np.int64(offsets[i])
    if not fine:
        return False
    for byte in data[offsets[0] : offsets[-1]]:
        # nothing, and what is more than one byte, need a second look
        fine &= (byte > 0) & (byte <= ASCII)
    return bool(fine)
