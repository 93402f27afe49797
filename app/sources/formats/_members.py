"""JSON rows of plain values, with the first row's names in any order, read by a compiled loop."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types

from app.domain.rows.decimals import Bytes, Floats, Integer, Word, Words
from app.sources.formats._values import (
    FAILED,
    FIVES_TYPE,
    NEWLINE,
    NOWHERE,
    QUOTE,
    READ,
    TENS_TYPE,
    read_value,
    skip,
)
from drift_core.kernels.memory import load1, load8

Integers = npt.NDArray[np.int64]
COLON, COMMA, OPEN, CLOSE, LAST = 0x3A, 0x2C, 0x7B, 0x7D, 0x5D
_I8, _U8, _B = types.int64, types.uint64, types.boolean
_TUPLE: Any = types.Tuple
_PLACES = types.Array(_I8, 1, "C")
_SEEN = types.Array(_I8, 1, "C")
_WORDS = types.Array(_U8, 2, "C")
_KINDS = types.Array(types.uint8, 2, "C")


@njit(inline="always")
def _same(at: Word, name: Word, size: Word) -> bool:
    """Whether so many bytes are the same at two addresses."""
    while size >= Word(8):
        if load8(at) != load8(name):
            return False
        at += Word(8)
        name += Word(8)
        size -= Word(8)
    while size > Word(0):
        if load1(at) != load1(name):
            return False
        at += Word(1)
        name += Word(1)
        size -= Word(1)
    return True


@njit(inline="always")
def _name(
    at: Word, end: Word, names: Word, places: Word, columns: Integer, guess: Integer
) -> tuple[Integer, Word]:
    """Return which name begins at a place, the one that is guessed first, and what follows it.

    Names are as written, with the closing quote behind each; `FAILED` for none of them.
    """
    for turn in range(columns):
        column = guess + turn
        column -= columns if column >= columns else 0
        begin, stop = load8(places + Word(8 * column)), load8(places + Word(8 * column + 8))
        size = stop - begin
        if at + size <= end and _same(at, names + begin, size):
            return column, at + size
    return FAILED, at


@njit(inline="always")
def _row(  # noqa: PLR0913, PLR0917 - a loop's state is its arguments
    base: Word,
    at: Word,
    end: Word,
    row: Integer,
    names: Word,
    places: Word,
    lines: bool,
    longest: Integer,
    fives: Word,
    tens: Word,
    words: npt.NDArray[np.uint64],
    kinds: npt.NDArray[np.uint8],
    seen: Integers,
) -> Word:
    """Read a row from behind its bracket, and return its end; `NOWHERE` where it is odd."""
    nowhere = Word(NOWHERE)
    at = skip(at, end, lines)
    if at < end and load1(at) == Word(CLOSE):
        return at + Word(1)
    guess: Integer = 0
    while at < end:
        if load1(at) != Word(QUOTE) or seen.size == 0:
            return nowhere
        column, at = _name(at + Word(1), end, names, places, seen.size, guess)
        if column < 0 or seen[column] == row + 1:
            return nowhere
        seen[column] = row + 1
        at = skip(at, end, lines)
        if at >= end or load1(at) != Word(COLON):
            return nowhere
        at = skip(at + Word(1), end, lines)
        kind, word, at = read_value(base, at, end, longest, fives, tens)
        if kind < 0:
            return nowhere
        words[column, row] = word
        kinds[column, row] = kind
        guess = column + 1 if column + 1 < seen.size else 0
        at = skip(at, end, lines)
        if at >= end or load1(at) != Word(COMMA):
            break
        at = skip(at + Word(1), end, lines)
    return at + Word(1) if at < end and load1(at) == Word(CLOSE) else nowhere


@njit(
    [_TUPLE((_I8, _I8))(READ, _I8, READ, _PLACES, _B, _I8, FIVES_TYPE, TENS_TYPE, _WORDS, _KINDS)],
    nogil=True,
    cache=True,
)
def read_rows(  # noqa: PLR0913, PLR0917 - a loop's state is its arguments
    body: Bytes,
    at: Integer,
    names: Bytes,
    places: Integers,
    array: bool,
    longest: Integer,
    fives: Words,
    tens: Floats,
    words: npt.NDArray[np.uint64],
    kinds: npt.NDArray[np.uint8],
) -> tuple[Integer, Integer]:
    """Read rows: those of an array from behind its bracket, or else one a line.

    Returns
    -------
    How many rows, `FAILED` where one is odd, and where they end, behind an array's bracket.
    """
    base = Word(body.ctypes.data)
    end = base + Word(body.size)
    named, bounds = Word(names.ctypes.data), Word(places.ctypes.data)
    five, ten = Word(fives.ctypes.data), Word(tens.ctypes.data)
    seen = np.zeros(places.size - 1, np.int64)
    row: Integer = 0
    place = skip(base + Word(at), end, True)
    while place < end:
        if load1(place) != Word(OPEN) or row == words.shape[1]:
            return FAILED, 0
        place = _row(
            base, place + Word(1), end, row, named, bounds, array, longest, five, ten,
            words, kinds, seen,
        )  # fmt: skip
        if place == Word(NOWHERE):
            return FAILED, 0
        row += 1
        place = skip(place, end, array)
        if array:
            byte = load1(place) if place < end else Word(0)
            if byte == Word(LAST):
                return row, np.int64(place - base) + 1
            if byte != Word(COMMA):
                return FAILED, 0
            place = skip(place + Word(1), end, True)
        elif place < end:
            if load1(place) != Word(NEWLINE):
                return FAILED, 0
            place = skip(place, end, True)
    return (FAILED if array else row), np.int64(place - base)
