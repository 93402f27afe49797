"""Arrow's arrays of numbers, texts and times, counted where they lie."""

from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from app.domain.model import TimeUnit
from app.domain.rows.buffers import INSTANTS
from app.domain.rows.clocks import micros_of
from app.domain.rows.flat import Bodies, Flat, in_range
from app.domain.rows.texts import absent_of, texts_of, views_in
from app.domain.rows.times import Micros
from app.domain.rows.values import Numbers
from drift_core import Texts, TextViews

FLOATS = {pa.float32().id: np.float32, pa.float64().id: np.float64}
WHOLE = {
    getattr(pa, name)().id: np.dtype(name)
    for width in (8, 16, 32, 64)
    for name in (f"int{width}", f"uint{width}")
}
SPANS = frozenset((pa.string().id, pa.large_string().id))
VIEWS = pa.string_view().id
TIMES = pa.timestamp("us").id
PLAIN = frozenset((*FLOATS, *WHOLE, *SPANS))


def lies_plain(kind: pa.DataType) -> bool:
    """Whether sound arrays of a type are read here, and always become polars'."""
    return kind.id in PLAIN or (kind.id == TIMES and kind.unit in INSTANTS)


class ArrowColumn(Flat):
    """An array of sound buffers, whose texts are UTF-8; of a type that polars also has."""

    __slots__ = ("_parts", "array")

    def __init__(self, array: pa.Array, parts: Sequence[pa.Array] = ()) -> None:
        self.array = array
        self._parts = parts or (array,)
        """The arrays that it was put together from."""

    def series(self) -> pl.Series:
        return pl.Series(self.array)

    def likeness(self) -> Hashable:
        kind: Hashable = self.array.type
        return kind

    def joined(self, others: Sequence[Self], bodies: Bodies) -> Self:  # noqa: ARG002  has its own
        parts = [self.array, *(other.array for other in others)]
        return type(self)(pa.concat_arrays(parts), parts)

    def numbers(self) -> Numbers | None:
        kind = self.array.type.id
        if kind in FLOATS:
            values = _memory(self.array, FLOATS[kind])
        elif kind in WHOLE:
            values = _memory(self.array, WHOLE[kind]).astype(np.float64)
        else:
            return None
        if self.array.null_count:
            values = np.where(absent_of(self.array), values.dtype.type(np.nan), values)
        return Numbers(values, np.zeros(values.size, np.bool_))

    def texts(self) -> Texts | TextViews | None:
        kind = self.array.type.id
        if kind in SPANS:
            return texts_of(self.array)
        return views_in(self.array) if kind == VIEWS else None

    def micros(self, unit: TimeUnit | None) -> Micros | None:  # noqa: ARG002  numbers need it
        if self.array.null_count:
            return None
        kind = self.array.type
        if kind.id == VIEWS:
            return _read_times(self._parts)
        return _instants(self.array, kind.unit) if kind.id == TIMES else None


def _read_times(parts: Sequence[pa.Array]) -> Micros | None:
    """Return the times that texts spell; those of one array are all in one buffer, or odd."""
    found = []
    for part in parts:
        texts = views_in(part)
        if len(texts.buffers) != 1:
            return None
        found.append(micros_of(texts.views.reshape(-1), texts.buffers[0]))
    micros = found[0] if len(found) == 1 else np.concatenate(found)
    return micros if in_range(micros) else None


def _instants(array: pa.Array, unit: str) -> Micros | None:
    parts = INSTANTS.get(unit)
    if parts is None:
        return None
    times = _memory(array, np.int64)
    micros = times if parts == 1 else times // parts
    return micros if in_range(micros) else None


def _memory(array: pa.Array, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    # a buffer may end amid an item, behind those that count
    found = np.frombuffer(array.buffers()[1], kind, array.offset + len(array))[array.offset :]
    # what a stream holds lies wherever it came to lie
    return found if found.flags.aligned else found.copy()
