"""JSON columns of plain values: each an array, read by a compiled loop."""

import re
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from numba import njit, types

from app.domain.batch import Layout, Table
from app.domain.rows.decimals import FIVES, TENS, Bytes, Floats, Integer, Word, Words
from app.domain.rows.flat import Column, Columns
from app.sources.formats._cells import FARTHEST, Refused, column_of
from app.sources.formats._census import census
from app.sources.formats._spec import Limits
from app.sources.formats._text import is_utf8
from app.sources.formats._values import (
    FAILED,
    FIVES_TYPE,
    READ,
    TENS_TYPE,
    read_value,
    skip,
)
from drift_core.kernels.memory import load1

WORTHWHILE = 24_000
"""Bytes below which Python's values are made and counted as fast: some sixty rows."""
DEEPEST = 3
FIRST = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"columns"[ \t\r\n]*:[ \t\r\n]*\{[ \t\r\n]*')
NAME = re.compile(rb'("(?:[^"\\\x00-\x1f]|\\.)*")[ \t\r\n]*:[ \t\r\n]*\[')
NEXT = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
LAST = re.compile(rb"[ \t\r\n]*\}[ \t\r\n]*\}[ \t\r\n]*")
COMMA, CLOSE = 0x2C, 0x5D
_TUPLE: Any = types.Tuple
_I8 = types.int64


def typed_columns(body: bytes, limits: Limits) -> Table | None:
    """Return the columns of a JSON body, or None where the slow way has to look."""
    start = FIRST.match(body) if WORTHWHILE <= len(body) < FARTHEST else None
    if start is None or limits.depth < DEEPEST or not (body.isascii() or is_utf8(body)):
        return None
    if sum(census(body, b",:")) > limits.values:
        return None
    # the first array says how high all of them are; where a text in it has a comma they differ
    first = body.find(b"]", start.end())
    height = census(memoryview(body)[start.end() : first], b",")[0] + 1
    try:
        columns = _columns(body, start.end(), height, limits)
    except (Refused, msgspec.DecodeError, UnicodeError):
        return None
    return Table(Columns(columns), height, layout=Layout.COLUMNS)


def _columns(body: bytes, at: int, height: int, limits: Limits) -> dict[str, Column]:
    """Read all columns, which must be of one height.

    Raises
    ------
    Refused
        Something is odd.
    """
    found: dict[str, Column] = {}
    while len(found) < limits.columns:
        name = NAME.match(body, at)
        if name is None:
            break
        column, at = _column(body, name.end(), height, limits)
        spelled = msgspec.json.decode(name[1], type=str)
        if spelled in found or "\0" in spelled or len(name[1]) > limits.text:
            break
        found[spelled] = column
        if LAST.fullmatch(body, at):
            return found
        following = NEXT.match(body, at)
        if following is None:
            break
        at = following.end()
    raise Refused


def _column(body: bytes, at: int, height: int, limits: Limits) -> tuple[Column, int]:
    words = np.empty(height, np.uint64)
    kinds = np.empty(height, np.uint8)
    rows, end = _read(np.frombuffer(body, np.uint8), at, limits.text, FIVES, TENS, words, kinds)
    if rows != height or rows > limits.rows:
        raise Refused
    return column_of(body, words, kinds), int(end)


@njit(
    [
        _TUPLE((_I8, _I8))(
            READ,
            _I8,
            _I8,
            FIVES_TYPE,
            TENS_TYPE,
            types.Array(types.uint64, 1, "C"),
            types.Array(types.uint8, 1, "C"),
        )
    ],
    nogil=True,
    cache=True,
)
def _read(
    body: Bytes,
    at: Integer,
    longest: Integer,
    fives: Words,
    tens: Floats,
    words: Words,
    kinds: npt.NDArray[np.uint8],
) -> tuple[Integer, Integer]:
    """Read an array's values from behind its bracket.

    Returns
    -------
    How many, `FAILED` where one is odd, and where they end, behind the closing bracket.
    """
    base = Word(body.ctypes.data)
    place, end = base + Word(at), base + Word(body.size)
    powers = Word(fives.ctypes.data), Word(tens.ctypes.data)
    row: Integer = 0
    while place < end and row < words.size:
        place = skip(place, end, True)
        kind, word, place = read_value(base, place, end, longest, powers[0], powers[1])
        if kind < 0:
            break
        words[row] = word
        kinds[row] = kind
        row += 1
        place = skip(place, end, True)
        byte = load1(place) if place < end else Word(0)
        place += Word(1)
        if byte == Word(CLOSE):
            return row, np.int64(place - base)
        if byte != Word(COMMA):
            break
    return FAILED, np.int64(place - base)
