"""Numbers for the distinct values of a column: an open-addressing table that grows."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from drift_core.errors import BadValues
from drift_core.kernels import EVERY_ROW, HashTable, move_slots, place_integers, read_only
from drift_core.types import AnyArray, BoolArray, IntArray

_FIRST = 11
"""Slots of a new table, as a power of two; half of them are filled before it grows fourfold."""
_WORDS = 4
_NOTHING_NEW: IntArray = np.zeros(0, np.int64)


class Keys(Protocol):
    """A column whose values a table can number."""

    @property
    def rows(self) -> int:
        """Number of values."""

    @property
    def content(self) -> tuple[AnyArray, ...]:
        """All bytes that the values depend on."""

    def place(
        self, present: BoolArray, table: HashTable, first: int, fresh: IntArray, out: AnyArray
    ) -> int:
        """Write the numbers of the values from row `first` on.

        Parameters
        ----------
        present
            Shape (rows,), or `EVERY_ROW`: absent rows get the number 0.
        table
            Where known values are looked up.
        fresh
            Shape (0,) if unknown values get the table's number for them. Else they are numbered
            on from ``fresh[0]``, and their rows are written behind it.
        out
            Shape (rows,), int32.

        Returns
        -------
        Rows that are done: fewer than there are when `fresh` is full, -1 when the column's parts
        do not fit one another.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Integers:
    """Integers as keys: shape (rows,), int64."""

    values: IntArray

    @property
    def rows(self) -> int:
        return self.values.size

    @property
    def content(self) -> tuple[AnyArray, ...]:
        return (self.values,)

    def place(
        self, present: BoolArray, table: HashTable, first: int, fresh: IntArray, out: AnyArray
    ) -> int:
        given = read_only(self.values), read_only(present)
        return place_integers(*given, table, first, fresh, out)


class Numbered(NamedTuple):
    """What numbering a column gives.

    Attributes
    ----------
    numbers
        Shape (rows,), int32: 0 where there is no value, then 1, 2, ... in the order of appearance.
    firsts
        Shape (distinct,): the row in which each number appears first.
    slots
        The table that says so.
    """

    numbers: AnyArray
    firsts: IntArray
    slots: AnyArray


def number(keys: Keys, seed: int, base: int = 0, *, present: BoolArray = EVERY_ROW) -> Numbered:
    """Number a column's distinct values.

    Parameters
    ----------
    keys, present
        The column, and which of its rows have a value.
    seed
        Of the hash, 64 bits; `seed_of` chooses one that whoever wrote the column cannot know.
    base
        Address that the table counts long texts from.
    """
    numbers = np.empty(keys.rows, np.int32)
    slots, fresh = _room(_FIRST)
    done = 0
    while done < keys.rows:
        table = table_of(slots, seed, base)
        done = keys.place(present, table, done, fresh, numbers)
        check(done)
        if done < keys.rows:
            slots, old = grown(slots, 2), fresh
            fresh = np.zeros(slots.size // _WORDS // 2, np.int64)
            fresh[: old.size] = old
    return Numbered(numbers, fresh[1 : fresh[0] + 1], slots)


def look_up(keys: Keys, table: HashTable, present: BoolArray = EVERY_ROW) -> AnyArray:
    """Number values that a finished table knows, shape (rows,), int32; see `Keys.place`."""
    out = np.empty(keys.rows, np.int32)
    check(keys.place(present, table, 0, _NOTHING_NEW, out))
    return out


def table_of(slots: AnyArray, seed: int, base: int = 0, unknown: int = 0) -> HashTable:
    """Bring a table to the form that loops take."""
    bits = (slots.size // _WORDS).bit_length() - 1
    return slots, np.uint64(seed), np.uint64(64 - bits), np.uint64(base), unknown


def grown(slots: AnyArray, bits: int) -> AnyArray:
    """Move a table's values into ``2**bits`` times as many slots."""
    wider = np.zeros(slots.size << bits, np.uint64)
    shift = 65 - (wider.size // _WORDS).bit_length()
    move_slots(slots, wider, np.uint64(shift))
    return wider


def seed_of(keys: Keys, attempt: int = 0) -> int:
    """Derive a seed from all of a column.

    To make values collide one would have to know the seed, which every change to a value changes.
    """
    # processors have instructions for this one, so that it takes half of the time of others
    digest = hashlib.sha256(attempt.to_bytes(4, "little"), usedforsecurity=False)
    for buffer in keys.content:
        digest.update(np.ascontiguousarray(buffer).reshape(-1).view(np.uint8).data)
    return int.from_bytes(digest.digest()[:8], "little")


def check(done: int) -> None:
    """Refuse a column that loops found to be broken."""
    if done < 0:
        raise BadValues("a text lies outside the bytes it should be in")


def _room(bits: int) -> tuple[AnyArray, IntArray]:
    slots = 1 << bits
    return np.zeros(slots * _WORDS, np.uint64), np.zeros(slots // 2, np.int64)
