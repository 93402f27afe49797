"""A JSON value that is no object and no array, read by a compiled loop: what it is, and its end."""

from typing import Any

import numpy as np
from numba import njit, types

from app.domain.decimals import DECIMAL as IS_DECIMAL
from app.domain.decimals import ODD as IS_ODD
from app.domain.decimals import WHOLE as IS_WHOLE
from app.domain.decimals import Bytes, Floats, Integer, Words, read_decimal
from app.sources.formats._cells import (
    DECIMAL,
    ESCAPED,
    FALSE,
    LONG,
    NULL,
    TEXT,
    TRUE,
    WHOLE,
)

QUOTE, BACKSLASH, LOWEST = 0x22, 0x5C, 0x20
MINUS, LETTER_F, LETTER_N, LETTER_T = 0x2D, 0x66, 0x6E, 0x74
SPACE, TAB, NEWLINE, RETURN = 0x20, 0x09, 0x0A, 0x0D
FAILED = -1
DIGITS = 308
"""Longer spelled numbers are for the slow way to refuse."""
WORDS = np.frombuffer(b"nulltruefalse", np.uint8)
_I8, _U8, _B = types.int64, types.uint64, types.boolean
_TUPLE: Any = types.Tuple
READ = types.Array(types.uint8, 1, "C", readonly=True)
FIVES_TYPE = types.Array(_U8, 1, "C", readonly=True)
TENS_TYPE = types.Array(types.float64, 1, "C", readonly=True)


@njit(inline="always")
def skip(body: Bytes, at: Integer, lines: bool) -> Integer:
    """Pass over white space, line ends only if they may be there."""
    place = np.uint64(at)
    while place < body.size and (
        body[place] == SPACE
        or body[place] == TAB
        or body[place] == RETURN
        or (body[place] == NEWLINE and lines)
    ):
        place += np.uint64(1)
    return np.int64(place)


@njit(inline="always")
def text_end(body: Bytes, at: Integer) -> tuple[Integer, bool]:
    """Return where a text's closing quote is, `FAILED` for none, and whether it has escapes."""
    escaped = False
    place, end = np.uint64(at), np.uint64(body.size)
    while place < end:
        byte = body[place]
        if byte == QUOTE:
            return np.int64(place), escaped
        if byte < LOWEST:
            break
        if byte == BACKSLASH:
            escaped = True
            place += np.uint64(1)
        place += np.uint64(1)
    return FAILED, escaped


@njit(inline="always")
def _word_end(body: Bytes, at: Integer, first: Integer, size: Integer) -> Integer:
    """Return the end of one of the words that stand for values, `FAILED` if it is not there."""
    if at + size > body.size:
        return FAILED
    for i in range(size):
        if body[at + i] != WORDS[first + i]:
            return FAILED
    return at + size


@njit(inline="always")
def _text(body: Bytes, at: Integer, longest: Integer) -> tuple[Integer, np.uint64, Integer]:
    end, escaped = text_end(body, at)
    if end < 0 or end - at > longest:
        return FAILED, np.uint64(0), at
    word = (np.uint64(at) << np.uint64(32)) | np.uint64(end - at)
    return (ESCAPED if escaped else TEXT), word, end + 1


@njit(inline="always")
def _number(
    body: Bytes, at: Integer, fives: Words, tens: Floats
) -> tuple[Integer, np.uint64, Integer]:
    kind, word, end = read_decimal(body, at, body.size, fives, tens)
    if kind == IS_WHOLE:
        return WHOLE, word, end
    if kind == IS_DECIMAL:
        return DECIMAL, word, end
    if kind != IS_ODD or end - at > DIGITS:
        return FAILED, word, at
    return LONG, (np.uint64(at) << np.uint64(32)) | np.uint64(end - at), end


@njit(inline="always")
def read_value(
    body: Bytes, at: Integer, longest: Integer, fives: Words, tens: Floats
) -> tuple[Integer, np.uint64, Integer]:
    """Read a value: its kind, or `FAILED`, its cell, and where it ends."""
    byte = body[at] if at < body.size else np.uint8(0)
    kind, end = FAILED, at
    if byte == QUOTE:
        return _text(body, at + 1, longest)
    if byte == LETTER_N:
        kind, end = NULL, _word_end(body, at, 0, 4)
    elif byte == LETTER_T:
        kind, end = TRUE, _word_end(body, at, 4, 4)
    elif byte == LETTER_F:
        kind, end = FALSE, _word_end(body, at, 8, 5)
    else:
        return _number(body, at, fives, tens)
    return (kind if end >= 0 else FAILED), np.uint64(0), end
