"""One pass over JSON bytes before they are decoded: what they cost, and what parsers let by."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, types

QUOTE, BACKSLASH, COLON, COMMA = 0x22, 0x5C, 0x3A, 0x2C
OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT = 0x5B, 0x5D, 0x7B, 0x7D
ZERO, NINE, LOWER_U = 0x30, 0x39, 0x75
SPACE, TAB, NEWLINE, RETURN = 0x20, 0x09, 0x0A, 0x0D
TRACKED_DEPTH = 32
"""Objects deeper than this are not told apart; every depth limit lies far below."""

COLONS, COMMAS, DEPTH, MEMBERS, TEXT, DIGITS, NUL = range(7)
"""Where the loops put what they find; the order of `Scan`."""

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_INTEGERS = types.Array(types.int64, 1, "C")


class Scan(NamedTuple):
    """What stands in JSON text outside of its strings, and how long those are."""

    colons: int
    """As many as there are members in all objects, were all names different."""
    commas: int
    depth: int
    members: int
    """Members of the largest object."""
    text: int
    """Bytes of the longest string."""
    digits: int
    """Digits of the longest run, which bounds how large a number can be."""
    nul: int
    """How many NUL characters there are, escaped or not."""


def scan(body: bytes | memoryview) -> Scan:
    """Return what JSON text holds, without decoding it; any bytes will do."""
    found: Integers = np.zeros(len(Scan._fields), np.int64)
    _scan(np.frombuffer(body, np.uint8), found)
    return Scan(*found.tolist())


def commas_of(span: bytes | memoryview) -> list[int]:
    """Return where the outermost array or object of JSON text is cut, and where it is closed."""
    cuts: Integers = np.empty(len(span) + 1, np.int64)
    found = _cuts(np.frombuffer(span, np.uint8), cuts)
    return [int(cut) for cut in cuts[:found]]


def odd_line(body: bytes) -> int | None:
    """Return the first line, blank ones not counted, that cannot be one whole JSON object.

    Brackets of either kind close one another here: that is for a parser to find.
    """
    found = int(_odd_line(np.frombuffer(body, np.uint8)))
    return None if found < 0 else found


def warm_up() -> None:
    """Load the compiled loops, so that the first request does not wait for them."""
    scan(b"[]")
    odd_line(b"{}")
    commas_of(b"[]")


@njit(types.int64(_BYTES, types.int64, _INTEGERS), nogil=True, cache=True)
def _string_end(body: Bytes, start: int, out: Integers) -> int:
    i = start
    while i < body.size and body[i] != QUOTE:
        if body[i] == BACKSLASH:
            if i + 5 < body.size and body[i + 1] == LOWER_U:
                zeros = 0
                for k in range(i + 2, i + 6):
                    zeros += body[k] == ZERO
                out[NUL] += zeros == 4
            i += 1
        elif body[i] == 0:
            out[NUL] += 1
        i += 1
    return min(i, body.size)


@njit(types.void(_BYTES, _INTEGERS), nogil=True, cache=True)
def _scan(body: Bytes, out: Integers) -> None:
    counts = np.zeros(TRACKED_DEPTH + 2, np.int64)
    depth = digits = 0
    i = 0
    while i < body.size:
        byte = body[i]
        if ZERO <= byte <= NINE:
            digits += 1
            out[DIGITS] = max(out[DIGITS], digits)
            i += 1
            continue
        digits = 0
        level = min(depth, TRACKED_DEPTH + 1)
        if byte == QUOTE:
            end = _string_end(body, i + 1, out)
            out[TEXT] = max(out[TEXT], end - i - 1)
            i = end
        elif byte == COMMA:
            out[COMMAS] += 1
        elif byte == COLON:
            out[COLONS] += 1
            counts[level] += 1
            out[MEMBERS] = max(out[MEMBERS], counts[level])
        elif byte in (OPEN_OBJECT, OPEN_ARRAY):
            depth += 1
            out[DEPTH] = max(out[DEPTH], depth)
            counts[min(depth, TRACKED_DEPTH + 1)] = 0
        elif byte in (CLOSE_OBJECT, CLOSE_ARRAY):
            depth = max(0, depth - 1)
        out[NUL] += byte == 0
        i += 1


@njit(types.int64(_BYTES, _INTEGERS), nogil=True, cache=True)
def _cuts(span: Bytes, out: Integers) -> int:
    found = depth = i = 0
    while i < span.size:
        byte = span[i]
        if byte == QUOTE:
            i += 1
            while i < span.size and span[i] != QUOTE:
                i += 1 + (span[i] == BACKSLASH)
        elif byte in (OPEN_OBJECT, OPEN_ARRAY):
            depth += 1
        elif byte in (CLOSE_OBJECT, CLOSE_ARRAY):
            depth -= 1
            if depth == 0:
                break
        elif byte == COMMA and depth == 1:
            out[found] = i
            found += 1
        i += 1
    out[found] = min(i, span.size)
    return found + 1


@njit(types.int64(_BYTES, types.int64), nogil=True, cache=True)
def _line_string_end(body: Bytes, i: int) -> int:
    while i < body.size and body[i] != NEWLINE:
        if body[i] == QUOTE:
            return i
        i += 1 + (body[i] == BACKSLASH)
    return -1


@njit(types.int64(_BYTES), nogil=True, cache=True)
def _odd_line(body: Bytes) -> int:
    line = depth = objects = i = 0
    while i < body.size:
        byte = body[i]
        if byte == NEWLINE:
            if depth:
                return line
            line += objects
            objects = 0
        elif byte == QUOTE and depth:
            i = _line_string_end(body, i + 1)
            if i < 0:
                return line
        elif byte == OPEN_OBJECT or (byte == OPEN_ARRAY and depth):
            objects += depth == 0
            depth += 1
            if objects > 1:
                return line
        elif depth and byte in (CLOSE_OBJECT, CLOSE_ARRAY):
            depth -= 1
        elif not depth and byte not in (SPACE, TAB, RETURN):
            return line
        i += 1
    return line if depth else -1
