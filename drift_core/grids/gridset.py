"""GridSet: the grids of all of a model's features, end to end in one vector."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from drift_core.errors import BadCounts, BadGrid
from drift_core.grids.counts import Counts
from drift_core.grids.grid import Grid
from drift_core.grids.numeric import FEW, NumericGrid
from drift_core.placing.stacks import Stacked
from drift_core.types import AnyArray, IntArray, Json

FORMAT = "leeway.gridset/1"
FLOATS = frozenset(map(np.dtype, (np.float32, np.float64)))


@dataclass(frozen=True, slots=True)
class GridSet:
    """Features and their grids, in an order that the vector's layout follows.

    Attributes
    ----------
    grids
        Pairs of feature name and grid; no name twice.
    size
        Cells of all features together.
    """

    grids: tuple[tuple[str, Grid], ...]
    size: int = field(init=False, compare=False)
    offsets: IntArray = field(init=False, repr=False, compare=False)
    """Where each feature's cells begin, and at last the size: shape (features + 1,), read-only."""
    _places: dict[str, tuple[Grid, slice]] = field(init=False, repr=False, compare=False)
    _stacks: dict[type, Stacked] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places: dict[str, tuple[Grid, slice]] = {}
        start = 0
        for name, grid in self.grids:
            if name in places:
                raise BadGrid(f"the feature {name!r} stands twice in a grid set")
            places[name] = (grid, slice(start, start + grid.size))
            start += grid.size
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "_stacks", {})
        object.__setattr__(self, "size", start)
        sizes = [grid.size for _, grid in self.grids]
        offsets = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))).astype(np.int64)
        offsets.flags.writeable = False
        object.__setattr__(self, "offsets", offsets)

    @property
    def names(self) -> tuple[str, ...]:
        """The features, in order."""
        return tuple(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> Grid:
        return self._places[name][0]

    def slice(self, name: str) -> slice:
        """Where one feature's cells lie; `KeyError` for an unknown one."""
        return self._places[name][1]

    def zero(self) -> IntArray:
        """Return a writable vector of no rows, shape (size,)."""
        return np.zeros(self.size, np.int64)

    def counts(self, vector: IntArray, name: str) -> Counts:
        """Read one feature's counts out of a vector of shape (size,)."""
        if vector.shape != (self.size,):
            raise BadCounts(f"a vector of {vector.shape} does not fit a set of {self.size} cells")
        grid, place = self._places[name]
        return Counts(grid, vector[place])

    def split(self, vector: IntArray) -> dict[str, Counts]:
        """Read every feature's counts out of a vector of shape (size,)."""
        return {name: self.counts(vector, name) for name in self._places}

    def tally(self, columns: Mapping[str, AnyArray], rows: int, vector: IntArray) -> set[str]:
        """Write the counts of some columns into a vector at once, and say of which.

        It is what `Grid.count` says of them; the others are left to it.

        Parameters
        ----------
        columns
            Shape (rows,), by feature; NaN is missing, and nothing is invalid.
        vector
            Shape (size,); writable, and zero in the features' cells.
        """
        found: dict[type, dict[str, AnyArray]] = {}
        for name, column in columns.items() if rows >= FEW else ():
            ready = column.flags.c_contiguous and column.flags.aligned
            if column.dtype in FLOATS and column.shape == (rows,) and ready:
                found.setdefault(column.dtype.type, {})[name] = column
        counted = set[str]()
        for kind, some in found.items():
            counted |= self._stacked(kind).tally(some, rows, vector)
        return counted

    def _stacked(self, dtype: type) -> Stacked:
        """Grids by bucket, made when first asked for; twice at once costs time and nothing else."""
        if dtype not in self._stacks:
            plans = [
                (name, int(first), plan)
                for (name, grid), first in zip(self.grids, self.offsets, strict=False)
                if isinstance(grid, NumericGrid) and (plan := grid.mapped(dtype)) is not None
            ]
            self._stacks[dtype] = Stacked.of(plans, dtype)
        return self._stacks[dtype]

    def join(self, counts: Mapping[str, Counts]) -> IntArray:
        """Lay counts by feature end to end; a feature that is not given counts nothing."""
        vector = self.zero()
        for name, found in counts.items():
            grid, place = self._places[name]
            vector[place] = (grid.zero() + found).cells
        return vector

    def to_json(self) -> Json:
        """Return the stored form."""
        grids = [{"name": name, "grid": grid.to_json()} for name, grid in self.grids]
        return {"format": FORMAT, "grids": grids}

    @classmethod
    def from_json(cls, doc: Mapping[str, Any]) -> Self:
        """Read a set from its stored form; `BadGrid` when it is none that we know."""
        if doc.get("format") != FORMAT:
            raise BadGrid(f"grid set format {doc.get('format')!r} is not {FORMAT!r}")
        return cls(tuple((item["name"], Grid.from_json(item["grid"])) for item in doc["grids"]))

    @property
    def digest(self) -> str:
        """SHA-256 of the stored form, in hexadecimal: equal sets have equal digests."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
