"""Symlog: the cheap monotone map from a float to a bucket. What a map is, not which to choose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from drift_core.errors import BadGrid
from drift_core.kernels import Shape, place, read_only
from drift_core.types import AnyArray, FloatArray, IntArray, Json

_FORM = "symlog"
_MANTISSA = 52
_OCTAVES = 2046
_MOST_BUCKETS = 1 << 15
_MARGIN = 2
_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, slots=True)
class Symlog:
    """A symmetric logarithm, linear inside each octave, read off a float's bits.

    A value v lies ``sign(v - centre) * log2(1 + |v - centre| / scale)`` octaves from the centre,
    and each octave is cut into ``2**bits`` buckets of one width: the map is linear up to `scale`
    from the centre, and logarithmic beyond. It never decreases, under rounding either.

    Attributes
    ----------
    centre, scale
        Finite; the scale above zero.
    bits
        Buckets in an octave, as a power of two.
    first
        Number of the first bucket, counted from the one that begins at the centre.
    buckets
        How many there are; values beyond either end are in the last one there.
    """

    centre: float
    scale: float
    bits: int
    first: int
    buckets: int
    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (1 <= self.bits <= _MANTISSA and 1 <= self.buckets <= _MOST_BUCKETS):
            raise BadGrid(f"no map has {self.buckets} buckets, 2**{self.bits} in an octave")
        last = self.first + self.buckets - 1
        if max(abs(self.first), abs(last)) >> self.bits >= _OCTAVES:
            raise BadGrid(f"no map begins with its bucket {self.first}")
        ends = np.array([self._begin(self.first), self._begin(last)])
        ends = np.clip(ends, -_LARGEST, _LARGEST)
        shift, offset = _MANTISSA - self.bits, _MARGIN - self.first
        line = np.array([[*ends.tolist(), self.centre, self.scale]], np.float64)
        turn = np.array([[shift, offset]], np.int64)
        object.__setattr__(self, "shape", (read_only(line), read_only(turn)))
        # the loops write where this says, unchecked: both ends, and so all between, must be inside
        fits = np.isfinite(ends).all() and self.scale > 0
        low, high = self.place(ends).tolist() if fits else (0, 0)
        if not 1 <= low <= high < self.size:
            raise BadGrid(f"the map {self} does not hold its own ends")

    @property
    def size(self) -> int:
        """Buckets, with 0 for NaN, and room for an end that rounding moves by one."""
        return self.buckets + 2 * _MARGIN

    def place(self, values: AnyArray) -> IntArray:
        """Bucket of each value, shape (rows,), below `size`; 0 for NaN alone."""
        return place(values, self.shape)

    def begins(self, buckets: IntArray) -> FloatArray:
        """Least value of each bucket, shape (buckets,): by halving, so exact to the last bit."""
        return least_of(self.place, buckets)

    def to_json(self) -> Json:
        """Return the stored form."""
        return {
            "form": _FORM,
            "centre": self.centre,
            "scale": self.scale,
            "bits": self.bits,
            "first": self.first,
            "buckets": self.buckets,
        }

    @classmethod
    def parse(cls, doc: Mapping[str, Any] | None) -> Self | None:
        """Read a stored form; `None` for none, and for a form that is not known here."""
        if doc is None or doc["form"] != _FORM:
            return None
        numbers = (int(doc[name]) for name in ("bits", "first", "buckets"))
        return cls(float(doc["centre"]), float(doc["scale"]), *numbers)

    def _begin(self, number: int) -> float:
        # where a bucket begins, but for rounding
        scale = np.array([self.scale], np.float64)
        bits = scale.view(np.int64) + (abs(number) << (_MANTISSA - self.bits))
        with np.errstate(all="ignore"):
            away = float((bits.view(np.float64) - scale)[0])
        return self.centre + away if number >= 0 else self.centre - away


def least_of(place: Callable[[FloatArray], IntArray], buckets: IntArray) -> FloatArray:
    """Least value that a map sends to each bucket or beyond; the map must not decrease."""
    below = np.full(buckets.size, ordinal(np.array([-np.inf]))[0])
    least = np.full(buckets.size, ordinal(np.array([np.inf]))[0])
    while (below + 1 < least).any():
        middle = (below >> 1) + (least >> 1) + (below & least & 1)
        reached = place(_float(middle)) >= buckets
        least, below = np.where(reached, middle, least), np.where(reached, below, middle)
    return _float(least)


def ordinal(values: FloatArray) -> IntArray:
    """Number floats in their order; neighbours differ by one. -0.0 must not be among them."""
    # those below zero are turned round
    bits = values.view(np.int64)
    return np.where(bits < 0, np.iinfo(np.int64).min - bits, bits)


def _float(ordinals: IntArray) -> FloatArray:
    bits = np.where(ordinals < 0, np.iinfo(np.int64).min - ordinals, ordinals)
    return bits.view(np.float64)
