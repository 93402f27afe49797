"""CSV records, all of one length, read by a compiled loop; what is odd is left to the slow way.

A field that spells a number as JSON would is read where it is found. Addresses are of the body's
bytes: to hand an array on costs more than to read what stands there.
"""

import numpy as np
import numpy.typing as npt
from numba import njit, types

from app.domain.rows.decimals import DECIMAL as IS_DECIMAL
from app.domain.rows.decimals import WHOLE as IS_WHOLE
from app.domain.rows.decimals import Bytes, Floats, Integer, Word, Words, read_decimal
from app.sources.formats._cells import DECIMAL, ESCAPED, NULL, TEXT
from app.sources.formats._values import (
    FAILED,
    FIVES_TYPE,
    NEWLINE,
    NOWHERE,
    QUOTE,
    READ,
    RETURN,
    TENS_TYPE,
    like,
)
from drift_core.kernels.bits import trailing_zeros
from drift_core.kernels.memory import load1, load8

COMMA, MINUS, ZERO = 0x2C, 0x2D, 0x30
_I8 = types.int64


@njit(inline="always")
def _plain(at: Word, end: Word) -> Word:
    """Return where an unquoted field ends; a quote in it is odd."""
    while at < end:
        if at + Word(8) <= end:
            word = load8(at)
            marked = like(word, COMMA) | like(word, NEWLINE) | like(word, RETURN)
            marked |= like(word, QUOTE)
            if marked == Word(0):
                at += Word(8)
                continue
            at += trailing_zeros(marked) >> Word(3)
        byte = load1(at)
        if byte == Word(COMMA) or byte == Word(NEWLINE) or byte == Word(RETURN):
            break
        if byte == Word(QUOTE):
            return Word(NOWHERE)
        at += Word(1)
    return at


@njit(inline="always")
def _quoted(at: Word, end: Word) -> tuple[Word, Integer]:
    """Return where a field's closing quote is, `NOWHERE` for none, and how many are in it."""
    doubled = 0
    while at < end:
        if load1(at) == Word(QUOTE):
            if at + Word(1) >= end or load1(at + Word(1)) != Word(QUOTE):
                return at, doubled
            doubled += 1
            at += Word(1)
        at += Word(1)
    return Word(NOWHERE), doubled


@njit(inline="always")
def _record_end(at: Word, end: Word) -> Word:
    """Return what follows a record; `NOWHERE` where a field goes on, or a return stands alone."""
    if at >= end:
        return at
    if load1(at) == Word(NEWLINE):
        return at + Word(1)
    if load1(at) == Word(RETURN) and at + Word(1) < end and load1(at + Word(1)) == Word(NEWLINE):
        return at + Word(2)
    return Word(NOWHERE)


@njit(inline="always")
def _ends(at: Word, end: Word) -> bool:
    byte = load1(at) if at < end else Word(COMMA)
    return bool(byte == Word(COMMA) or byte == Word(NEWLINE) or byte == Word(RETURN))


@njit(inline="always")
def _field(
    at: Word, end: Word, fives: Word, tens: Word
) -> tuple[Word, Word, Integer, np.float64, Word]:
    """Return where a field begins and ends, its kind, its number, and what follows.

    `NOWHERE` stands for its end where it is odd; what is no number has none.
    """
    none = np.float64(np.nan)
    first = load1(at) if at < end else Word(COMMA)
    if first == Word(QUOTE):
        stop, doubled = _quoted(at + Word(1), end)
        return at + Word(1), stop, (ESCAPED if doubled else TEXT), none, stop + Word(1)
    stop = at
    # digits, and the minus; what is below wraps around
    if first - Word(ZERO) <= Word(9) or first == Word(MINUS):
        kind, word, stop = read_decimal(at, end, fives, tens)
        if _ends(stop, end):
            if kind == IS_DECIMAL:
                return at, stop, DECIMAL, np.uint64(word).view(np.float64), stop
            if kind == IS_WHOLE:
                return at, stop, DECIMAL, np.float64(np.int64(word)), stop
    stop = _plain(stop, end)
    return at, stop, TEXT, none, stop


@njit(
    [
        _I8(
            READ,
            _I8,
            _I8,
            FIVES_TYPE,
            TENS_TYPE,
            types.Array(types.uint64, 2, "C"),
            types.Array(types.uint8, 2, "C"),
            types.Array(types.float64, 2, "C"),
        )
    ],
    nogil=True,
    cache=True,
)
def read_records(  # noqa: PLR0913, PLR0917 - a loop's state is its arguments
    body: Bytes,
    at: Integer,
    longest: Integer,
    fives: Words,
    tens: Floats,
    words: npt.NDArray[np.uint64],
    kinds: npt.NDArray[np.uint8],
    numbers: Floats,
) -> Integer:
    """Read records from a place to the body's end.

    Returns
    -------
    How many rows; `FAILED` where one is odd.
    """
    base = Word(body.ctypes.data)
    place, stop = base + Word(at), base + Word(body.size)
    five, ten = Word(fives.ctypes.data), Word(tens.ctypes.data)
    columns, height = words.shape
    row: Integer = 0
    while place < stop:
        if columns != 1 and (load1(place) == Word(NEWLINE) or load1(place) == Word(RETURN)):
            place = _record_end(place, stop)
            if place == Word(NOWHERE):
                return FAILED
            continue
        if row == height:
            return FAILED
        for column in range(columns):
            begin, end, kind, number, place = _field(place, stop, five, ten)
            last = column == columns - 1
            if end == Word(NOWHERE) or end - begin > Word(longest):
                return FAILED
            if not last and (place >= stop or load1(place) != Word(COMMA)):
                return FAILED
            size = end - begin
            words[column, row] = ((begin - base) << Word(32)) | size
            kinds[column, row] = kind if size else NULL
            numbers[column, row] = number
            place += Word(not last)
        place = _record_end(place, stop)
        if place == Word(NOWHERE):
            return FAILED
        row += 1
    return row
