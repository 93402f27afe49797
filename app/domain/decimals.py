"""Decimal text to the nearest float, in a compiled loop: exact, or left to a slower reader.

A number of up to 19 digits is an integer times a power of ten. Where both are exact floats so is
their quotient or product, rounded once. Else the product with the power of five, cut to 128 bits,
settles all digits of the float but in rare cases, which are told (Eisel and Lemire's method).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types

Word = np.uint64
Words = npt.NDArray[np.uint64]
Integer = int | np.signedinteger[Any]
"""Whole numbers of a loop, which the interpreter and the compiler name differently."""
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
SMALLEST, LARGEST = -342, 308
"""Powers of ten between which a number of 19 digits is neither nothing nor infinite."""
MOST_DIGITS = 19
FAR = 100_000
"""An exponent as good as any larger one."""
NONE, WHOLE, DECIMAL, ODD = 0, 1, 2, 3
"""What text spells: no number, an integer, a float, or a number that must be read otherwise."""
MINUS, PLUS, POINT, ZERO, LETTER_E = 0x2D, 0x2B, 0x2E, 0x30, 0x65
_U8, _I8, _F8 = types.uint64, types.int64, types.float64
_TUPLE: Any = types.Tuple
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_WORDS = types.Array(types.uint64, 1, "C", readonly=True)
_FLOATS = types.Array(types.float64, 1, "C", readonly=True)


def _fives() -> Words:
    """The first 128 bits of each power of five, the upper half before the lower."""
    found: list[int] = []
    for power in range(SMALLEST, LARGEST + 1):
        five = 5 ** abs(power)
        size = five.bit_length()
        if power < 0:
            whole = (1 << (size + 127)) // five + 1
        else:
            whole = five << (128 - size) if size <= 128 else five >> (size - 128)
        whole >>= whole.bit_length() - 128
        found += (whole >> 64, whole & (2**64 - 1))
    table = np.array(found, np.uint64)
    table.flags.writeable = False
    return table


def _tens() -> Floats:
    table = np.array([float(10**power) for power in range(23)])
    table.flags.writeable = False
    return table


FIVES, TENS = _fives(), _tens()
"""The tables that the loops take, since a constant of theirs would be compiled in."""


@njit(inline="always")
def _upper(one: Word, other: Word) -> Word:
    """The upper half of a product of 128 bits."""
    half, mask = Word(32), Word(0xFFFFFFFF)
    low = (one & mask) * (other & mask)
    first = (one >> half) * (other & mask) + (low >> half)
    second = (one & mask) * (other >> half) + (first & mask)
    return (one >> half) * (other >> half) + (first >> half) + (second >> half)


@njit(inline="always")
def _zeros(word: Word) -> Integer:
    """How many bits before the first one."""
    found = 0
    for step in (32, 16, 8, 4, 2, 1):
        if word >> Word(64 - step) == Word(0):
            word <<= Word(step)
            found += step
    return found


@njit(inline="always")
def _nearest(digits: Word, power: Integer, fives: Words) -> tuple[Word, bool]:
    """Bits of the float nearest to digits times a power of ten; whether they are settled."""
    nothing = Word(0)
    if power < SMALLEST or power > LARGEST:
        return nothing, False
    zeros = _zeros(digits)
    digits <<= Word(zeros)
    place = 2 * (power - SMALLEST)
    low, high = digits * fives[place], _upper(digits, fives[place])
    if high & Word(0x1FF) == Word(0x1FF):
        more = _upper(digits, fives[place + 1])
        low += more
        high += Word(low < more)
        if low == Word(0xFFFFFFFFFFFFFFFF):
            return nothing, False
    upper = high >> Word(63)
    shift = upper + Word(9)
    bits = high >> shift
    exponent = ((217706 * power) >> 16) + 63 + np.int64(upper) - zeros + 1023
    if exponent <= 0 or exponent >= 0x7FE:
        return nothing, False
    exact = low <= Word(1) and -4 <= power <= 23 and (bits & Word(3)) == Word(1)
    if exact and bits << shift == high:
        bits &= ~Word(1)
    bits = (bits + (bits & Word(1))) >> Word(1)
    if bits >> Word(53) != nothing:
        bits >>= Word(1)
        exponent += 1
    return (bits & Word((1 << 52) - 1)) | (Word(exponent) << Word(52)), True


@njit(inline="always")
def _digits(text: Bytes, at: Word, end: Word, digits: Word) -> tuple[Word, Word]:
    """Read on in digits. Places are unsigned here and below: each read costs a third so."""
    while at < end:
        # what lies below a zero is large here
        digit = Word(text[at]) - Word(ZERO)
        if digit > Word(9):
            break
        digits = digits * Word(10) + digit
        at += Word(1)
    return digits, at


@njit(inline="always")
def _zeros_before(text: Bytes, at: Word, end: Word) -> Integer:
    """How many zeros and points stand before the first other digit."""
    begin = at
    while at < end and (text[at] == ZERO or text[at] == POINT):
        at += Word(1)
    return np.int64(at - begin)


@njit(inline="always")
def _exponent(text: Bytes, at: Word, end: Word) -> tuple[Integer, Word, bool]:
    """Read an exponent behind its letter; also whether there is none."""
    down = at < end and text[at] == MINUS
    at += Word(at < end and (text[at] == MINUS or text[at] == PLUS))
    power, after = _digits(text, at, end, Word(0))
    # so many digits that they overflow are far, too
    far = power > Word(FAR) or after > at + Word(MOST_DIGITS)
    size = np.int64(FAR) if far else np.int64(power)
    return (-size if down else size), after, after == at


@njit(inline="always")
def _float(
    digits: Word, scale: Integer, negative: bool, fives: Words, tens: Floats
) -> tuple[Integer, Word]:
    sign = Word(negative) << Word(63)
    if digits == Word(0):
        return DECIMAL, sign
    if digits <= Word(2**53) and -22 <= scale <= 22:
        value = np.float64(digits)
        value = value / tens[-scale] if scale < 0 else value * tens[scale]
        return DECIMAL, sign | np.float64(value).view(np.uint64)
    bits, settled = _nearest(digits, scale, fives)
    return (DECIMAL, sign | bits) if settled else (ODD, Word(0))


@njit(inline="always")
def _integer(digits: Word, negative: bool) -> tuple[Integer, Word]:
    if digits > Word(2**63 - 1):
        return ODD, Word(0)
    return WHOLE, Word(-np.int64(digits) if negative else np.int64(digits))


@njit(inline="always")
def read_decimal(
    text: Bytes, begin: Integer, end: Integer, fives: Words, tens: Floats
) -> tuple[Integer, Word, Integer]:
    """Read the number that begins at a place, in JSON's grammar.

    Returns
    -------
    What it is, the bits of its int64 or float64, and where it ends.
    """
    at, stop = Word(begin), Word(end)
    negative = bool(at < stop and text[at] == MINUS)
    first = at + Word(negative)
    digits, at = _digits(text, first, stop, Word(0))
    wrong = at == first or (at > first + Word(1) and text[first] == ZERO)
    known = np.int64(at - first)
    scale: Integer = 0
    whole = True
    if at < stop and text[at] == POINT:
        whole, point = False, at + Word(1)
        digits, at = _digits(text, point, stop, digits)
        scale = -np.int64(at - point)
        known -= scale
        wrong |= at == point
    if at < stop and text[at] | 0x20 == LETTER_E:
        whole = False
        power, at, none = _exponent(text, at + Word(1), stop)
        scale += power
        wrong |= none
    if known > MOST_DIGITS and text[first] == ZERO:
        known -= _zeros_before(text, first, stop) - 1
    if wrong or known > MOST_DIGITS:
        return (NONE if wrong else ODD), Word(0), np.int64(at)
    kind, bits = (
        _integer(digits, negative) if whole else _float(digits, scale, negative, fives, tens)
    )
    return kind, bits, np.int64(at)
