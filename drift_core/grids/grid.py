"""Grid: where a column is counted; the base of both kinds, and the way in from stored form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from drift_core.errors import BadGrid
from drift_core.grids.bins import Bins
from drift_core.types import BoolArray, FloatArray, Json, Kind

if TYPE_CHECKING:
    from drift_core.grids.categorical import CategoricalGrid
    from drift_core.grids.counts import Counts
    from drift_core.grids.numeric import NumericGrid

FORMAT = "leeway.grid/1"

_KINDS: dict[str, type[Grid]] = {}


class Grid(ABC):
    """Cells that every value of a column falls into, each into exactly one.

    Cell 0 holds what is missing, cell 1 what is invalid (of the wrong type), and the grid's
    own cells follow. A grid is a frozen value: equal content is equal, and hashes alike.
    """

    __slots__ = ()
    kind: ClassVar[Kind]

    def __init_subclass__(cls) -> None:
        # a slotted dataclass is built twice; the second, finished class takes the place
        _KINDS[cls.kind] = cls

    @staticmethod
    def numeric(values: object, *, max_cells: int = 2048, share: float = 0.002) -> NumericGrid:
        """Build a numeric grid from a reference column.

        Parameters
        ----------
        values
            Shape (rows,): floats, integers or booleans, or a list in which ``None`` is missing.
        max_cells
            Most cells the grid may have; `share` gives way to it.
        share
            Most of the reference's present rows that an open cell may hold.
        """
        grid = cast("type[NumericGrid]", _KINDS["numeric"])
        return grid.fit(values, max_cells=max_cells, share=share)

    @staticmethod
    def categorical(
        values: object,
        *,
        max_levels: int = 1000,
        max_bins: int = 50,
        min_bin_share: float = 0.01,
        seen: object = None,
    ) -> CategoricalGrid:
        """Build a categorical grid from the pilot of a reference column.

        Parameters
        ----------
        values
            The pilot's values; they choose the levels and which of them are bins of their own.
        max_levels, max_bins
            Most levels that get a cell, and most that get a bin.
        min_bin_share
            Least share of the pilot's present rows for a bin of its own.
        seen
            All values of the reference: what it holds beyond the levels counts as rare, not
            as unseen. The pilot alone when not given.
        """
        grid = cast("type[CategoricalGrid]", _KINDS["categorical"])
        return grid.fit(
            values, max_levels=max_levels, max_bins=max_bins, min_bin_share=min_bin_share, seen=seen
        )

    @staticmethod
    def from_json(doc: Mapping[str, Any]) -> Grid:
        """Read a grid from its stored form; `BadGrid` when it is none that we know."""
        if doc.get("format") != FORMAT:
            raise BadGrid(f"grid format {doc.get('format')!r} is not {FORMAT!r}")
        kind = doc.get("kind")
        if kind not in _KINDS:
            raise BadGrid(f"grid kind {kind!r} is not one of {sorted(_KINDS)}")
        try:
            return _KINDS[kind].parse(doc)
        except (KeyError, TypeError, ValueError) as error:
            raise BadGrid(f"stored {kind} grid cannot be read: {error!r}") from error

    @classmethod
    @abstractmethod
    def parse(cls, doc: Mapping[str, Any]) -> Self:
        """Read one's own kind of stored form, already checked for format and kind."""

    @abstractmethod
    def to_json(self) -> Json:
        """Return the stored form: JSON types only, and exact floats."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of cells, missing and invalid included."""

    @property
    @abstractmethod
    def points(self) -> BoolArray | None:
        """Which of the grid's own cells hold one single value; `None` when order means nothing."""

    @property
    @abstractmethod
    def limits(self) -> tuple[FloatArray, FloatArray] | None:
        """Lower and upper limit of each of the grid's own cells; `None` when they have none."""

    @abstractmethod
    def count(self, values: object, *, missing: object = None, invalid: object = None) -> Counts:
        """Count a column.

        Parameters
        ----------
        values
            Shape (rows,).
        missing, invalid
            Optional boolean masks of shape (rows,): rows to count as missing or invalid
            whatever their value. A row in both is invalid.
        """

    @abstractmethod
    def bins(self, ref: Counts, count: int = 10) -> Bins:
        """Choose the bins that `ref` calls for; about `count` of them where there is a choice."""

    def zero(self) -> Counts:
        """Counts of no rows: the identity of ``+``."""
        return self.counts_of(np.zeros(self.size, np.int64))

    @abstractmethod
    def counts_of(self, cells: object) -> Counts:
        """Take a vector of cells, shape (size,), as counts on this grid."""
