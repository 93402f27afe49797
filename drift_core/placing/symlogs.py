"""Symlogs: several symmetric logarithms added up, one for each place where a column is dense."""

from dataclasses import dataclass, field

import numpy as np

from drift_core.kernels import Shape, place, read_only
from drift_core.placing.symlog import Symlog
from drift_core.types import AnyArray, IntArray


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


def _stacked(arrays: tuple[AnyArray, ...]) -> AnyArray:
    return read_only(np.concatenate(arrays))
