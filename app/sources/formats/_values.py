"""A JSON value that is no object and no array, read by a compiled loop: what it is, and its end.

Loops here take addresses of bytes that their caller holds: to hand an array on costs more than to
read what stands there.
"""

from numba import njit, types

from app.domain.rows.decimals import DECIMAL as IS_DECIMAL
from app.domain.rows.decimals import ODD as IS_ODD
from app.domain.rows.decimals import WHOLE as IS_WHOLE
from app.domain.rows.decimals import Integer, Word, read_decimal
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
from drift_core.kernels.bits import trailing_zeros
from drift_core.kernels.memory import load1, load4, load8

QUOTE, BACKSLASH, LOWEST = 0x22, 0x5C, 0x20
LETTER_E = 0x65
SPACE, TAB, NEWLINE, RETURN = 0x20, 0x09, 0x0A, 0x0D
FAILED = -1
NOWHERE = 0
"""An address of nothing: what was looked for is not there."""
DIGITS = 308
"""Longer spelled numbers are for the slow way to refuse."""
NULL_WORD, TRUE_WORD, FALSE_WORD = (
    int.from_bytes(word, "little") for word in (b"null", b"true", b"fals")
)
ONES, HIGHS = 0x0101010101010101, 0x8080808080808080
READ = types.Array(types.uint8, 1, "C", readonly=True)
FIVES_TYPE = types.Array(types.uint64, 1, "C", readonly=True)
TENS_TYPE = types.Array(types.float64, 1, "C", readonly=True)


@njit(inline="always")
def skip(at: Word, end: Word, lines: bool) -> Word:
    """Pass over white space, line ends only if they may be there."""
    while at < end:
        byte = load1(at)
        if byte > Word(SPACE) or not (
            byte == Word(SPACE)
            or byte == Word(TAB)
            or byte == Word(RETURN)
            or (byte == Word(NEWLINE) and lines)
        ):
            break
        at += Word(1)
    return at


@njit(inline="always")
def below(word: Word, limit: Integer) -> Word:
    """Mark the bytes below a limit of at most 128; above a marked one others may be, too."""
    return (word - Word(ONES) * Word(limit)) & ~word & Word(HIGHS)


@njit(inline="always")
def like(word: Word, byte: Integer) -> Word:
    """Mark the bytes that are this one; above a marked one others may be, too."""
    return below(word ^ (Word(ONES) * Word(byte)), 1)


@njit(inline="always")
def text_end(at: Word, end: Word) -> tuple[Word, bool]:
    """Return where a text's closing quote is, `NOWHERE` for none, and whether it has escapes."""
    escaped = False
    while at < end:
        if at + Word(8) <= end:
            word = load8(at)
            marked = like(word, QUOTE) | like(word, BACKSLASH) | below(word, LOWEST)
            if marked == Word(0):
                at += Word(8)
                continue
            at += trailing_zeros(marked) >> Word(3)
        byte = load1(at)
        if byte == Word(QUOTE):
            return at, escaped
        if byte < Word(LOWEST):
            break
        if byte == Word(BACKSLASH):
            escaped = True
            at += Word(1)
        at += Word(1)
    return Word(NOWHERE), escaped


@njit(inline="always")
def _text(base: Word, at: Word, end: Word, longest: Integer) -> tuple[Integer, Word, Word]:
    closed, escaped = text_end(at, end)
    if closed == Word(NOWHERE) or closed - at > Word(longest):
        return FAILED, Word(0), at
    word = ((at - base) << Word(32)) | (closed - at)
    return (ESCAPED if escaped else TEXT), word, closed + Word(1)


@njit(inline="always")
def _number(base: Word, at: Word, end: Word, fives: Word, tens: Word) -> tuple[Integer, Word, Word]:
    kind, word, after = read_decimal(at, end, fives, tens)
    if kind == IS_WHOLE:
        return WHOLE, word, after
    if kind == IS_DECIMAL:
        return DECIMAL, word, after
    if kind != IS_ODD or after - at > Word(DIGITS):
        return FAILED, word, at
    return LONG, ((at - base) << Word(32)) | (after - at), after


@njit(inline="always")
def _named(at: Word, end: Word) -> tuple[Integer, Word, Word]:
    """Read one of the words that stand for values."""
    if at + Word(4) <= end:
        word = load4(at)
        if word == Word(NULL_WORD):
            return NULL, Word(0), at + Word(4)
        if word == Word(TRUE_WORD):
            return TRUE, Word(0), at + Word(4)
        long = word == Word(FALSE_WORD) and at + Word(5) <= end
        if long and load1(at + Word(4)) == Word(LETTER_E):
            return FALSE, Word(0), at + Word(5)
    return FAILED, Word(0), at


@njit(inline="always")
def read_value(
    base: Word, at: Word, end: Word, longest: Integer, fives: Word, tens: Word
) -> tuple[Integer, Word, Word]:
    """Read a value: its kind, or `FAILED`, its cell, and where it ends.

    Parameters
    ----------
    base, at, end
        Addresses of the body, of the value and of the body's end.
    longest
        Bytes that a text may have.
    fives, tens
        Addresses of the tables that numbers are read by.
    """
    byte = load1(at) if at < end else Word(0)
    if byte == Word(QUOTE):
        return _text(base, at + Word(1), end, longest)
    if byte > Word(LETTER_E):
        return _named(at, end)
    return _number(base, at, end, fives, tens)
