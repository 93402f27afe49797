"""Cells of text formats: what a compiled loop found at each place, and how it becomes columns."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit, types

from app.domain.rows.arrays import ArrowColumn
from app.domain.rows.buffers import NumberColumn
from app.domain.rows.flat import Column

NULL, WHOLE, DECIMAL, LONG, FALSE, TRUE, TEXT, ESCAPED = range(8)
"""Kinds of cells. A long one is a number whose digits Python has to read, an escaped one text with
backslashes, or with doubled quotes."""
LENGTH = np.uint64(0xFFFFFFFF)
BEGIN = np.uint64(32)
"""A text's cell is where it begins, shifted so far, and its length in bytes."""
EXACT = 2**53
VIEW, INLINE = 16, 12
FARTHEST = 2**31
"""Views of texts cannot point further."""
_U8, _I8, _BYTE = types.uint64, types.int64, types.uint8
_READ = types.Array(_BYTE, 1, "C", readonly=True)

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.intp]
NOWHERE: Rows = np.zeros(0, np.intp)


class Refused(Exception):
    """A cell means nothing, or too much: a slower reader has to say what is wrong."""


def column_of(body: bytes, words: Words, kinds: Bytes) -> Column:
    """Return cells as a typed column, or as Python's values where they are of several types.

    Parameters
    ----------
    body
        What texts are in; it is kept as long as the column, whose texts stay there.
    words, kinds
        Shape (rows,): of numbers the bits, of texts where they are.

    Raises
    ------
    Refused
        An escape or a number is none.
    """
    first = int(kinds[0])
    # compared as bytes: of a hundred rows it costs a tenth of asking numpy
    if kinds.tobytes() == bytes((first,)) * kinds.size:
        there = {first}
    else:
        there = set(np.flatnonzero(np.bincount(kinds, minlength=ESCAPED + 1)).tolist())
    valid = None
    if NULL in there and len(there) > 1:
        valid = pa.py_buffer(np.packbits(kinds != NULL, bitorder="little"))
    present = there - {NULL}
    if present and present <= {TEXT, ESCAPED}:
        escaped = np.flatnonzero(kinds == ESCAPED) if ESCAPED in present else NOWHERE
        return _texts(body, words, kinds, valid, escaped, doubled=False)
    if present == {WHOLE}:
        return _numbers(pa.int64(), words.view(np.int64), valid)
    if present and present <= {WHOLE, DECIMAL}:
        numbers = _floats(words, kinds, mixed=WHOLE in present)
        if numbers is not None:
            return _numbers(pa.float64(), numbers, valid)
    if present and present <= {FALSE, TRUE}:
        return _typed(pa.bool_(), np.packbits(kinds == TRUE, bitorder="little"), valid, kinds.size)
    return [
        _value(body, kind, word) for kind, word in zip(kinds.tolist(), words.tolist(), strict=True)
    ]


def text_column(body: bytes, words: Words, kinds: Bytes) -> ArrowColumn:
    """Return cells of CSV as a column of text; a number is one that was read besides."""
    valid = None if kinds.all() else pa.py_buffer(np.packbits(kinds != NULL, bitorder="little"))
    return _texts(body, words, kinds, valid, np.flatnonzero(kinds == ESCAPED), doubled=True)


def _numbers(kind: pa.DataType, numbers: npt.NDArray[Any], valid: pa.Buffer | None) -> Column:
    return NumberColumn(numbers) if valid is None else _typed(kind, numbers, valid)


def _typed(
    kind: pa.DataType, memory: npt.NDArray[Any], valid: pa.Buffer | None, rows: int | None = None
) -> ArrowColumn:
    rows = memory.size if rows is None else rows
    return ArrowColumn(pa.Array.from_buffers(kind, rows, [valid, pa.py_buffer(memory)]))


def _floats(words: Words, kinds: Bytes, *, mixed: bool) -> npt.NDArray[np.float64] | None:
    """Return numbers as floats; None where an integer would lose digits that a level keeps."""
    if not mixed:
        return words.view(np.float64)
    whole = kinds == WHOLE
    integers = words.view(np.int64)[whole]
    if integers.max() > EXACT or integers.min() < -EXACT:
        return None
    numbers = words.view(np.float64).copy()
    numbers[whole] = integers
    return numbers


def _texts(
    body: bytes,
    words: Words,
    kinds: Bytes,
    valid: pa.Buffer | None,
    escaped: Rows,
    *,
    doubled: bool,
) -> ArrowColumn:
    views = np.zeros(VIEW * words.size, np.uint8)
    _view(np.frombuffer(body, np.uint8), words, kinds, views)
    buffers = [valid, pa.py_buffer(views), pa.py_buffer(body)]
    if escaped.size:
        spelled = [_unescaped(body, int(word), doubled=doubled) for word in words[escaped]]
        buffers.append(pa.py_buffer(_put(views, escaped, spelled)))
    return ArrowColumn(pa.Array.from_buffers(pa.string_view(), words.size, buffers))


def _put(views: Bytes, rows: Rows, texts: Sequence[bytes]) -> bytes:
    """Let views show texts that are not in the body, and return the buffer that those are in."""
    start = 0
    for row, text in zip(rows.tolist(), texts, strict=True):
        tail = text.ljust(INLINE, b"\0")
        if len(text) > INLINE:
            tail = text[:4] + (1).to_bytes(4, "little") + start.to_bytes(4, "little")
        view = len(text).to_bytes(4, "little") + tail
        views[VIEW * row : VIEW * (row + 1)] = np.frombuffer(view, np.uint8)
        start += len(text)
    return b"".join(texts)


def _unescaped(body: bytes, word: int, *, doubled: bool) -> bytes:
    begin, size = word >> 32, word & 0xFFFFFFFF
    text = body[begin : begin + size]
    if doubled:
        return text.replace(b'""', b'"')
    try:
        found = msgspec.json.decode(b'"%b"' % text, type=str).encode()
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused from error
    if b"\0" in found:
        raise Refused
    return found


def _value(body: bytes, kind: int, word: int) -> object:
    if kind in (NULL, FALSE, TRUE):
        return None if kind == NULL else kind == TRUE
    if kind == WHOLE:
        return word - (word >> 63 << 64)
    if kind == DECIMAL:
        return float(np.uint64(word).view(np.float64))
    begin = word >> 32
    text = body[begin : begin + (word & 0xFFFFFFFF)]
    if kind == LONG:
        return _number(text)
    return text.decode() if kind == TEXT else _unescaped(body, word, doubled=False).decode()


def _number(text: bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise Refused from error


@njit(
    [
        types.void(
            _READ, types.Array(_U8, 1, "C"), types.Array(_BYTE, 1, "C"), types.Array(_BYTE, 1, "C")
        )
    ],
    nogil=True,
    cache=True,
)
def _view(body: Bytes, words: Words, kinds: Bytes, views: Bytes) -> None:
    """Write a view of each plain text: its length, and itself or its start and where it is.

    Of CSV a number is a text as well.
    """
    for row in range(words.size):
        if kinds[row] != TEXT and kinds[row] != DECIMAL:
            continue
        begin, size = np.int64(words[row] >> BEGIN), np.int64(words[row] & LENGTH)
        view = VIEW * row
        for byte in range(4):
            views[view + byte] = (size >> (8 * byte)) & 0xFF
        if size <= INLINE:
            for byte in range(size):
                views[view + 4 + byte] = body[begin + byte]
        else:
            for byte in range(4):
                views[view + 4 + byte] = body[begin + byte]
                views[view + 12 + byte] = (begin >> (8 * byte)) & 0xFF
