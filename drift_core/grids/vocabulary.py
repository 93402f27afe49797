"""A grid's levels as tables that columns of texts and integers are looked up in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Self

import numpy as np

from drift_core.columns.levels import is_canonical
from drift_core.columns.numbering import (
    Integers,
    Keys,
    check,
    grown,
    look_up,
    number,
    seed_of,
    table_of,
)
from drift_core.columns.texts import Texts, TextViews
from drift_core.grids.short_levels import spanned, viewed
from drift_core.kernels import EVERY_ROW, Known, tally_range
from drift_core.types import MISSING, AnyArray, BoolArray, IntArray

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_SPARSE = 1 << 17
"""Most integers, from the lowest level to the highest, that are counted one by one."""
_FEW = 4_096
"""Integers that a list may hold however few the values are."""
_SMALL = 1 << 16
"""Up to so many slots a quarter is filled, beyond a half: more would leave the L2 cache."""
_LONGEST_RUN = 128
"""Most slots in a row that may be filled, and so most that any value can make a loop look at."""
_WORDS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """Keys of levels and their cells; frozen, so that threads share it."""

    keys: Keys
    slots: AnyArray
    seed: int

    @classmethod
    def of(cls, keys: Keys, base: int, cells: IntArray) -> Self:
        """Build the table of distinct keys, whose cells are given in their order.

        Levels are ours, and only what is looked up is others'. Whoever knows the levels, and so
        the seed, can send values that all begin where the longest run does, and no worse.
        """
        for attempt in count():
            seed = seed_of(keys, attempt)
            slots = number(keys, seed, base).slots
            if slots.size // _WORDS <= _SMALL and keys.rows * 4 * _WORDS > slots.size:
                slots = grown(slots, 1)
            if _longest_run(slots) <= _LONGEST_RUN:
                break
        filled = slots[3::_WORDS] != 0
        numbers = slots[3::_WORDS] >> np.uint64(32)
        rest = slots[3::_WORDS] & np.uint64(0xFFFFFFFF)
        named = np.concatenate(([0], cells)).astype(np.uint64)[numbers]
        slots[3::_WORDS] = np.where(filled, (named << np.uint64(32)) | rest, np.uint64(0))
        return cls(keys, slots, seed)

    def cells(self, values: Keys, base: int, unseen: int, present: BoolArray) -> AnyArray:
        """Cell of each value, shape (rows,), int32; that of `MISSING` where there is none."""
        return look_up(values, table_of(self.slots, self.seed, base, unseen), present)


@dataclass(frozen=True, slots=True, eq=False)
class TextLookup:
    """Cells of texts; short ones are known where they lie end to end, and in views."""

    lookup: Lookup
    data: AnyArray
    unseen: int
    ends: Known
    views: Known

    @classmethod
    def of(cls, cells: Mapping[str, int], unseen: int) -> Self:
        """Take cells by level; a level that no value is spelled as is left out."""
        levels = [level for level in cells if is_canonical(level)]
        texts = Texts.of(levels)
        places = np.array([cells[level] for level in levels], np.int64)
        lookup = Lookup.of(texts, texts.data.ctypes.data, places)
        return cls(lookup, texts.data, unseen, spanned(texts, places), viewed(texts, places))

    def cells(self, texts: Texts | TextViews, present: BoolArray = EVERY_ROW) -> AnyArray:
        """Cell of each text, shape (rows,), int32."""
        # the address is asked for each time: a copy of this has its bytes elsewhere
        return self.lookup.cells(texts, self.data.ctypes.data, self.unseen, present)

    def tally(self, texts: Texts | TextViews, present: BoolArray, out: IntArray) -> None:
        """Add the texts to their cells."""
        base = self.data.ctypes.data
        table = table_of(self.lookup.slots, self.lookup.seed, base, self.unseen)
        known = self.ends if isinstance(texts, Texts) else self.views
        if not texts.tally(present, (known, table), out):
            check(-1)


@dataclass(frozen=True, slots=True, eq=False)
class IntegerLookup:
    """Cells of integers: near one another as a list, else as a table."""

    low: int
    index: IntArray | None
    lookup: Lookup
    size: int

    @classmethod
    def of(cls, cells: Mapping[str, int], size: int) -> Self:
        """Take cells by level; only those of 64-bit integers matter, the last cell is unseen."""
        found = {int(text): cells[text] for text in cells if _INTEGER.fullmatch(text)}
        found = {value: cell for value, cell in found.items() if -(2**63) <= value < 2**63}
        values = np.array(list(found), np.int64)
        places = np.array(list(found.values()), np.int64)
        low, index = _listed(values, places, size - 1)
        return cls(low, index, Lookup.of(Integers(values), 0, places), size)

    def tally(self, values: AnyArray, present: BoolArray) -> IntArray:
        """Count integers, below 2**63 if there are levels far apart, into cells: shape (size,)."""
        tally = np.zeros(self.size, np.int64)
        # emptying a long list is not worth while for few values
        if self.index is not None and self.index.size <= _FEW + 8 * values.size:
            found = tally_range(values, self.low - 1, self.index.size - 1, present)
            np.add.at(tally, self.index, found)
            return tally
        column = Integers(values.astype(np.int64, copy=False))
        cells = self.lookup.cells(column, 0, self.size - 1, present)
        return tally_range(cells, 0, self.size)[1:]


def _listed(values: IntArray, cells: IntArray, unseen: int) -> tuple[int, IntArray | None]:
    """Cells of absent values, those below, each integer of the range, and those above."""
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if high - low >= _SPARSE or max(-low, high) >= 2**62:
        return low, None
    index = np.full(high - low + 4, unseen, np.int64)
    index[0] = MISSING
    index[2 + values - low] = cells
    return low, index


def _longest_run(slots: AnyArray) -> int:
    empty = np.flatnonzero(slots[3::_WORDS] == 0)
    # the last slot is followed by the first
    around = np.append(empty, empty[0] + slots.size // _WORDS)
    return int(np.diff(around).max()) - 1
