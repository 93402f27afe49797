"""Symlogs: several symmetric logarithms added up, one for each place where a column is dense."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from drift_core.errors import BadGrid
from drift_core.kernels import Shape, place, read_only
from drift_core.placing.symlog import Symlog, least_of
from drift_core.types import AnyArray, FloatArray, IntArray, Json

_FORM = "symlogs"
_MOST_PARTS, _MOST_BUCKETS = 32, 1 << 15
"""Of a sum that is read: each part takes time for every value, and buckets take memory."""


@dataclass(frozen=True, slots=True)
class Symlogs:
    """The sum of monotone maps, which is one: each tells apart what the others send to one bucket.

    Far from where it is fine a map stays at one of its ends, so that a sum of maps for two far
    clusters is fine in both.

    Attributes
    ----------
    parts
        The maps, at least one.
    """

    parts: tuple[Symlog, ...]
    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lines, turns = zip(*(part.shape for part in self.parts), strict=True)
        object.__setattr__(self, "shape", (_stacked(lines), _stacked(turns)))

    @property
    def size(self) -> int:
        """Buckets, with 0 for NaN: no sum of the parts' buckets reaches it."""
        return sum(part.size for part in self.parts)

    def place(self, values: AnyArray) -> IntArray:
        """Bucket of each value, shape (rows,), below `size`; 0 for NaN alone."""
        return place(values, self.shape)

    def begins(self, buckets: IntArray) -> FloatArray:
        """Least value of each bucket or beyond, shape (buckets,); numbers may be left out."""
        return least_of(self.place, buckets)

    def to_json(self) -> Json:
        """Return the stored form."""
        return {"form": _FORM, "parts": [part.to_json() for part in self.parts]}

    @classmethod
    def parse(cls, doc: Mapping[str, Any]) -> Self | None:
        """Read a stored form; `None` for one that is not known here."""
        if doc["form"] != _FORM:
            return None
        told = doc["parts"]
        if not 1 <= len(told) <= _MOST_PARTS:
            raise BadGrid(f"no map is the sum of {len(told)}")
        parts = tuple(part for part in map(Symlog.parse, told) if part is not None)
        if len(parts) < len(told):
            return None
        if sum(part.buckets for part in parts) > _MOST_BUCKETS:
            raise BadGrid(f"no map has more than {_MOST_BUCKETS} buckets")
        return cls(parts)


Line = Symlog | Symlogs
"""A monotone map from floats to buckets."""


def parse_line(doc: Mapping[str, Any] | None) -> Line | None:
    """Read a map's stored form; `None` for none, and for a form that is not known here."""
    if doc is None:
        return None
    return Symlog.parse(doc) or Symlogs.parse(doc)


def _stacked(arrays: tuple[AnyArray, ...]) -> AnyArray:
    return read_only(np.concatenate(arrays))
