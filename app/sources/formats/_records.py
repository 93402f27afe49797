"""CSV records, all of one length, read by a compiled loop; what is odd is left to the slow way."""

import numpy as np
import numpy.typing as npt
from numba import njit, types

from app.domain.decimals import Bytes, Integer
from app.sources.formats._cells import ESCAPED, NULL, TEXT

COMMA, QUOTE, NEWLINE, RETURN = 0x2C, 0x22, 0x0A, 0x0D
FAILED = -1
_I8, _U8 = types.int64, types.uint64
_READ = types.Array(types.uint8, 1, "C", readonly=True)


@njit(inline="always")
def _plain(body: Bytes, at: Integer) -> Integer:
    """Return where an unquoted field ends; a quote in it is odd."""
    # places are unsigned: each read costs a third so
    place, end = np.uint64(at), np.uint64(body.size)
    while place < end:
        byte = body[place]
        if byte in (COMMA, NEWLINE, RETURN):
            break
        if byte == QUOTE:
            return FAILED
        place += np.uint64(1)
    return np.int64(place)


@njit(inline="always")
def _quoted(body: Bytes, at: Integer) -> tuple[Integer, Integer]:
    """Return where a field's closing quote is, `FAILED` for none, and how many quotes are in it."""
    doubled = 0
    place, end = np.uint64(at), np.uint64(body.size)
    while place < end:
        if body[place] == QUOTE:
            if place + np.uint64(1) >= end or body[place + np.uint64(1)] != QUOTE:
                return np.int64(place), doubled
            doubled += 1
            place += np.uint64(1)
        place += np.uint64(1)
    return FAILED, doubled


@njit(inline="always")
def _record_end(body: Bytes, at: Integer) -> Integer:
    """Return what follows a record; `FAILED` where a field goes on, or a return stands alone."""
    if at >= body.size:
        return at
    if body[at] == NEWLINE:
        return at + 1
    if body[at] == RETURN and at + 1 < body.size and body[at + 1] == NEWLINE:
        return at + 2
    return FAILED


@njit(inline="always")
def _field(body: Bytes, at: Integer) -> tuple[Integer, Integer, Integer, Integer]:
    """Return where a field begins and ends, its kind, and what follows; `FAILED` for its end."""
    if at < body.size and body[at] == QUOTE:
        end, doubled = _quoted(body, at + 1)
        return at + 1, end, (ESCAPED if doubled else TEXT), end + 1
    end = _plain(body, at)
    return at, end, TEXT, end


@njit(
    [_I8(_READ, _I8, _I8, types.Array(_U8, 2, "C"), types.Array(types.uint8, 2, "C"))],
    nogil=True,
    cache=True,
)
def read_records(
    body: Bytes,
    at: Integer,
    longest: Integer,
    words: npt.NDArray[np.uint64],
    kinds: npt.NDArray[np.uint8],
) -> Integer:
    """Read records from a place to the body's end.

    Returns
    -------
    How many rows; `FAILED` where one is odd.
    """
    columns = words.shape[0]
    row: Integer = 0
    while 0 <= at < body.size:
        if columns != 1 and (body[at] == NEWLINE or body[at] == RETURN):
            at = _record_end(body, at)
            continue
        if row == words.shape[1]:
            return FAILED
        for column in range(columns):
            begin, end, kind, at = _field(body, at)
            last = column == columns - 1
            if end < 0 or end - begin > longest:
                return FAILED
            if not last and (at >= body.size or body[at] != COMMA):
                return FAILED
            size = np.uint64(end - begin)
            words[column, row] = (np.uint64(begin) << np.uint64(32)) | size
            kinds[column, row] = kind if size else NULL
            at += not last
        at = _record_end(body, at)
        row += 1
    return row if at >= 0 else FAILED
