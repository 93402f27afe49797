"""Distinct values and their numbers of rows, exact up to a limit, then by neighbourhood."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from drift_core.kernels import distinct as distinct_of
from drift_core.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What a numeric column holds, in bounded memory.

    Values whose floats agree in all but the last `shift` bits are one *group*. The shift is the
    least with which there are not too many groups, so that what is told depends on the values
    alone: not on their order, nor on how they were cut into parts.

    Attributes
    ----------
    shift
        Bits that were dropped; 0 while every distinct value is a group.
    keys
        Shape (groups,), increasing.
    counts
        Shape (groups,): rows of each.
    least, greatest
        Shape (groups,): each group's extreme values; equal where it is a single value.
    """

    shift: int
    keys: IntArray
    counts: IntArray
    least: FloatArray
    greatest: FloatArray

    @classmethod
    def of(cls, values: FloatArray, most: int) -> Self:
        """Sketch values of shape (rows,), without NaN, in at most `most` groups."""
        distinct, counts = distinct_of(values)
        # the sign apart, so that what is rounded keeps short decimals on either side of zero
        size = np.abs(distinct).view(np.int64)
        keys = np.where(distinct < 0, -size, size)
        return cls(0, keys, counts, distinct, distinct).within(most)

    @classmethod
    def empty(cls) -> Self:
        """Sketch of no values."""
        return cls.of(np.zeros(0), 1)

    @property
    def rows(self) -> int:
        """Values sketched."""
        return int(self.counts.sum())

    @property
    def single(self) -> BoolArray:
        """Which groups are one value."""
        return np.equal(self.least, self.greatest)

    def merged(self, other: Self, most: int) -> Self:
        """Sketch of both sketches' values."""
        shift = max(self.shift, other.shift)
        sides = self.dropping(shift), other.dropping(shift)
        return type(self)(shift, *_sorted(sides)).grouped().within(most)

    def replaced(self, groups: BoolArray, by: Self) -> Self:
        """Put a finer sketch of the same values in the place of some groups."""
        kept = type(self)(
            self.shift,
            self.keys[~groups],
            self.counts[~groups],
            self.least[~groups],
            self.greatest[~groups],
        )
        keys, counts, least, greatest = _sorted((kept, by), by="least")
        return type(self)(self.shift, np.arange(keys.size), counts, least, greatest)

    def within(self, most: int) -> Self:
        """Drop as many bits as it takes to have at most `most` groups."""
        found = self
        while found.keys.size > most:
            found = found.dropping(found.shift + 1)
        return found

    def dropping(self, shift: int) -> Self:
        """Drop so many bits in all."""
        if shift == self.shift:
            return self
        keys = np.sign(self.keys) * (np.abs(self.keys) >> (shift - self.shift))
        return type(self)(shift, keys, self.counts, self.least, self.greatest).grouped()

    def grouped(self) -> Self:
        """Join neighbours that have one key."""
        if not self.keys.size:
            return self
        first = np.flatnonzero(np.concatenate(([True], self.keys[1:] != self.keys[:-1])))
        return type(self)(
            self.shift,
            self.keys[first],
            np.add.reduceat(self.counts, first),
            np.minimum.reduceat(self.least, first),
            np.maximum.reduceat(self.greatest, first),
        )


def _sorted(
    sides: tuple[Sketch, Sketch], by: str = "keys"
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    order = np.argsort(np.concatenate([getattr(side, by) for side in sides]), kind="stable")
    keys = np.concatenate([side.keys for side in sides])[order]
    counts = np.concatenate([side.counts for side in sides])[order]
    least = np.concatenate([side.least for side in sides])[order]
    return keys, counts, least, np.concatenate([side.greatest for side in sides])[order]
