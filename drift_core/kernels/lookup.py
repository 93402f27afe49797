"""Numbers of texts and integers in a table of slots, known beforehand or given out as they come.

A slot is four words: a key's two, its length, its number with half of its hash. Slots are a power
of two and searched one after another from where the hash's highest bits point.
"""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, given, inner, made
from drift_core.kernels.keys import (
    HASH,
    LENGTH,
    SECOND,
    SHORT,
    TABLE,
    U8,
    HashTable,
    Word,
    keys_of_integers,
    keys_of_spans,
    keys_of_views,
)
from drift_core.kernels.memory import load8
from drift_core.types import AnyArray, BoolArray, IntArray

_I8, _I4 = types.int64, types.int32
_HALF = Word(32)


@inner
def _same(one: Word, other: Word, length: Word) -> bool:
    """Compare eight bytes and more."""
    for i in range(length >> Word(3)):
        if load8(one + Word(8) * Word(i)) != load8(other + Word(8) * Word(i)):
            return False
    # the last eight bytes, some of them once more: a loop over single ones would cost more
    last = length - Word(8)
    return bool(load8(one + last) == load8(other + last))


@inner
def find(
    keys: AnyArray, present: BoolArray, table: HashTable, begin: int, fresh: IntArray, out: AnyArray
) -> None:
    """Write the number of each key of a block, 0 where there is no value.

    If `fresh` has room, an unknown key gets the next number, ``fresh[0]`` counts them, and its row
    is put down there.
    """
    slots, _, shift, base, unknown = table
    mask = Word(slots.size // 4 - 1)
    for i in range(out.size):
        if present.size and not present[i]:
            out[i] = 0
            continue
        one, two, length = keys[i], keys[SECOND + i], keys[LENGTH + i]
        place, number = keys[HASH + i] >> shift, 0
        while number == 0:
            slot = place * Word(4)
            held = slots[slot + Word(3)]
            if held == Word(0):
                number = unknown
                if fresh.size:
                    number = fresh[0] + 1
                    fresh[0], fresh[number] = number, begin + i
                    slots[slot] = one
                    slots[slot + Word(1)] = two - base if length > Word(SHORT) else two
                    slots[slot + Word(2)] = length
                    slots[slot + Word(3)] = (Word(number) << _HALF) | (keys[HASH + i] >> _HALF)
            elif slots[slot] == one and slots[slot + Word(2)] == length:
                second = slots[slot + Word(1)]
                long = length > Word(SHORT)
                if _same(base + second, two, length) if long else second == two:
                    number = int(held >> _HALF)
            place = (place + Word(1)) & mask
        out[i] = number


@njit(
    [
        _I8(
            given(offset),
            given(types.uint8),
            given(types.boolean),
            TABLE,
            _I8,
            made(_I8),
            made(_I4),
        )
        for offset in (types.int32, types.int64)
    ],
    nogil=True,
    cache=True,
)
def place_offsets(
    offsets: IntArray,
    data: AnyArray,
    present: BoolArray,
    table: HashTable,
    first: int,
    fresh: IntArray,
    out: AnyArray,
) -> int:
    """Number texts that lie end to end, from row `first`; see `drift_core.numbering.Keys.place`."""
    keys = np.empty(4 * BLOCK, np.uint64)
    for begin in range(first, out.size, BLOCK):
        end = min(begin + BLOCK, out.size)
        if fresh.size and fresh[0] + (end - begin) >= fresh.size:
            return begin
        starts, stops = offsets[begin:end], offsets[begin + 1 : end + 1]
        if not keys_of_spans(starts, stops, data, table, keys):
            return -1
        find(keys, present[begin:end], table, begin, fresh, out[begin:end])
    return out.size


@njit(
    [
        _I8(
            given(types.uint8),
            given(U8),
            given(types.boolean),
            TABLE,
            _I8,
            made(_I8),
            made(_I4),
        )
    ],
    nogil=True,
    cache=True,
)
def place_views(
    views: AnyArray,
    buffers: AnyArray,
    present: BoolArray,
    table: HashTable,
    first: int,
    fresh: IntArray,
    out: AnyArray,
) -> int:
    """Number texts in views, from row `first`; see `drift_core.numbering.Keys.place`."""
    keys = np.empty(4 * BLOCK, np.uint64)
    for begin in range(first, out.size, BLOCK):
        end = min(begin + BLOCK, out.size)
        if fresh.size and fresh[0] + (end - begin) >= fresh.size:
            return begin
        here = present[begin:end]
        if not keys_of_views(views[16 * begin : 16 * end], buffers, here, table, keys):
            return -1
        find(keys, here, table, begin, fresh, out[begin:end])
    return out.size


@njit(
    [_I8(given(_I8), given(types.boolean), TABLE, _I8, made(_I8), made(_I4))],
    nogil=True,
    cache=True,
)
def place_integers(
    values: IntArray,
    present: BoolArray,
    table: HashTable,
    first: int,
    fresh: IntArray,
    out: AnyArray,
) -> int:
    """Number integers, from row `first`; see `drift_core.numbering.Keys.place`."""
    keys = np.empty(4 * BLOCK, np.uint64)
    for begin in range(first, out.size, BLOCK):
        end = min(begin + BLOCK, out.size)
        if fresh.size and fresh[0] + (end - begin) >= fresh.size:
            return begin
        keys_of_integers(values[begin:end], table, keys)
        find(keys, present[begin:end], table, begin, fresh, out[begin:end])
    return out.size


@njit([types.void(made(U8), made(U8), U8)], nogil=True, cache=True)
def move_slots(old: AnyArray, new: AnyArray, shift: Word) -> None:
    """Put what `old` holds into more slots, `new`, which are empty."""
    mask = Word(new.size // 4 - 1)
    for slot in range(0, old.size, 4):
        if old[slot + 3] != 0:
            place = (old[slot + 3] << _HALF) >> shift
            while new[place * Word(4) + Word(3)] != 0:
                place = (place + Word(1)) & mask
            for word in range(4):
                new[place * Word(4) + Word(word)] = old[slot + word]
