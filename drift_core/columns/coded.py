"""Categorical columns as codes into their distinct values: given so, or brought to it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from drift_core.columns.levels import LevelCounts, canonical_level, level_counts
from drift_core.columns.numbering import Integers, number, seed_of
from drift_core.columns.texts import Texts, TextViews
from drift_core.columns.validity import Bitmap, presence_of
from drift_core.errors import BadValues
from drift_core.kernels import EVERY_ROW, tally_codes
from drift_core.types import AnyArray, BoolArray, IntArray

Dictionary = Sequence[str] | Texts | TextViews
"""Canonical texts, or text in Arrow's form, which is spelled canonically as it is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A dictionary-coded column.

    Attributes
    ----------
    codes
        Shape (rows,), any integers: places in `dictionary`; -1 is missing.
    dictionary
        Two places may hold the same text, and one may be null.
    validity
        Which rows have a value: a boolean mask, or Arrow's `Bitmap`; `None` for all.
    """

    codes: AnyArray
    dictionary: Dictionary
    validity: "BoolArray | Bitmap | None" = None

    def tally(self, rows: BoolArray = EVERY_ROW) -> IntArray:
        """Count some of the rows by code: the missing and all others, then each place.

        What `encode` gives has no `validity` any more, and no codes out of range.
        """
        return tally_codes(self.codes, _size(self.dictionary), rows)[:-1]

    def levels(self, tally: IntArray) -> LevelCounts:
        """Say which levels were tallied."""
        counts = tally.tolist()
        found: Counter[str] = Counter()
        invalid = 0
        for text, rows in zip(_spelled(self.dictionary), counts[1:], strict=True):
            if text is None:
                invalid += rows
            elif rows:
                found[text] += rows
        return LevelCounts(found, counts[0], invalid)


def encode(values: object) -> Coded | None:
    """Number a column's distinct values, without a look at its rows one by one.

    Returns
    -------
    Codes from -1, which is missing, and distinct texts; `None` for what is no array.
    """
    if isinstance(values, Texts | TextViews):
        return _encode_texts(values)
    if isinstance(values, Coded):
        return _settled(values)
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind in "biuf":
        return _encode_numbers(values)
    return None


def levels_of(values: object) -> LevelCounts:
    """Count a column by level; texts that are not UTF-8 are invalid, as no level can name them."""
    coded = encode(values)
    if coded is None:
        return level_counts(cast("Iterable[object]", values))
    return coded.levels(coded.tally())


def _encode_texts(texts: Texts | TextViews) -> Coded:
    present = presence_of(texts.rows, texts.validity).read(0, texts.rows)
    numbers, firsts, _ = number(texts, seed_of(texts), present=present)
    return Coded(numbers - np.int32(1), texts.take(firsts))


def _encode_numbers(values: AnyArray) -> Coded:
    if values.dtype == np.bool_:
        return Coded(values.view(np.int8), ("false", "true"))
    if values.dtype.kind == "f" or values.dtype == np.uint64:
        present = ~np.isnan(values)
        distinct, found = np.unique(values[present], return_inverse=True)
        codes = np.full(values.size, -1, np.int32)
        codes[present] = found
        return Coded(codes, [canonical_level(value) for value in distinct])
    keys = Integers(values.astype(np.int64, copy=False))
    numbers, firsts, _ = number(keys, seed_of(keys))
    return Coded(numbers - np.int32(1), list(map(str, keys.values[firsts].tolist())))


def _settled(coded: Coded) -> Coded:
    """Give null places and absent rows the code -1, and refuse codes that are out of range."""
    size = _size(coded.dictionary)
    codes = coded.codes
    if codes.dtype.kind not in "iu" or codes.ndim != 1:
        raise BadValues(f"codes are one axis of integers, not {codes.dtype} {codes.shape}")
    present = presence_of(codes.size, coded.validity).read(0, codes.size)
    beyond = tally_codes(codes, size, present)[-1]
    if beyond:
        raise BadValues(f"{beyond} codes lie outside a dictionary of {size}")
    narrow = codes.astype(np.int32)
    if present is not EVERY_ROW:
        narrow[~present] = -1
    if isinstance(coded.dictionary, Texts | TextViews):
        named = _encode_texts(coded.dictionary)
        # the last place is where -1 looks
        return replace(named, codes=np.append(named.codes, np.int32(-1))[narrow])
    return Coded(narrow, coded.dictionary)


def _size(dictionary: Dictionary) -> int:
    return dictionary.rows if isinstance(dictionary, Texts | TextViews) else len(dictionary)


def _spelled(dictionary: Dictionary) -> Iterable[str | None]:
    if isinstance(dictionary, Texts | TextViews):
        return map(_spell, dictionary.raw())
    return dictionary


def _spell(text: bytes) -> str | None:
    try:
        return canonical_level(text.decode())
    except UnicodeDecodeError:
        return None
