"""JSON rows of plain values, with the first row's names in any order, read by a compiled loop."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types

from app.domain.decimals import Bytes, Floats, Integer, Words
from app.sources.formats._values import (
    FAILED,
    FIVES_TYPE,
    NEWLINE,
    QUOTE,
    READ,
    TENS_TYPE,
    read_value,
    skip,
)

Integers = npt.NDArray[np.int64]
COLON, COMMA, OPEN, CLOSE, LAST = 0x3A, 0x2C, 0x7B, 0x7D, 0x5D
_I8, _U8, _B = types.int64, types.uint64, types.boolean
_TUPLE: Any = types.Tuple
_PLACES = types.Array(_I8, 1, "C")
_SEEN = types.Array(_I8, 1, "C")
_WORDS = types.Array(_U8, 2, "C")
_KINDS = types.Array(types.uint8, 2, "C")


@njit(inline="always")
def _name(body: Bytes, at: Integer, names: Bytes, places: Integers, guess: Integer) -> Integer:
    """Return which name begins at a place, the one that is guessed first; `FAILED` for none.

    Names are as written, with the closing quote behind each.
    """
    columns = places.size - 1
    for turn in range(columns):
        column = guess + turn
        column -= columns if column >= columns else 0
        begin, size = np.uint64(places[column]), np.uint64(places[column + 1] - places[column])
        start = np.uint64(at)
        if start + size > np.uint64(body.size):
            continue
        i = np.uint64(0)
        while i < size and body[start + i] == names[begin + i]:
            i += np.uint64(1)
        if i == size:
            return column
    return FAILED


@njit(inline="always")
def _row(  # noqa: PLR0913, PLR0917 - a loop's state is its arguments
    body: Bytes,
    at: Integer,
    row: Integer,
    names: Bytes,
    places: Integers,
    lines: bool,
    longest: Integer,
    fives: Words,
    tens: Floats,
    words: npt.NDArray[np.uint64],
    kinds: npt.NDArray[np.uint8],
    seen: Integers,
) -> Integer:
    """Read a row from behind its bracket, and return its end; `FAILED` where it is odd."""
    columns = places.size - 1
    at = skip(body, at, lines)
    if at < body.size and body[at] == CLOSE:
        return at + 1
    guess: Integer = 0
    while at < body.size:
        if body[at] != QUOTE or columns == 0:
            return FAILED
        column = _name(body, at + 1, names, places, guess)
        if column < 0 or seen[column] == row + 1:
            return FAILED
        seen[column] = row + 1
        at = skip(body, at + 1 + places[column + 1] - places[column], lines)
        if at >= body.size or body[at] != COLON:
            return FAILED
        at = skip(body, at + 1, lines)
        kind, word, at = read_value(body, at, longest, fives, tens)
        if kind < 0:
            return FAILED
        words[column, row] = word
        kinds[column, row] = kind
        guess = column + 1 if column + 1 < columns else 0
        at = skip(body, at, lines)
        if at >= body.size or body[at] != COMMA:
            break
        at = skip(body, at + 1, lines)
    return at + 1 if at < body.size and body[at] == CLOSE else FAILED


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
    seen = np.zeros(places.size - 1, np.int64)
    row: Integer = 0
    at = skip(body, at, True)
    while at < body.size:
        if body[at] != OPEN or row == words.shape[1]:
            return FAILED, at
        at = _row(body, at + 1, row, names, places, array, longest, fives, tens, words, kinds, seen)
        if at < 0:
            return FAILED, at
        row += 1
        at = skip(body, at, array)
        if array:
            if at < body.size and body[at] == LAST:
                return row, at + 1
            if at >= body.size or body[at] != COMMA:
                return FAILED, at
            at = skip(body, at + 1, True)
        elif at < body.size:
            if body[at] != NEWLINE:
                return FAILED, at
            at = skip(body, at, True)
    return (FAILED if array else row), at
