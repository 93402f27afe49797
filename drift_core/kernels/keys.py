"""Keys of texts and integers, a block at a time: what a table is asked for.

A key is two words, a length and a hash. Up to 16 bytes the two words are the text itself, so that
equal keys are equal texts; of a longer text they are its hash and its address. The hash multiplies
to 128 bits and folds, two words at a time, as wyhash (Wang Yi, 2019) does.
"""

import numpy as np
from numba import njit, types

from drift_core.kernels._types import BLOCK, inner, made
from drift_core.kernels.memory import fold, load1, load2, load4, load8, prefetch
from drift_core.types import AnyArray, BoolArray, IntArray

Word = np.uint64
SECOND, LENGTH, HASH = BLOCK, 2 * BLOCK, 3 * BLOCK
"""Where the second words, the lengths and the hashes of a block's keys begin."""
SHORT = 16
"""Most bytes of a text that is its own key."""
HashTable = tuple[AnyArray, Word, Word, Word, int]
"""Slots, seed, shift from hash to slot, address of long texts, and the number of unknown ones."""

U8, _I8 = types.uint64, types.int64
TABLE = types.Tuple((made(U8), U8, U8, U8, _I8))  # type: ignore[no-untyped-call]
"""Type of a `HashTable`."""
_SALT, _OTHER = Word(0xA0761D6478BD642F), Word(0xE7037ED1A0B428DB)
_MINUS, _POINT, _NOUGHT, _NINE = Word(45), Word(46), Word(48), Word(57)
_POINT_NOUGHT, _TWO_NOUGHTS = Word(0x302E), Word(0x3030)


@inner
def _lowest(word: Word, count: Word) -> Word:
    # the lowest `count` bytes, all for 8 and more; a shift by 64 bits would be none
    full = Word(0) - Word(count >= Word(8))
    return word & (((Word(1) << (Word(8) * (count & Word(7)))) - Word(1)) | full)


@inner
def _gathered(address: Word, count: Word) -> Word:
    # byte by byte, where eight bytes would reach beyond the buffer
    word = Word(0)
    for i in range(min(count, Word(8))):
        word |= load1(address + Word(i)) << (Word(8) * Word(i))
    return word


@inner
def _without_fraction(start: Word, length: Word) -> Word:
    """Length of ``-?(0|[1-9][0-9]*)`` if the text is that and ``.0+``, else its own."""
    stop = length
    while stop > Word(0) and load1(start + stop - Word(1)) == _NOUGHT:
        stop -= Word(1)
    if stop < Word(2) or stop == length or load1(start + stop - Word(1)) != _POINT:
        return length
    whole = stop - Word(1)
    first = Word(load1(start) == _MINUS)
    if whole == first or (load1(start + first) == _NOUGHT and whole > first + Word(1)):
        return length
    for i in range(first, whole):
        digit = load1(start + Word(i))
        if digit < _NOUGHT or digit > _NINE:
            return length
    return whole


@inner
def _canonical(start: Word, length: Word) -> Word:
    tail = load2(start + length - Word(2)) if length > Word(2) else Word(0)
    if tail in (_POINT_NOUGHT, _TWO_NOUGHTS):
        return _without_fraction(start, length)
    return length


@njit([U8(U8)], nogil=True, cache=True)
def salt_of(seed: Word) -> Word:
    """Second secret: a product with a factor that others can turn to nought would hide the rest."""
    return fold(seed ^ _SALT, _OTHER)


@inner
def _hash_long(start: Word, length: Word, seed: Word, salt: Word) -> Word:
    """Hash more than 16 bytes."""
    found, at, left = seed, start, length
    while left > Word(16):
        found = fold(load8(at) ^ salt, load8(at + Word(8)) ^ found)
        at += Word(16)
        left -= Word(16)
    # the last 16 bytes, some of them once more
    end = start + length
    return fold(found ^ load8(end - Word(16)), load8(end - Word(8)) ^ salt ^ length)


