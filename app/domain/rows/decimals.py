"""Decimal text to the nearest float, in a compiled loop: exact, or left to a slower reader.

A number of up to 19 digits is an integer times a power of ten. Where both are exact floats so is
their quotient or product, rounded once. Else the product with the power of five, cut to 128 bits,
settles all digits of the float but in rare cases, which are told (Eisel and Lemire's method).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from drift_core.kernels.bits import leading_zeros, trailing_zeros, upper
from drift_core.kernels.memory import load1, load8

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
POWERS = np.array([10**power for power in range(9)], np.uint64)


@njit(inline="always")
def _nearest(digits: Word, power: Integer, fives: Word) -> tuple[Word, bool]:
    """Bits of the float nearest to digits times a power of ten; whether they are settled."""
    nothing = Word(0)
    if power < SMALLEST or power > LARGEST:
        return nothing, False
    zeros = leading_zeros(digits)
    digits <<= zeros
    place = fives + Word(16 * (power - SMALLEST))
    five = load8(place)
    low, high = digits * five, upper(digits, five)
    if high & Word(0x1FF) == Word(0x1FF):
        more = upper(digits, load8(place + Word(8)))
        low += more
        high += Word(low < more)
        if low == Word(0xFFFFFFFFFFFFFFFF):
            return nothing, False
    top = high >> Word(63)
    shift = top + Word(9)
    bits = high >> shift
    exponent = ((217706 * power) >> 16) + 63 + np.int64(top) - np.int64(zeros) + 1023
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
def _of_eight(word: Word) -> Word:
    """Return the number of eight digits, the first in the lowest byte."""
    pairs = word * Word(10) + (word >> Word(8))
    even = (pairs & Word(0x000000FF000000FF)) * Word(0x000F424000000064)
    odd = ((pairs >> Word(16)) & Word(0x000000FF000000FF)) * Word(0x0000271000000001)
    return (even + odd) >> Word(32)


@njit(inline="always")
def _digits(at: Word, end: Word, digits: Word) -> tuple[Word, Word]:
    """Read on in digits, eight at a time while there are so many bytes."""
    while at + Word(8) <= end:
        # what is no digit is above 9 here, and the first such byte is told for certain
        word = load8(at) ^ Word(0x3030303030303030)
        others = ((word + Word(0x7676767676767676)) | word) & Word(0x8080808080808080)
        size = trailing_zeros(others) >> Word(3)
        if size == Word(0):
            return digits, at
        digits = digits * POWERS[size] + _of_eight(word << (Word(64) - (size << Word(3))))
        at += size
        if size < Word(8):
            return digits, at
    while at < end:
        # what lies below a zero is large here
        digit = load1(at) - Word(ZERO)
        if digit > Word(9):
            break
        digits = digits * Word(10) + digit
        at += Word(1)
    return digits, at


@njit(inline="always")
def _zeros_before(at: Word, end: Word) -> Integer:
    """How many zeros and points stand before the first other digit."""
    begin = at
    while at < end and (load1(at) == Word(ZERO) or load1(at) == Word(POINT)):
        at += Word(1)
    return np.int64(at - begin)


@njit(inline="always")
def _exponent(at: Word, end: Word) -> tuple[Integer, Word, bool]:
    """Read an exponent behind its letter; also whether there is none."""
    sign = load1(at) if at < end else Word(0)
    at += Word(sign == Word(MINUS) or sign == Word(PLUS))
    power, after = _digits(at, end, Word(0))
    # so many digits that they overflow are far, too
    far = power > Word(FAR) or after > at + Word(MOST_DIGITS)
    size = np.int64(FAR) if far else np.int64(power)
    return (-size if sign == Word(MINUS) else size), after, after == at


@njit(inline="always")
def _float(
    digits: Word, scale: Integer, negative: bool, fives: Word, tens: Word
) -> tuple[Integer, Word]:
    sign = Word(negative) << Word(63)
    if digits == Word(0):
        return DECIMAL, sign
    bits, settled = _nearest(digits, scale, fives)
    if settled:
        return DECIMAL, sign | bits
    if digits <= Word(2**53) and -22 <= scale <= 22:
        step = -scale if scale < 0 else scale
        ten = np.uint64(load8(tens + Word(8 * step))).view(np.float64)
        value = np.float64(digits)
        value = value / ten if scale < 0 else value * ten
        return DECIMAL, sign | np.float64(value).view(np.uint64)
    return ODD, Word(0)


@njit(inline="always")
def _integer(digits: Word, negative: bool) -> tuple[Integer, Word]:
    if digits > Word(2**63 - 1):
        return ODD, Word(0)
    return WHOLE, Word(-np.int64(digits) if negative else np.int64(digits))


@njit(inline="always")
def read_decimal(begin: Word, end: Word, fives: Word, tens: Word) -> tuple[Integer, Word, Word]:
    """Read the number that begins at a place, in JSON's grammar.

    Parameters
    ----------
    begin, end
        Addresses; whoever asks holds the bytes between them.
    fives, tens
        Addresses of the tables.

    Returns
    -------
    What it is, the bits of its int64 or float64, and where it ends.
    """
    negative = bool(begin < end and load1(begin) == Word(MINUS))
    first = begin + Word(negative)
    digits, at = _digits(first, end, Word(0))
    # a number may begin with one zero, if no digit follows it
    wrong = at == first or (at > first + Word(1) and load1(first) == Word(ZERO))
    known = np.int64(at - first)
    scale: Integer = 0
    whole = True
    if at < end and load1(at) == Word(POINT):
        whole, point = False, at + Word(1)
        digits, at = _digits(point, end, digits)
        scale = -np.int64(at - point)
        known -= scale
        wrong |= at == point
    if at < end and load1(at) | Word(0x20) == Word(LETTER_E):
        whole = False
        power, at, none = _exponent(at + Word(1), end)
        scale += power
        wrong |= none
    if known > MOST_DIGITS and load1(first) == Word(ZERO):
        known -= _zeros_before(first, end) - 1
    if wrong or known > MOST_DIGITS:
        return (NONE if wrong else ODD), Word(0), at
    kind, bits = (
        _integer(digits, negative) if whole else _float(digits, scale, negative, fives, tens)
    )
    return kind, bits, at
