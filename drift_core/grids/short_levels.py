"""Short levels laid out for counting at once: a hash under which hardly any two of them meet."""

import numpy as np

from drift_core.columns.texts import Texts
from drift_core.kernels import Known
from drift_core.types import MISSING, AnyArray, IntArray

_SPANNED, _INLINE = 16, 12
"""Most bytes of a text that is known by two words: where texts lie end to end, and in a view."""
_MOST = 20_000
"""More entries would leave the L2 cache, and numbers have 16 bits."""
_SLOTS_A_TEXT, _FEWER, _MANY = 8, 4, 4_096
_LEAST_BITS = 8
_TRIED = 4_096
_MOST_TRIES = 16
_WORDS = 4


def spanned(texts: Texts, cells: IntArray) -> Known:
    """Lay out texts for columns where they lie end to end."""
    sizes, first, last = _words(texts)
    kept = (sizes > 0) & (sizes <= _SPANNED)
    words = np.stack((first, np.where(sizes < 8, np.uint64(0), last), sizes), axis=1)
    return _known(words[kept], cells[kept])


def viewed(texts: Texts, cells: IntArray) -> Known:
    """Lay out texts for columns of views, which hold short ones as a length and 12 bytes."""
    sizes, first, last = _words(texts)
    kept = (sizes > 0) & (sizes <= _INLINE)
    half = np.uint64(32)
    # of more than eight bytes, those from the ninth on are the highest of the last eight
    rest = np.where(sizes > 8, last >> (np.uint64(8) * (np.uint64(16) - np.clip(sizes, 9, 16))), 0)
    inline = (first >> half) | (rest << half)
    words = np.stack((sizes | (first << half), inline, np.zeros_like(sizes)), axis=1)
    return _known(words[kept], cells[kept])


def _words(texts: Texts) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Each text's length, its first eight bytes (nought beyond its end), and its last eight."""
    starts, sizes = texts.offsets[:-1], np.diff(texts.offsets)
    data = np.concatenate((np.zeros(8, np.uint8), texts.data, np.zeros(8, np.uint8)))
    eight = np.lib.stride_tricks.sliding_window_view(data, 8)
    first = eight[starts + 8].copy().view(np.uint64)[:, 0]
    last = eight[starts + sizes].copy().view(np.uint64)[:, 0]
    unused = np.uint64(8) * (np.uint64(8) - np.clip(sizes, 1, 8).astype(np.uint64))
    return sizes.astype(np.uint64), (first << unused) >> unused, last


def _known(words: AnyArray, cells: IntArray) -> Known:
    # the most frequent levels have the first cells, and the rare ones share the one behind
    order = np.argsort(cells, kind="stable")[:_MOST]
    words, cells = words[order], cells[order]
    slots = cells.size * (_SLOTS_A_TEXT if cells.size <= _MANY else _FEWER)
    bits = max(_LEAST_BITS, int(slots).bit_length())
    shift = np.uint64(64 - bits)
    one, two, taken, first = _parted(words, shift)
    index = np.zeros(1 << bits, np.uint16)
    index[taken] = first + 1
    entries = np.zeros((cells.size + 1, _WORDS), np.uint64)
    entries[0, 2] = np.iinfo(np.uint64).max  # a length that no text has
    entries[1:, :3] = words
    named = np.concatenate(([MISSING], cells)).astype(np.int64)
    return Known(index, entries.reshape(-1), named, one, two, shift)


def _parted(words: AnyArray, shift: np.uint64) -> tuple[np.uint64, np.uint64, AnyArray, IntArray]:
    """Choose factors, and say which slots are taken by which text: the first of those that meet."""
    tries = min(_MOST_TRIES, 1 + _TRIED // max(1, len(words)))
    rng = np.random.default_rng(len(words))
    factors = rng.integers(0, 1 << 63, (tries, 2), np.uint64) * np.uint64(2) + np.uint64(1)
    found = []
    for one, two in factors:
        slots = (words[:, 0] * one + words[:, 1] * two) >> shift
        taken, first = np.unique(slots, return_index=True)
        found.append((one, two, taken, first))
        if taken.size == len(words):
            break
    return max(found, key=lambda each: each[2].size)
