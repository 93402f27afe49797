"""A reference in chunks: grids and counts of columns that are larger than memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from typing import cast

import numpy as np

from drift_core.columns.levels import level_counts
from drift_core.columns.plain import numbers_of
from drift_core.errors import BadValues
from drift_core.grids.categorical import CategoricalGrid
from drift_core.grids.counts import Counts
from drift_core.grids.numeric import NumericGrid
from drift_core.placing.knots import cells_of
from drift_core.references.findings import Finding, examine_numbers
from drift_core.references.pilot import pilot_rows
from drift_core.references.sketch import Sketch
from drift_core.types import FloatArray, Kind

_SHARE = 0.002
_MAX_CELLS = 2_048
_BLOCK = 1 << 20
_MOST_LOOKS = 4
MOST_DISTINCT = 1 << 18
"""Groups of numbers that are told apart: 8 MiB, and some 50 at the peak."""
MOST_LEVELS = 1_000_000

Chunks = Callable[[], Iterable[object]]


@dataclass(frozen=True, slots=True, eq=False)
class Streamed:
    """A reference that was read in chunks.

    Attributes
    ----------
    grid, counts
        As `reference` gives them. The counts are exact on this grid.
    rank_error
        Zero where the grid is the one that `reference` makes of the whole column. Otherwise the
        most rows among which a knot may lie elsewhere than it would there, and by which an open
        cell may hold more than its share.
    findings
        What looks wrong in its numbers, see `examine_numbers`; of a categorical column nothing.
    """

    grid: NumericGrid | CategoricalGrid
    counts: Counts
    rank_error: int
    findings: tuple[Finding, ...] = ()


def stream_reference(
    chunks: Chunks,
    kind: Kind,
    *,
    key: bytes = b"leeway",
    most_distinct: int = MOST_DISTINCT,
    most_levels: int = MOST_LEVELS,
) -> Streamed:
    """Build a column's grid and count it, one chunk at a time in memory.

    The answer does not depend on where the column is cut. It is what `reference` gives for the
    whole column as long as there are at most `most_distinct` different numbers, or `most_levels`
    different levels.

    Numbers are read twice: once to choose knots, once to be counted. With more different ones,
    those that agree in their leading bits are taken together, and groups that hold so many rows
    that they could be a mass point are looked into again, up to four times, for which the column is
    read once more each; see `Streamed.rank_error`. Levels are read once.

    Parameters
    ----------
    chunks
        Called for each reading; gives the column's chunks in order, each as `Grid.count` of its
        kind takes it. Every reading must give the same rows.
    kind
        ``numeric`` or ``categorical``.
    key
        Keys the split of a categorical column, see `pilot_rows`.
    most_distinct
        Different numbers told apart. Memory goes by it, about 150 bytes each at the peak, and by
        the largest chunk.
    most_levels
        Different levels allowed.

    Raises
    ------
    BadValues
        There are more levels: such a column names its rows rather than groups them.
    """
    if kind == "numeric":
        return _stream_numbers(chunks, most_distinct)
    return _stream_levels(chunks(), key, most_levels)


def _stream_numbers(chunks: Chunks, most: int) -> Streamed:
    found = _sketch(_blocks(chunks()), most)
    for _ in range(_MOST_LOOKS):
        # more rows than this in one group may be a mass point, which has a cell of its own
        heavy = ~found.single & (found.counts > _SHARE * found.rows / 2)
        if not heavy.any():
            break
        ends = found.least[heavy], found.greatest[heavy]
        finer = _sketch((_inside(block, *ends) for block in _blocks(chunks())), most)
        found = found.replaced(heavy, finer)
    grid = NumericGrid(*cells_of(found.least, found.counts, _MAX_CELLS, _SHARE))
    counts = grid.zero()
    for chunk in chunks():
        counts += grid.count(chunk)
    unresolved = found.counts[~found.single]
    found_wrong = examine_numbers(found.least, found.counts)
    return Streamed(grid, counts, int(unresolved.max(initial=0)), found_wrong)


def _sketch(blocks: Iterable[FloatArray], most: int) -> Sketch:
    found = Sketch.empty()
    for block in blocks:
        found = found.merged(Sketch.of(block, most), most)
    return found


def _blocks(chunks: Iterable[object]) -> Iterator[FloatArray]:
    for chunk in chunks:
        floats = numbers_of(chunk).floats
        for start in range(0, floats.size, _BLOCK):
            block = floats[start : start + _BLOCK].astype(np.float64)
            yield block[~np.isnan(block)]


def _inside(values: FloatArray, least: FloatArray, greatest: FloatArray) -> FloatArray:
    group = np.searchsorted(least, values, side="right") - 1
    kept: FloatArray = values[(group >= 0) & (values <= greatest[group])]
    return kept


def _stream_levels(chunks: Iterable[object], key: bytes, most: int) -> Streamed:
    pilot: Counter[str] = Counter()
    rest: Counter[str] = Counter()
    missing = invalid = start = 0
    for chunk in chunks:
        rows = list(cast("Iterable[object]", chunk))
        chosen = pilot_rows(len(rows), key, start)
        start += len(rows)
        pilot.update(level_counts(compress(rows, chosen)).levels)
        found = level_counts(compress(rows, ~chosen))
        rest.update(found.levels)
        missing, invalid = missing + found.missing, invalid + found.invalid
        if len(rest) > most or len(pilot) > most:
            raise BadValues(
                f"over {most} different levels in {start} rows: the column names rows rather than"
                " groups them; leave it out, or derive a coarser one"
            )
    grid = CategoricalGrid.choose(pilot, pilot + pilot + rest)
    cells = np.zeros(grid.size, np.int64)
    np.add.at(cells, grid.index(list(rest)), list(rest.values()))
    cells[:2] += missing, invalid
    return Streamed(grid, Counts(grid, cells), 0)
