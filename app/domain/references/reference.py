"""A reference becomes counts: on the model's active grid set if it fits, else on one of its own."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.batch import CountVector, Table
from app.domain.counts.counting import count, count_all
from app.domain.declaration import check_schema
from app.domain.errors import Conflict, Fault, Invalid
from app.domain.model import Schema, StoredGridSet, Warned
from app.domain.references.fingerprint import digest_of_rows, fingerprint_of
from app.domain.references.suspicion import Counted, suspicions
from app.domain.rows.infer import infer_schema
from app.domain.rows.profile import Columns, read_columns, refuse_nested
from app.domain.rows.values import Levels, Mask, Numbers, Values
from app.domain.segments.reference import NO_SEGMENTS, Segmented, choose, columns_of, counted
from app.domain.segments.segment import Segmentation
from drift_core import CategoricalGrid, Counts, Grid, GridSet, pilot_rows

CELLS = 262_144
"""Cells of all features of a model; wide models get coarser grids."""
MOST_CELLS = 2_048
MOST_LEVELS = 1_000
LEVEL_CELLS = 4
"""Cells of a categorical grid besides its levels."""
MOST_IN_CELL = 0.02
"""Share of a reference in one open cell, from which a grid is too coarse for it: comparisons
give up where the KS bracket, which is that share at most, passes 0.05."""
MOST_UNSEEN = 0.01


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference after counting, ready to be stored as a baseline."""

    schema: Schema
    grids: GridSet
    founding: bool
    """Whether ``grids`` is a set of its own; else it is the active one that was handed in."""
    vector: CountVector
    rows: int
    fingerprint: str
    warnings: tuple[Warned, ...]
    segmented: Segmented = NO_SEGMENTS


def build_reference(
    table: Table,
    declared: Schema | None,
    active: StoredGridSet | None,
    cells: int = CELLS,
    segments: Segmentation | None = None,
) -> Reference:
    """Count a reference.

    Parameters
    ----------
    table
        Its rows; all of them are the reference, whatever their times.
    declared
        The model's schema; inferred where there is none. Columns that it lacks are left out.
    active
        The model's active grid set, if it has one.
    cells
        The budget of a new grid set.
    segments
        What the rows are to be divided into; a grid set has the segments that it was made with.

    Raises
    ------
    Invalid
        A column to be counted is nested, nothing is left to count, or more than can be.
    """
    schema = declared or infer_schema(table)
    check_schema(schema)
    if not schema.counted():
        raise Invalid(
            "no column of the reference can be counted", (Fault("there is nothing to watch"),)
        )
    refuse_nested(table, schema)
    columns = read_columns(table, schema)
    content = digest_of_rows(schema, columns.values)
    dividing = columns_of(table, schema, segments, columns.values)
    if active is not None and _same(schema, segments, active):
        vector = count_all(active.grids, columns.values)
        if not unfit(active.grids, vector):
            found = Counted(active.grids, vector, founding=False)
            divided = NO_SEGMENTS
            if active.segments is not None:
                divided = counted(active.segments, dividing, found.grids, columns.values, None)
            return _reference(schema, table.rows, columns, found, content, divided)
    pilot = pilot_rows(table.rows, content)
    found = _found(schema, columns.values, pilot, cells)
    divided = NO_SEGMENTS
    if segments is not None:
        plan = choose(segments, dividing, pilot)
        divided = counted(plan, dividing, found.grids, columns.values, pilot)
    return _reference(schema, table.rows, columns, found, content, divided)


def reference_of_windows(
    vector: CountVector,
    rows: int,
    schema: Schema,
    active: StoredGridSet,
    segmented: Segmented = NO_SEGMENTS,
) -> Reference:
    """Make a reference of stored counts, which lie on the active grid set.

    Raises
    ------
    Conflict
        It does not fit that set: the rows are gone, so that it cannot start one of its own.
    """
    reasons = unfit(active.grids, vector)
    if reasons or not _same_features(schema, active.grids):
        names = ", ".join(repr(name) for name in list(reasons)[:10]) or "the schema"
        raise Conflict(
            f"the grid set is too coarse for these windows ({names}); upload their rows instead",
            code="grid-unfit",
        )
    content = b"windows" + vector.astype("<i8").tobytes()
    fingerprint = fingerprint_of(content + segmented.content, active.grids.digest)
    return Reference(schema, active.grids, False, vector, rows, fingerprint, (), segmented)


def unfit(grids: GridSet, vector: CountVector) -> dict[str, str]:
    """Return the features whose grid does not resolve these counts, and why.

    A reference of few rows is given three standard deviations, so that chance starts no new set.
    """
    reasons: dict[str, str] = {}
    for name, counts in grids.split(vector).items():
        points = counts.grid.points
        if isinstance(counts.grid, CategoricalGrid):
            if counts.cells[counts.grid.unseen_cell] > _limit(MOST_UNSEEN, counts.present):
                reasons[name] = "many new levels"
        elif points is not None:
            largest = int(counts.values[~points].max(initial=0))
            if largest > _limit(MOST_IN_CELL, counts.present):
                reasons[name] = "an open cell holds too much"
    return reasons


def _limit(share: float, rows: int) -> float:
    return share * rows + 3 * math.sqrt(share * rows)


def _same(schema: Schema, segments: Segmentation | None, active: StoredGridSet) -> bool:
    """Whether rows are counted on a grid set as they would be on one of their own."""
    made_with = None if active.segments is None else active.segments.asked
    return made_with == segments and _same_features(schema, active.grids)


def _same_features(schema: Schema, grids: GridSet) -> bool:
    wanted = {feature.name: feature.kind.value for feature in schema.counted()}
    return wanted == {name: grid.kind for name, grid in grids.grids}


def _found(schema: Schema, values: Mapping[str, Values], pilot: Mask, cells: int) -> Counted:
    """Build a grid set and count on it.

    Levels are chosen on a fifth of the rows, and only the rest are counted: a level that was
    chosen because of its rows would not be as frequent in any other sample.
    """
    each = cells // len(schema.counted())
    grids: list[tuple[str, Grid]] = []
    counts: dict[str, Counts] = {}
    for feature in schema.counted():
        found = values[feature.name]
        if isinstance(found, Levels):
            grid: Grid = _levels_grid(found, pilot, min(MOST_LEVELS, each - LEVEL_CELLS))
            counts[feature.name] = count(grid, found, np.flatnonzero(~pilot))
        else:
            grid = _numbers_grid(found, min(MOST_CELLS, each))
            counts[feature.name] = count(grid, found)
        grids.append((feature.name, grid))
    founded = GridSet(tuple(grids))
    return Counted(founded, founded.join(counts), founding=True)


def _numbers_grid(values: Numbers, cells: int) -> Grid:
    return Grid.numeric(values.values[~np.isnan(values.values)], max_cells=cells)


def _levels_grid(values: Levels, pilot: Mask, most: int) -> Grid:
    codes = values.codes[pilot & (values.codes >= 0)].tolist()
    texts = [values.dictionary[code] for code in codes]
    return Grid.categorical(texts, max_levels=most, seen=values.dictionary)


def _reference(
    schema: Schema,
    rows: int,
    columns: Columns,
    counted: Counted,
    content: bytes,
    segmented: Segmented,
) -> Reference:
    return Reference(
        schema=schema,
        grids=counted.grids,
        founding=counted.founding,
        vector=counted.vector,
        rows=rows,
        fingerprint=fingerprint_of(content + segmented.content, counted.grids.digest),
        warnings=suspicions(schema, rows, columns, counted),
        segmented=segmented,
    )
