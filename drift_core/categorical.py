"""CategoricalGrid: a cell a level, one for the pooled rare levels and one for unseen ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat
from typing import Any, ClassVar, Self, cast

import numpy as np

from drift_core.bins import INVALID_BIN, MISSING_BIN, BinLabel, Bins
from drift_core.counts import Counts
from drift_core.errors import BadGrid, BadValues
from drift_core.grid import FORMAT, Grid
from drift_core.kernels import tally_codes
from drift_core.levels import level_counts
from drift_core.types import FIRST_VALUE, INVALID, MISSING, AnyArray, IntArray, Json, Kind
from drift_core.validity import mask_of, parts, presence_of

_MOST_RARE = 10_000


@dataclass(frozen=True, slots=True)
class CategoricalGrid(Grid):
    """Cells of a categorical column: missing, invalid, one a level, rare, unseen.

    Attributes
    ----------
    levels
        The levels kept, most frequent in the pilot first, ties in the order of their text.
    own_bins
        How many of the first levels are bins of their own.
    rare
        Other levels of the reference, sorted; at most 10,000, beyond which a level is unseen.
    """

    kind: ClassVar[Kind] = "categorical"
    levels: tuple[str, ...]
    own_bins: int
    rare: tuple[str, ...] = ()
    _cells: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.own_bins <= len(self.levels):
            raise BadGrid(f"{self.own_bins} bins cannot come from {len(self.levels)} levels")
        cells = dict.fromkeys(self.rare, FIRST_VALUE + len(self.levels))
        cells.update({level: FIRST_VALUE + i for i, level in enumerate(self.levels)})
        if len(cells) != len(self.levels) + len(self.rare):
            raise BadGrid("a level stands twice among the levels and the rare ones")
        object.__setattr__(self, "_cells", cells)

    @classmethod
    def fit(
        cls,
        values: object,
        *,
        max_levels: int = 1000,
        max_bins: int = 50,
        min_bin_share: float = 0.01,
        seen: object = None,
    ) -> Self:
        """Choose the levels from a reference's pilot; see `Grid.categorical`."""
        pilot = level_counts(cast("Iterable[object]", values)).levels
        every = pilot
        if seen is not None:
            every = pilot + level_counts(cast("Iterable[object]", seen)).levels
        return cls.choose(
            pilot, every, max_levels=max_levels, max_bins=max_bins, min_bin_share=min_bin_share
        )

    @classmethod
    def choose(
        cls,
        pilot: Mapping[str, int],
        every: Mapping[str, int],
        *,
        max_levels: int = 1000,
        max_bins: int = 50,
        min_bin_share: float = 0.01,
    ) -> Self:
        """Choose the levels from the pilot's rows of each level; `every` names the rare ones too.

        See `Grid.categorical`.
        """
        ranked = sorted(pilot, key=lambda level: (-pilot[level], level))
        levels = tuple(ranked[:max_levels])
        least = min_bin_share * sum(pilot.values())
        own = sum(1 for level in levels[:max_bins] if pilot[level] >= least)
        left = sorted(set(every).difference(levels), key=lambda level: (-every[level], level))
        return cls(levels, own, tuple(sorted(left[:_MOST_RARE])))

    @classmethod
    def parse(cls, doc: Mapping[str, Any]) -> Self:
        return cls(tuple(doc["levels"]), int(doc["own_bins"]), tuple(doc["rare"]))

    def to_json(self) -> Json:
        return {
            "format": FORMAT,
            "kind": self.kind,
            "levels": list(self.levels),
            "own_bins": self.own_bins,
            "rare": list(self.rare),
        }

    @property
    def size(self) -> int:
        return FIRST_VALUE + len(self.levels) + 2

    @property
    def points(self) -> None:
        return None

    @property
    def limits(self) -> None:
        return None

    @property
    def rare_cell(self) -> int:
        """Cell of the levels that the reference holds, but that got no cell of their own."""
        return self.size - 2

    @property
    def unseen_cell(self) -> int:
        """Cell of the levels that the reference does not hold."""
        return self.size - 1

    def index(self, dictionary: Sequence[str]) -> IntArray:
        """Cell of each of a dictionary's texts, which must be canonical: shape (texts,)."""
        cells = map(self._cells.get, dictionary, repeat(self.unseen_cell))
        return np.fromiter(cells, np.int64, len(dictionary))

    def count(self, values: object, *, missing: object = None, invalid: object = None) -> Counts:
        """Count a sequence of values; see `Grid.count`.

        Parameters
        ----------
        values
            Texts, numbers and booleans, spelled by `canonical_level`; ``None`` and NaN are
            missing, anything else is invalid.
        missing, invalid
            Boolean masks of shape (rows,).
        """
        rows = values if isinstance(values, Sequence) else list(cast("Iterable[object]", values))
        kept, lost, wrong = _without_masked(rows, missing, invalid)
        found = level_counts(kept)
        cells = np.zeros(self.size, np.int64)
        np.add.at(cells, self.index(list(found.levels)), list(found.levels.values()))
        cells[MISSING] += found.missing + lost
        cells[INVALID] += found.invalid + wrong
        return Counts(self, cells)

    def count_codes(
        self,
        codes: AnyArray,
        dictionary: Sequence[str],
        *,
        missing: object = None,
        invalid: object = None,
        validity: object = None,
    ) -> Counts:
        """Count a dictionary-coded column without looking at any row's text.

        Parameters
        ----------
        codes
            Shape (rows,), any integers: places in `dictionary`; -1 is missing.
        dictionary
            Canonical texts; two places may hold the same one.
        missing, invalid
            Boolean masks of shape (rows,).
        validity
            Which rows have a value: a boolean mask, or Arrow's `Bitmap`.
        """
        if codes.dtype.kind not in "iu" or codes.ndim != 1:
            raise BadValues(f"codes are one axis of integers, not {codes.dtype} {codes.shape}")
        presence = presence_of(codes.size, validity, missing, invalid)
        wrong = 0 if presence.invalid is None else int(np.count_nonzero(presence.invalid))
        tally = np.zeros(len(dictionary) + 2, np.int64)
        for part, present in parts(codes, presence):
            tally += tally_codes(part, len(dictionary), present)
        if tally[-1]:
            raise BadValues(f"{tally[-1]} codes lie outside a dictionary of {len(dictionary)}")
        cells = np.zeros(self.size, np.int64)
        np.add.at(cells, self.index(dictionary), tally[1:-1])
        cells[MISSING] += tally[0] - wrong
        cells[INVALID] += wrong
        return Counts(self, cells)

    def counts_of(self, cells: object) -> Counts:
        return Counts(self, np.asarray(cells))

    def bins(self, ref: Counts, count: int = 10) -> Bins:  # noqa: ARG002 - levels need neither
        """Give each of the first levels a bin, and one to all others, rare and unseen alike.

        The pilot chose them, so that neither `ref` nor a window has a say.
        """
        other = FIRST_VALUE + self.own_bins
        index = np.minimum(np.arange(self.size), other)
        own = (BinLabel("level", text=level) for level in self.levels[: self.own_bins])
        labels = (MISSING_BIN, INVALID_BIN, *own, BinLabel("other"))
        return Bins(index.astype(np.int64), other + 1, labels)


def _without_masked(
    rows: Sequence[object], missing: object, invalid: object
) -> tuple[Iterable[object], int, int]:
    if missing is None and invalid is None:
        return rows, 0, 0
    absent, wrong = _masks(len(rows), missing, invalid)
    return compress(rows, ~(absent | wrong)), int(absent.sum()), int(wrong.sum())


def _masks(rows: int, missing: object, invalid: object) -> tuple[AnyArray, AnyArray]:
    none = np.zeros(rows, np.bool_)
    wrong = none if invalid is None else mask_of(invalid, rows)
    absent = none if missing is None else mask_of(missing, rows) & ~wrong
    return absent, wrong