@inner
def _hash(one: Word, two: Word, start: Word, length: Word, seed: Word, salt: Word) -> Word:
    if length > Word(SHORT):
        return _hash_long(start, length, seed, salt)
    return fold(fold(one ^ salt, two ^ seed), salt ^ length)


@inner
def keys_of_spans(
    starts: IntArray, stops: IntArray, data: AnyArray, table: HashTable, keys: AnyArray
) -> bool:
    """Write the keys of texts that lie in order; false if one lies outside the data."""
    slots, seed, shift, _, _ = table
    memory, salt = Word(slots.ctypes.data), salt_of(seed)
    rows = starts.size
    backward = starts[0] < 0
    for i in range(rows):
        backward |= stops[i] < starts[i]
    for i in range(rows - 1):
        backward |= starts[i + 1] < stops[i]
    if backward or stops[rows - 1] > data.size:
        return False
    base = Word(data.ctypes.data)
    # 16 bytes may be read from wherever a text begins
    roomy = stops[rows - 1] + SHORT <= data.size
    for i in range(rows):
        start = base + Word(starts[i])
        length = _canonical(start, Word(stops[i] - starts[i]))
        rest = length - Word(8) if length > Word(8) else Word(0)
        if roomy:
            one = _lowest(load8(start), length)
            two = _lowest(load8(start + Word(8)), rest)
        else:
            one, two = _gathered(start, length), _gathered(start + Word(8), rest)
        found = _hash(one, two, start, length, seed, salt)
        prefetch(memory + (found >> shift) * Word(32))
        long = length > Word(SHORT)
        keys[i], keys[SECOND + i] = found if long else one, start if long else two
        keys[LENGTH + i], keys[HASH + i] = length, found
    return True


@inner
def keys_of_views(
    views: AnyArray, buffers: AnyArray, present: BoolArray, table: HashTable, keys: AnyArray
) -> bool:
    """Write the keys of texts in Arrow's views; false if one lies outside its buffer.

    `buffers` are addresses, then sizes. What an absent row's view holds is not looked at.
    """
    slots, seed, shift, _, _ = table
    memory, salt = Word(slots.ctypes.data), salt_of(seed)
    base, count = Word(views.ctypes.data), buffers.size // 2
    for i in range(views.size // 16):
        view = base + Word(16 * i)
        size, start = load4(view), view + Word(4)
        if present.size and not present[i]:
            size = Word(0)
        if size <= Word(12):
            length = _canonical(start, size)
            one, two = load8(start), load8(view + Word(8)) >> Word(32)
        else:
            buffer, skip = load4(view + Word(8)), load4(view + Word(12))
            # lengths, too, are signed 32-bit integers
            if buffer >= Word(count) or size >> Word(31) or skip >> Word(31):
                return False
            if skip + size > buffers[Word(count) + buffer]:
                return False
            start = buffers[buffer] + skip
            length = _canonical(start, size)
            one = load8(start)
            if size >= Word(SHORT):
                two = load8(start + Word(8))
            else:
                two = load8(start + size - Word(8)) >> (Word(8) * (Word(SHORT) - size))
        rest = length - Word(8) if length > Word(8) else Word(0)
        one, two = _lowest(one, length), _lowest(two, rest)
        found = _hash(one, two, start, length, seed, salt)
        prefetch(memory + (found >> shift) * Word(32))
        long = length > Word(SHORT)
        keys[i], keys[SECOND + i] = found if long else one, start if long else two
        keys[LENGTH + i], keys[HASH + i] = length, found
    return True


@inner
def keys_of_integers(values: IntArray, table: HashTable, keys: AnyArray) -> None:
    """Write the keys of integers: themselves."""
    slots, seed, shift, _, _ = table
    memory, salt = Word(slots.ctypes.data), salt_of(seed)
    for i in range(values.size):
        found = _hash(Word(values[i]), Word(0), Word(0), Word(8), seed, salt)
        prefetch(memory + (found >> shift) * Word(32))
        keys[i], keys[SECOND + i] = Word(values[i]), Word(0)
        keys[LENGTH + i], keys[HASH + i] = Word(8), found
