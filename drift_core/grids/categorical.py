"""CategoricalGrid: a cell a level, one for the pooled rare levels and one for unseen ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import compress, repeat
from typing import Any, ClassVar, Self, cast

import numpy as np

from drift_core.columns.coded import Coded, Dictionary, levels_of
from drift_core.columns.levels import level_counts
from drift_core.columns.texts import Texts, TextViews
from drift_core.columns.validity import Presence, both_masks, parts, presence_of
from drift_core.errors import BadGrid, BadValues
from drift_core.grids.bins import INVALID_BIN, MISSING_BIN, BinLabel, Bins
from drift_core.grids.counts import Counts
from drift_core.grids.grid import FORMAT, Grid
from drift_core.grids.uncoded import is_numbers, tally_numbers, tally_texts
from drift_core.grids.vocabulary import IntegerLookup, TextLookup
from drift_core.kernels import CODES, EVERY_ROW, tally_codes
from drift_core.types import FIRST_VALUE, INVALID, MISSING, AnyArray, IntArray, Json, Kind

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
    _lookups: dict[str, TextLookup | IntegerLookup] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.own_bins <= len(self.levels):
            raise BadGrid(f"{self.own_bins} bins cannot come from {len(self.levels)} levels")
        cells = dict.fromkeys(self.rare, FIRST_VALUE + len(self.levels))
        cells.update({level: FIRST_VALUE + i for i, level in enumerate(self.levels)})
        if len(cells) != len(self.levels) + len(self.rare):
            raise BadGrid("a level stands twice among the levels and the rare ones")
        object.__setattr__(self, "_cells", cells)
        object.__setattr__(self, "_lookups", {})

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
        pilot = levels_of(values).levels
        every = pilot
        if seen is not None:
            every = pilot + levels_of(seen).levels
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
        levels = tuple(_most_frequent(pilot, max_levels))
        least = min_bin_share * sum(pilot.values())
        own = sum(1 for level in levels[:max_bins] if pilot[level] >= least)
        left = {level: every[level] for level in every.keys() - set(levels)}
        return cls(levels, own, tuple(sorted(_most_frequent(left, _MOST_RARE))))

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

    def index(self, dictionary: Dictionary) -> IntArray:
        """Cell of each of a dictionary's texts: shape (texts,), `MISSING` for a null one.

        Python's texts must be canonical; in Arrow's form they are spelled so as they are read.
        """
        if isinstance(dictionary, Texts | TextViews):
            named = presence_of(dictionary.rows, dictionary.validity).read(0, dictionary.rows)
            return self._texts.cells(dictionary, named).astype(np.int64)
        cells = map(self._cells.get, dictionary, repeat(self.unseen_cell))
        return np.fromiter(cells, np.int64, len(dictionary))

    def count(
        self,
        values: object,
        *,
        missing: object = None,
        invalid: object = None,
        validity: object = None,
    ) -> Counts:
        """Count a column of values; see `Grid.count`.

        Parameters
        ----------
        values
            `Texts`, `TextViews` or `Coded`; an array of integers, booleans or floats; or any
            sequence of texts, numbers and booleans, in which ``None`` and NaN are missing and
            anything else is invalid. All are spelled as `canonical_level` does, arrays without a
            look at each row from Python.
        missing, invalid
            Boolean masks of shape (rows,).
        validity
            Which rows have a value: a boolean mask, or Arrow's `Bitmap`.
        """
        if isinstance(values, Coded):
            return self.count_codes(
                values.codes,
                values.dictionary,
                missing=missing,
                invalid=invalid,
                validity=both_masks(values.codes.size, values.validity, validity),
            )
        if isinstance(values, Texts | TextViews):
            own = both_masks(values.rows, values.validity, validity)
            presence = presence_of(values.rows, own, missing, invalid)
            return self._counted(tally_texts(self._texts, self.size, values, presence), presence)
        if is_numbers(values):
            presence = presence_of(values.size, validity, missing, invalid)
            cells = tally_numbers(self._integers, self._cells, values, presence)
            return self._counted(cells, presence)
        return self._count_rows(values, missing, invalid, validity)

    def count_codes(
        self,
        codes: AnyArray,
        dictionary: Dictionary | IntArray,
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
            Texts as `index` takes them; two places may hold the same one. Or what `index` says of
            them, so that the parts of a column can share one look at its dictionary.
        missing, invalid
            Boolean masks of shape (rows,).
        validity
            Which rows have a value: a boolean mask, or Arrow's `Bitmap`.
        """
        if codes.dtype.kind not in "iu" or codes.ndim != 1:
            raise BadValues(f"codes are one axis of integers, not {codes.dtype} {codes.shape}")
        presence = presence_of(codes.size, validity, missing, invalid)
        index = dictionary if isinstance(dictionary, np.ndarray) else self.index(dictionary)
        tally = np.zeros(index.size + 2, np.int64)
        for part, present in parts(codes, presence, CODES):
            tally += tally_codes(part, index.size, present)
        if tally[-1]:
            raise BadValues(f"{tally[-1]} codes lie outside a dictionary of {index.size}")
        cells = np.zeros(self.size, np.int64)
        np.add.at(cells, index, tally[1:-1])
        cells[MISSING] += tally[0]
        return self._counted(cells, presence)

    def _count_rows(
        self, values: object, missing: object, invalid: object, validity: object
    ) -> Counts:
        rows = values if isinstance(values, Sequence) else list(cast("Iterable[object]", values))
        presence = presence_of(len(rows), validity, missing, invalid)
        present = presence.read(0, len(rows))
        found = level_counts(rows if present is EVERY_ROW else compress(rows, present))
        cells = np.zeros(self.size, np.int64)
        np.add.at(cells, self.index(list(found.levels)), list(found.levels.values()))
        cells[MISSING] = len(rows) - cells.sum() - found.invalid
        cells[INVALID] = found.invalid
        return self._counted(cells, presence)

    def _counted(self, cells: IntArray, presence: Presence) -> Counts:
        # rows that a mask says are invalid were counted as absent
        wrong = 0 if presence.invalid is None else int(np.count_nonzero(presence.invalid))
        cells[MISSING] -= wrong
        cells[INVALID] += wrong
        return Counts(self, cells)

    @property
    def _texts(self) -> TextLookup:
        """The levels as a table of texts, made when it is first asked for.

        Two threads may make the same at once, which costs time and nothing else.
        """
        found = self._lookups.get("texts")
        if found is None:
            found = self._lookups["texts"] = TextLookup.of(self._cells, self.unseen_cell)
        return cast("TextLookup", found)

    @property
    def _integers(self) -> IntegerLookup:
        found = self._lookups.get("integers")
        if found is None:
            found = self._lookups["integers"] = IntegerLookup.of(self._cells, self.size)
        return cast("IntegerLookup", found)

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


def _most_frequent(rows: Mapping[str, int], most: int) -> list[str]:
    """Levels by falling number of rows, ties in the order of their text, at most so many."""
    if len(rows) > most:
        # of a million levels few need be sorted: those above the last number that gets in
        counts = np.fromiter(rows.values(), np.int64, len(rows))
        last = int(np.partition(counts, len(rows) - most)[len(rows) - most]) if most else 0
        sure = {level: count for level, count in rows.items() if count > last}
        tied = (level for level, count in rows.items() if count == last)
        return _most_frequent(sure, most) + nsmallest(most - len(sure), tied)
    return sorted(rows, key=lambda level: (-rows[level], level))
