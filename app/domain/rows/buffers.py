"""Columns whose values are numpy's, and need nobody else to be counted."""

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from app.domain.model import TimeUnit
from app.domain.rows.flat import Bodies, Flat, in_range
from app.domain.rows.times import Micros
from app.domain.rows.values import Numbers
from drift_core import Texts

INSTANTS = {"us": 1, "ns": 1_000}
"""Units in which times are read, and how many of each are a microsecond."""


class NumberColumn(Flat):
    """Numbers of a type that polars also has, one in each row."""

    __slots__ = ("values",)

    def __init__(self, values: npt.NDArray[Any]) -> None:
        self.values = values

    def likeness(self) -> Hashable:
        return self.values.dtype.str

    def joined(self, others: Sequence[Self], bodies: Bodies) -> Self:  # noqa: ARG002  has its own
        return type(self)(np.concatenate([self.values, *(other.values for other in others)]))

    def series(self) -> pl.Series:
        return pl.Series(self.values)

    def numbers(self) -> Numbers:
        real = self.values.dtype.kind == "f"
        values = self.values if real else self.values.astype(np.float64)
        return Numbers(values, np.zeros(values.size, np.bool_))


class TimeColumn(Flat):
    """Times since 1970, one in each row."""

    __slots__ = ("kind", "values")

    def __init__(self, values: Micros, kind: pa.TimestampType) -> None:
        self.values = values
        self.kind = kind

    def likeness(self) -> Hashable:
        kind: Hashable = self.kind
        return kind

    def joined(self, others: Sequence[Self], bodies: Bodies) -> Self:  # noqa: ARG002  has its own
        values = [self.values, *(other.values for other in others)]
        return type(self)(np.concatenate(values), self.kind)

    def series(self) -> pl.Series:
        held = [None, pa.py_buffer(self.values)]
        return pl.Series(pa.Array.from_buffers(self.kind, self.values.size, held))

    def micros(self, unit: TimeUnit | None) -> Micros | None:  # noqa: ARG002  numbers need it
        parts = INSTANTS[self.kind.unit]
        micros = self.values if parts == 1 else self.values // parts
        return micros if in_range(micros) else None


class TextColumn(Flat):
    """Texts end to end, one in each row; all of them UTF-8."""

    __slots__ = ("words",)

    def __init__(self, texts: Texts) -> None:
        self.words = texts

    def likeness(self) -> Hashable:
        return self.words.offsets.dtype.str

    def joined(self, others: Sequence[Self], bodies: Bodies) -> Self:  # noqa: ARG002  has its own
        texts = [self.words, *(other.words for other in others)]
        offsets = np.zeros(1 + sum(one.rows for one in texts), np.int64)
        places = np.cumsum([0, *(one.rows for one in texts)]).tolist()
        parts, length = [], 0
        for one, (begin, end) in zip(texts, pairwise(places), strict=True):
            given, data = one.content
            offsets[begin + 1 : end + 1] = given[1:] + np.int64(length - given[0])
            length += data.size
            parts.append(data)
        kept = offsets if length > np.iinfo(np.int32).max else offsets.astype(np.int32)
        return type(self)(Texts(kept, np.concatenate(parts)))

    def series(self) -> pl.Series:
        offsets = self.words.offsets
        kind = pa.large_string() if offsets.dtype == np.int64 else pa.string()
        held = [None, pa.py_buffer(offsets), pa.py_buffer(self.words.data)]
        return pl.Series(pa.Array.from_buffers(kind, self.words.rows, held))

    def texts(self) -> Texts:
        return self.words
