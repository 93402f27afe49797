"""RFC 3339 text to microseconds in a compiled loop; what is odd is left to a slower reader."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types

Bytes = npt.NDArray[np.uint8]
Integer = int | np.signedinteger[Any]
"""Whole numbers of a loop, which the interpreter and the compiler name differently."""
ODD = -(2**63)
"""Stands for a text that is not of the plainest form."""
VIEW, INLINE = 16, 12
LEAST = 19
"""Characters of a date and the time of day."""
ZERO, DASH, PLUS, POINT, COLON, SPACE = 0x30, 0x2D, 0x2B, 0x2E, 0x3A, 0x20
LETTER_T, LETTER_Z = 0x74, 0x7A
DAYS = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365], np.int64)
_I8 = types.int64
_TUPLE: Any = types.UniTuple
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_OUT = types.Array(types.int64, 1, "C")


def micros_of(views: Bytes, data: Bytes) -> npt.NDArray[np.int64]:
    """Read texts in Arrow's views, of one buffer at most: shape (rows,), `ODD` where not read.

    Parameters
    ----------
    views
        Shape (16 * rows,).
    data
        What the views of longer texts point into.
    """
    out = np.empty(views.size // VIEW, np.int64)
    _micros(_read_only(views), _read_only(data), out)
    return out


def _read_only(array: Bytes) -> Bytes:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


@njit([_I8(_BYTES, _I8, _I8)], nogil=True, cache=True)
def _number(text: Bytes, begin: Integer, size: Integer) -> Integer:
    """Read so many digits; far below zero where one is none."""
    value: Integer = 0
    for i in range(begin, begin + size):
        digit = np.int64(text[i]) - ZERO
        value = value * 10 + digit if 0 <= digit <= 9 else -100_000
    return value


@njit([_I8(_I8, _I8, _I8)], nogil=True, cache=True)
def _day(year: Integer, month: Integer, day: Integer) -> Integer:
    """Days since 1970-01-01 of a date from 1970 to 2199; -1 for none."""
    if not (1970 <= year <= 2199 and 1 <= month <= 12 and day >= 1):
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    first, following = DAYS[month - 1], DAYS[month]
    if leap:
        first += month > 2
        following += month >= 2
    if day > following - first:
        return -1
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400 - 477
    found: Integer = 365 * (year - 1970) + leaps + first + day - 1
    return found


@njit([_I8(_BYTES, _I8, _I8)], nogil=True, cache=True)
def _offset(text: Bytes, begin: Integer, end: Integer) -> Integer:
    """Minutes of an offset from UTC; `ODD` for none."""
    size = end - begin
    if size == 0 or (size == 1 and text[begin] | SPACE == LETTER_Z):
        return 0
    sign = text[begin]
    if size != 6 or sign not in (PLUS, DASH) or text[begin + 3] != COLON:
        return ODD
    hours, minutes = _number(text, begin + 1, 2), _number(text, begin + 4, 2)
    if not (0 <= hours <= 23 and 0 <= minutes <= 59):
        return ODD
    return -(hours * 60 + minutes) if sign == DASH else hours * 60 + minutes


@njit([_I8(_BYTES, _I8)], nogil=True, cache=True)
def _second(text: Bytes, begin: Integer) -> Integer:
    """Seconds since 1970 of the first 19 characters, `ODD` where they are no time."""
    dashes = text[begin + 4] == DASH and text[begin + 7] == DASH
    colons = text[begin + 13] == COLON and text[begin + 16] == COLON
    middle = text[begin + 10]
    if not dashes or not colons or (middle | SPACE != LETTER_T and middle != SPACE):
        return ODD
    day = _day(_number(text, begin, 4), _number(text, begin + 5, 2), _number(text, begin + 8, 2))
    hour, minute = _number(text, begin + 11, 2), _number(text, begin + 14, 2)
    second = _number(text, begin + 17, 2)
    if day < 0 or not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        return ODD
    return ((day * 24 + hour) * 60 + minute) * 60 + second


@njit([_TUPLE(_I8, 2)(_BYTES, _I8, _I8)], nogil=True, cache=True)
def _fraction(text: Bytes, at: Integer, end: Integer) -> tuple[Integer, Integer]:
    """Microseconds of a fraction behind its point, and its end, `ODD` where it is none."""
    fraction: Integer = 0
    digits = 0
    while at < end and 0 <= np.int64(text[at]) - ZERO <= 9:
        # what is finer than a microsecond is cut off
        if digits < 6:
            fraction = fraction * 10 + (np.int64(text[at]) - ZERO)
        digits += 1
        at += 1
    for _ in range(digits, 6):
        fraction *= 10
    return fraction, (at if 1 <= digits <= 9 else ODD)


@njit([_I8(_BYTES, _I8, _I8)], nogil=True, cache=True)
def _time(text: Bytes, begin: Integer, end: Integer) -> Integer:
    second = _second(text, begin) if end - begin >= LEAST else ODD
    at: Integer = begin + LEAST
    fraction: Integer = 0
    if second != ODD and at < end and text[at] == POINT:
        fraction, at = _fraction(text, at + 1, end)
    offset = _offset(text, at, end) if ODD not in (second, at) else ODD
    return (second - 60 * offset) * 1_000_000 + fraction if offset != ODD else ODD


@njit([types.void(_BYTES, _BYTES, _OUT)], nogil=True, cache=True)
def _micros(views: Bytes, data: Bytes, out: npt.NDArray[np.int64]) -> None:
    for row in range(out.size):
        view = VIEW * row
        size: Integer = np.int64(views[view]) | np.int64(views[view + 1]) << 8
        if views[view + 2] or views[view + 3]:
            out[row] = ODD
        elif size <= INLINE:
            out[row] = _time(views, view + 4, view + 4 + size)
        else:
            begin: Integer = np.int64(0)
            for byte in range(4):
                begin |= np.int64(views[view + 12 + byte]) << (8 * byte)
            inside = begin >= 0 and begin + size <= data.size
            out[row] = _time(data, begin, begin + size) if inside else ODD
