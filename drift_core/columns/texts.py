"""Columns of text as Arrow lays them out, adopted as they are: end to end, or in views."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np

from drift_core.columns.validity import Bitmap, mask_part
from drift_core.errors import BadValues
from drift_core.kernels import (
    HashTable,
    Tables,
    place_offsets,
    place_views,
    read_only,
    tally_spans,
    tally_views,
)
from drift_core.types import AnyArray, BoolArray, IntArray

_VIEW = 16
_INLINE = 12


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Texts that lie end to end: Arrow's string and large string, or binary.

    Attributes
    ----------
    offsets
        Shape (rows + 1,), int32 or int64, not decreasing: where in `data` each text begins, and
        the last ends. A slice of a column is a slice of its offsets.
    data
        Shape (bytes,), uint8; compared byte by byte, as UTF-8 if that is what it is.
    validity
        Which rows have a value: a boolean mask, or Arrow's `Bitmap`; `None` for all.
    """

    offsets: AnyArray
    data: AnyArray
    validity: "BoolArray | Bitmap | None" = None

    def __post_init__(self) -> None:
        if self.offsets.dtype not in (np.int32, np.int64) or self.offsets.ndim != 1:
            raise BadValues(f"offsets are int32 or int64, not {_form(self.offsets)}")
        if self.data.dtype != np.uint8 or self.data.ndim != 1:
            raise BadValues(f"texts lie in bytes, not in {_form(self.data)}")
        for name in ("offsets", "data"):
            object.__setattr__(self, name, _aligned(getattr(self, name)))

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Self:
        """Lay out Python's texts; ``None`` is missing."""
        # a lone half of a surrogate pair is a text to Python, and must not be one to anybody else
        coded = [b"" if text is None else text.encode("utf-8", "surrogatepass") for text in values]
        offsets = np.zeros(len(coded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, coded), np.int64, len(coded)), out=offsets[1:])
        valid = np.array([text is not None for text in values], np.bool_)
        data = np.frombuffer(b"".join(coded), np.uint8)
        return cls(offsets, data, None if valid.all() else valid)

    @property
    def rows(self) -> int:
        """Number of texts."""
        return max(0, self.offsets.size - 1)

    @property
    def content(self) -> tuple[AnyArray, ...]:
        """All bytes that the texts depend on."""
        start, stop = (self.offsets[0], self.offsets[-1]) if self.rows else (0, 0)
        return self.offsets, self.data[max(0, int(start)) : max(0, int(stop))]

    def part(self, start: int, stop: int) -> Self:
        """Some rows, without a copy."""
        offsets = self.offsets[start : min(stop, self.rows) + 1]
        return replace(self, offsets=offsets, validity=mask_part(self.validity, start, stop))

    def take(self, rows: IntArray) -> Self:
        """Pick some rows, all of which have a value."""
        starts = self.offsets[rows].astype(np.int64)
        sizes = self.offsets[rows + 1] - starts
        offsets = np.zeros(rows.size + 1, np.int64)
        np.cumsum(sizes, out=offsets[1:])
        where = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], sizes)
        return replace(self, offsets=offsets, data=self.data[where], validity=None)

    def raw(self) -> Iterator[bytes]:
        """Bytes of each row."""
        start, stop = (self.offsets[0], self.offsets[-1]) if self.rows else (0, 0)
        data = self.data[start:stop].tobytes()
        places = (self.offsets - start).tolist()
        return (data[begin:end] for begin, end in pairwise(places))

    def place(
        self, present: BoolArray, table: HashTable, first: int, fresh: IntArray, out: AnyArray
    ) -> int:
        """Number the texts; see `drift_core.numbering`."""
        if not self.rows:
            return 0
        given = read_only(self.offsets), read_only(self.data), read_only(present)
        return place_offsets(*given, table, first, fresh, out)

    def tally(self, present: BoolArray, tables: Tables, out: IntArray) -> bool:
        """Add to the cells of the texts; false if the column's parts do not fit one another."""
        if not self.rows:
            return True
        given = read_only(self.offsets), read_only(self.data), read_only(present)
        return tally_spans(*given, tables, out)


@dataclass(frozen=True, slots=True, eq=False)
class TextViews:
    """Texts in Arrow's views, which polars keeps its own in.

    Attributes
    ----------
    views
        Shape (rows, 16), uint8: a length, and the text itself up to 12 bytes, else its first four
        bytes, the number of a buffer and where in it the text begins.
    buffers
        The buffers that views point into, each of shape (bytes,), uint8.
    validity
        Which rows have a value, as in `Texts`.
    """

    views: AnyArray
    buffers: tuple[AnyArray, ...] = ()
    validity: "BoolArray | Bitmap | None" = None

    def __post_init__(self) -> None:
        if self.views.dtype != np.uint8 or self.views.ndim != 2 or self.views.shape[1] != _VIEW:
            raise BadValues(f"views are 16 bytes each, not {_form(self.views)}")
        for buffer in self.buffers:
            if buffer.dtype != np.uint8 or buffer.ndim != 1:
                raise BadValues(f"texts lie in bytes, not in {_form(buffer)}")
        object.__setattr__(self, "views", _aligned(self.views))
        object.__setattr__(self, "buffers", tuple(map(_aligned, self.buffers)))

    @property
    def rows(self) -> int:
        """Number of texts."""
        return len(self.views)

    @property
    def content(self) -> tuple[AnyArray, ...]:
        """All bytes that the texts depend on."""
        return self.views, *self.buffers

    def part(self, start: int, stop: int) -> Self:
        """Some rows, without a copy."""
        mask = mask_part(self.validity, start, stop)
        return replace(self, views=self.views[start:stop], validity=mask)

    def take(self, rows: IntArray) -> Self:
        """Pick some rows, all of which have a value."""
        return replace(self, views=self.views[rows], validity=None)

    def raw(self) -> Iterator[bytes]:
        """Bytes of each row; all of which have a value."""
        memory = self.views.tobytes()
        fields = self.views.view(np.int32).tolist()
        for row, (size, _, buffer, start) in enumerate(fields):
            if size <= _INLINE:
                yield memory[_VIEW * row + 4 : _VIEW * row + 4 + size]
            else:
                yield self.buffers[buffer][start : start + size].tobytes()

    def place(
        self, present: BoolArray, table: HashTable, first: int, fresh: IntArray, out: AnyArray
    ) -> int:
        """Number the texts; see `drift_core.numbering`."""
        return place_views(*self._given(present), table, first, fresh, out)

    def tally(self, present: BoolArray, tables: Tables, out: IntArray) -> bool:
        """Add to the cells of the texts, as `Texts.tally`, but by what is known of views."""
        return tally_views(*self._given(present), tables, out)

    def _given(self, present: BoolArray) -> tuple[AnyArray, AnyArray, BoolArray]:
        where = [buffer.ctypes.data for buffer in self.buffers]
        where += [buffer.size for buffer in self.buffers]
        places = np.array(where, np.uint64)
        return read_only(self.views.reshape(-1)), read_only(places), read_only(present)


def _form(array: AnyArray) -> str:
    return f"{array.dtype} {array.shape}"


def _aligned(array: AnyArray) -> AnyArray:
    # numbers in the midst of a message may lie anywhere, which compiled loops do not take
    fine = array.flags.c_contiguous and array.flags.aligned
    return array if fine else np.require(array, requirements=("C", "A"))
