"""Numbers that are spelled as text, in a compiled loop; what is odd is left to a slower reader."""

import numpy as np
import numpy.typing as npt
from numba import njit, types

from app.domain.rows.decimals import (
    DECIMAL,
    FIVES,
    TENS,
    WHOLE,
    Bytes,
    Floats,
    Integer,
    Word,
    Words,
    read_decimal,
)

VIEW, INLINE = 16, 12
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_WORDS = types.Array(types.uint64, 1, "C", readonly=True)
_TENS = types.Array(types.float64, 1, "C", readonly=True)
_OUT = types.Array(types.float64, 1, "C")
_ODD = types.Array(types.boolean, 1, "C")


def floats_of(views: Bytes, data: Bytes) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Read texts in Arrow's views, of one buffer at most.

    Parameters
    ----------
    views
        Shape (16 * rows,).
    data
        What the views of longer texts point into.

    Returns
    -------
    Numbers, and which rows are odd: those may spell a number, or none.
    """
    rows = views.size // VIEW
    out, odd = np.empty(rows), np.empty(rows, np.bool_)
    _floats(_read_only(views), _read_only(data), FIVES, TENS, out, odd)
    return out, odd


def _read_only(array: Bytes) -> Bytes:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


@njit(
    [types.void(_BYTES, _BYTES, _WORDS, _TENS, _OUT, _ODD)],
    nogil=True,
    cache=True,
)
def _floats(
    views: Bytes,
    data: Bytes,
    fives: Words,
    tens: Floats,
    out: Floats,
    odd: npt.NDArray[np.bool_],
) -> None:
    fields = views.view(np.uint32)
    bits = out.view(np.uint64)
    base, memory = Word(views.ctypes.data), Word(data.ctypes.data)
    five, ten = Word(fives.ctypes.data), Word(tens.ctypes.data)
    for row in range(out.size):
        size = np.int64(fields[4 * row])
        begin: Integer = np.int64(fields[4 * row + 3])
        odd[row] = True
        if size <= INLINE:
            place = base + Word(VIEW * row + 4)
        elif begin + size <= data.size:
            place = memory + Word(begin)
        else:
            continue
        stop = place + Word(size)
        kind, word, end = read_decimal(place, stop, five, ten)
        if end == stop and kind == WHOLE:
            out[row] = np.float64(np.int64(word))
            odd[row] = False
        elif end == stop and kind == DECIMAL:
            bits[row] = word
            odd[row] = False
