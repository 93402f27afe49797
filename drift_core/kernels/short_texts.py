"""Counts of short texts that are known beforehand; any other is looked up as it always was.

A known text of up to 16 bytes is its first eight bytes, its last eight and its length: two loads, a
multiplication each, and the slot that their sum points to holds the one text that it can be. All
three words are compared, so that nothing else is ever taken for it. What is not found so (unknown,
longer, spelled as ``1.0``, or of a known text's slot) is listed and looked up in a `HashTable`.
"""

from typing import NamedTuple

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, EVERY_ROW, given, inner, made
from drift_core.kernels.keys import TABLE, U8, HashTable, Word, keys_of_spans, keys_of_views
from drift_core.kernels.lookup import find
from drift_core.kernels.memory import load2, load8
from drift_core.types import AnyArray, BoolArray, IntArray

LANES = 4
"""Counters of each text: equal texts in neighbouring rows do not wait for one another's."""
_ROWS = 2_048
"""Rows of a block here: a call costs what some hundred texts do."""
_PATIENCE = 7
"""Blocks that are looked up at once after one in which most texts were not found."""
_I8, _I4 = types.int64, types.int32
_ONE = np.uint32(1)
_EVERY = 2**64 - 1


class Known(NamedTuple):
    """Texts that may be counted at once; `drift_core.grids.short_levels` chooses where they lie.

    A text's number is its place among the entries, the first of which no text matches.
    """

    slots: AnyArray
    """Number of the text at each slot, uint16; 0 where there is none."""
    entries: AnyArray
    """By number the three words of a text, and a fourth that makes its place a matter of a shift.

    For texts in views the words are those of the view, and nought."""
    cells: IntArray
    """By number the cell to count in."""
    one: Word
    """What the first word is multiplied with."""
    two: Word
    """What the second word is multiplied with."""
    shift: Word
    """From the sum of both to the slot."""


KNOWN = types.NamedTuple(  # type: ignore[no-untyped-call]
    (made(types.uint16), made(U8), made(_I8), U8, U8, U8), Known
)
# by length, of which only the last five bits are looked at: a longer text is none of the known
# ones, whatever its words
_FIRST = np.array([(1 << 8 * min(size, 8)) - 1 for size in range(32)], np.uint64)
_LAST = np.array([_EVERY * (size >= 8) for size in range(32)], np.uint64)


_BOTH = types.Tuple((KNOWN, TABLE))  # type: ignore[no-untyped-call]
Tables = tuple[Known, HashTable]
"""Where a text is looked for at once, and then."""


def _spans(kind: types.Type) -> tuple[types.Type, ...]:
    return given(kind), given(kind), given(types.uint8)


@inner
def _checked(starts: IntArray, stops: IntArray, data: AnyArray) -> tuple[bool, bool]:
    """Say whether texts lie in order in the data, and whether some are shorter than a word."""
    least, backward, rows = stops[0] - starts[0], starts[0] < 0, starts.size
    for i in range(rows):
        least = min(least, stops[i] - starts[i])
    for i in range(rows - 1):
        backward |= starts[i + 1] < stops[i]
    inside = starts[0] >= 0 and stops[rows - 1] <= data.size
    return least >= 0 and inside and not backward, least < 8


@inner
def _surrounded(starts: IntArray, stops: IntArray, size: int) -> tuple[int, int]:
    """Say which of the texts have eight bytes before their end, and from their beginning."""
    first, last = 0, starts.size
    while first < last and stops[first] < 8:
        first += 1
    while first < last and starts[last - 1] + 8 > size:
        last -= 1
    return first, last


