"""A column of CSV: texts where they stand in the body, and the numbers that they spell."""

from collections.abc import Hashable, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from app.domain.model import TimeUnit
from app.domain.rows.arrays import ArrowColumn
from app.domain.rows.flat import Bodies, Flat
from app.domain.rows.times import Micros
from app.domain.rows.values import Numbers, may_spell_booleans, numbers_of
from app.sources.formats._cells import BEGIN, DECIMAL, NULL, Bytes, Words, text_column
from drift_core import TextViews

Floats = npt.NDArray[np.float64]


class Spelled(Flat):
    """Cells of CSV; no view of a text is made unless texts are asked for."""

    __slots__ = ("body", "floats", "kinds", "words")

    def __init__(self, body: bytes, words: Words, kinds: Bytes, floats: Floats) -> None:
        """Take cells of shape (rows,); where their kind is ``DECIMAL`` the float is the number."""
        self.body, self.words, self.kinds, self.floats = body, words, kinds, floats

    def series(self) -> pl.Series:
        return self._column().series()

    def likeness(self) -> Hashable:
        return Spelled

    def joined(self, others: Sequence[Self], bodies: Bodies) -> Self:
        parts = [self, *others]
        sizes = [len(part.body) for part in parts]
        shifts = (np.cumsum([0, *sizes[:-1]]).astype(np.uint64) << BEGIN).tolist()
        return type(self)(
            bodies.join([part.body for part in parts]),
            np.concatenate(
                [part.words + np.uint64(by) for part, by in zip(parts, shifts, strict=True)]
            ),
            np.concatenate([part.kinds for part in parts]),
            np.concatenate([part.floats for part in parts]),
        )

    def numbers(self) -> Numbers:
        read = self.kinds == DECIMAL
        invalid = np.zeros(read.size, np.bool_)
        if read.all():
            return Numbers(self.floats, invalid)
        odd = np.flatnonzero(~read & (self.kinds != NULL))
        if not odd.size:
            return Numbers(self.floats, invalid)
        some = text_column(self.body, self.words[odd], self.kinds[odd]).series()
        found = numbers_of(some, untyped=True)
        values = self.floats.copy()
        values[odd], invalid[odd] = found.values, found.invalid
        return Numbers(values, invalid)

    def texts(self) -> TextViews | None:
        texts = self._column().texts()
        return texts if isinstance(texts, TextViews) and not may_spell_booleans(texts) else None

    def micros(self, unit: TimeUnit | None) -> Micros | None:
        return self._column().micros(unit) if unit is None else None

    def _column(self) -> ArrowColumn:
        return text_column(self.body, self.words, self.kinds)