@inner
def _count_spans(
    starts: IntArray,
    stops: IntArray,
    data: AnyArray,
    known: Known,
    short: bool,
    counters: AnyArray,
    missed: AnyArray,
) -> int:
    """Count known texts; list the places of the others, and answer how many they are."""
    base, by, and_by, shift = Word(data.ctypes.data), known.one, known.two, known.shift
    slots, entries = Word(known.slots.ctypes.data), Word(known.entries.ctypes.data)
    many = 0
    for i in range(starts.size):
        start, stop = Word(starts[i]), Word(stops[i])
        length = stop - start
        one, two = load8(base + start), load8(base + stop - Word(8))
        if short:
            one &= _FIRST[length & Word(31)]
            two &= _LAST[length & Word(31)]
        number = load2(slots + (((one * by + two * and_by) >> shift) << Word(1)))
        entry = entries + (number << Word(5))
        other = (load8(entry) ^ one) | (load8(entry + Word(8)) ^ two)
        if (other | (load8(entry + Word(16)) ^ length)) != Word(0):
            missed[many] = i
            many += 1
            number = Word(0)
        counters[(number << Word(2)) | Word(i & 3)] += _ONE
    return many


@inner
def _count_views(views: AnyArray, known: Known, counters: AnyArray, missed: AnyArray) -> int:
    """Count known texts in views, as they are; see `_count_spans`."""
    base, by, and_by, shift = Word(views.ctypes.data), known.one, known.two, known.shift
    slots, entries = Word(known.slots.ctypes.data), Word(known.entries.ctypes.data)
    many = 0
    for i in range(views.size // 16):
        view = base + Word(16 * i)
        one, two = load8(view), load8(view + Word(8))
        number = load2(slots + (((one * by + two * and_by) >> shift) << Word(1)))
        entry = entries + (number << Word(5))
        other = (load8(entry) ^ one) | (load8(entry + Word(8)) ^ two)
        if (other | (load8(entry + Word(16)))) != Word(0):
            missed[many] = i
            many += 1
            number = Word(0)
        counters[(number << Word(2)) | Word(i & 3)] += _ONE
    return many


@inner
def _add_up(known: Known, counters: AnyArray, out: IntArray) -> None:
    for number in range(1, known.cells.size):
        for lane in range(LANES):
            out[known.cells[number]] += np.int64(counters[LANES * number + lane])


@inner
def _tally_keys(
    keys: AnyArray, table: HashTable, rows: int, found: AnyArray, out: IntArray
) -> None:
    find(keys, EVERY_ROW, table, 0, np.empty(0, np.int64), found[:rows])
    # most are unknown: their counter's stores would wait for one another
    unknown, many = table[4], 0
    for i in range(rows):
        if found[i] == unknown:
            many += 1
        else:
            out[found[i]] += 1
    out[unknown] += many


@inner
def _look_up_spans(
    starts: IntArray, stops: IntArray, data: AnyArray, table: HashTable, out: IntArray
) -> bool:
    """Tally whatever texts there are; false if one lies outside the data."""
    keys, found = np.empty(4 * BLOCK, np.uint64), np.empty(BLOCK, np.int32)
    for begin in range(0, starts.size, BLOCK):
        firsts, lasts = starts[begin : begin + BLOCK], stops[begin : begin + BLOCK]
        if not keys_of_spans(firsts, lasts, data, table, keys):
            return False
        _tally_keys(keys, table, firsts.size, found, out)
    return True


@inner
def _look_up_views(views: AnyArray, buffers: AnyArray, table: HashTable, out: IntArray) -> bool:
    """Tally whatever texts there are; false if one lies outside its buffer."""
    keys, found = np.empty(4 * BLOCK, np.uint64), np.empty(BLOCK, np.int32)
    for begin in range(0, views.size, 16 * BLOCK):
        part = views[begin : begin + 16 * BLOCK]
        if not keys_of_views(part, buffers, EVERY_ROW, table, keys):
            return False
        _tally_keys(keys, table, part.size // 16, found, out)
    return True


@inner
def _tally_spans(
    starts: IntArray,
    stops: IntArray,
    data: AnyArray,
    tables: Tables,
    patience: int,
    counters: AnyArray,
    out: IntArray,
) -> int:
    """Tally a block; answer how many of the next are to be looked up, -1 for a broken column."""
    ready, short = _checked(starts, stops, data)
    if patience or not ready:
        whole = _look_up_spans(starts, stops, data, tables[1], out)
        return max(patience - 1, 0) if whole else -1
    if short:
        # those at either end of the data are few, unless there are no others
        first, last = _surrounded(starts, stops, data.size)
        _look_up_spans(starts[:first], stops[:first], data, tables[1], out)
        _look_up_spans(starts[last:], stops[last:], data, tables[1], out)
        starts, stops = starts[first:last], stops[first:last]
    missed = np.empty(starts.size, np.uint32)
    many = _count_spans(starts, stops, data, tables[0], short, counters, missed)
    if many:
        some = np.empty((2, many), starts.dtype)
        for i in range(many):
            some[0, i], some[1, i] = starts[missed[i]], stops[missed[i]]
        if not _look_up_spans(some[0], some[1], data, tables[1], out):
            return -1
    return _PATIENCE if many > starts.size // 2 else 0


@njit(
    [
        types.boolean(given(kind), given(types.uint8), given(types.boolean), _BOTH, made(_I8))
        for kind in (_I4, _I8)
    ],
    nogil=True,
    cache=True,
)
def tally_spans(
    offsets: IntArray,
    data: AnyArray,
    present: BoolArray,
    tables: Tables,
    out: IntArray,
) -> bool:
    """Add to ``out[cell]`` for texts that lie end to end; false if one lies outside the data.

    Absent rows count in ``out[0]``, whatever lies there.
    """
    counters = np.zeros(LANES * tables[0].cells.size, np.uint32)
    some = np.empty((2, _ROWS), offsets.dtype)
    patience = 0
    for begin in range(0, offsets.size - 1, _ROWS):
        part = offsets[begin : begin + _ROWS + 1]
        starts, stops = part[:-1], part[1:]
        if present.size:
            many = 0
            for i in range(starts.size):
                some[0, many], some[1, many] = starts[i], stops[i]
                many += present[begin + i]
            out[0] += starts.size - many
            if many:
                patience = _tally_spans(
                    some[0, :many], some[1, :many], data, tables, patience, counters, out
                )
        else:
            patience = _tally_spans(starts, stops, data, tables, patience, counters, out)
        if patience < 0:
            return False
    _add_up(tables[0], counters, out)
    return True


@inner
def _tally_views(
    views: AnyArray,
    buffers: AnyArray,
    tables: Tables,
    patience: int,
    counters: AnyArray,
    out: IntArray,
) -> int:
    """Tally a block, as `_tally_spans`."""
    if patience:
        return patience - 1 if _look_up_views(views, buffers, tables[1], out) else -1
    rows = views.size // 16
    missed = np.empty(rows, np.uint32)
    many = _count_views(views, tables[0], counters, missed)
    if many:
        some = np.empty(16 * many, np.uint8)
        for i in range(many):
            for byte in range(16):
                some[16 * i + byte] = views[16 * missed[i] + byte]
        if not _look_up_views(some, buffers, tables[1], out):
            return -1
    return _PATIENCE if many > rows // 2 else 0


@njit(
    [types.boolean(given(types.uint8), given(U8), given(types.boolean), _BOTH, made(_I8))],
    nogil=True,
    cache=True,
)
def tally_views(
    views: AnyArray,
    buffers: AnyArray,
    present: BoolArray,
    tables: Tables,
    out: IntArray,
) -> bool:
    """Add to ``out[cell]`` for texts in Arrow's views, as `tally_spans`."""
    counters = np.zeros(LANES * tables[0].cells.size, np.uint32)
    some = np.empty(16 * _ROWS, np.uint8)
    patience = 0
    for begin in range(0, views.size // 16, _ROWS):
        part = views[16 * begin : 16 * (begin + _ROWS)]
        if present.size:
            many, rows = 0, part.size // 16
            for i in range(rows):
                for byte in range(16):
                    some[16 * many + byte] = part[16 * i + byte]
                many += present[begin + i]
            out[0] += rows - many
            if many:
                patience = _tally_views(some[: 16 * many], buffers, tables, patience, counters, out)
        else:
            patience = _tally_views(part, buffers, tables, patience, counters, out)
        if patience < 0:
            return False
    _add_up(tables[0], counters, out)
    return True
