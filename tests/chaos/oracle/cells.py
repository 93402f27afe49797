"""Stored counts as rows of levels: which batch counted how often, pane by pane."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import zstandard
from sqlalchemy import Connection, select

from app.domain.batch import CountVector
from app.store import tables as t
from app.store.counts import encoding
from drift_core import GridSet
from tests.chaos.encode import tag
from tests.chaos.plan import SPARE

LARGEST_GRIDS = 1 << 26
FEATURES = ("code", "tag")


@dataclass(frozen=True, slots=True)
class Pane:
    """One pane of one model."""

    rows: int
    levels: Mapping[str, Mapping[int, int]]
    """Rows of each level that has some, by feature."""
    stray: int
    """Rows that a feature counted in a cell of no level."""


@dataclass(frozen=True, slots=True)
class Summed:
    """A pane's counts as they lie, and its rows."""

    vector: CountVector
    rows: int


def grid_sets(connection: Connection) -> dict[int, GridSet]:
    found = {}
    for row in connection.execute(select(t.grid_set.c.id, t.grid_set.c.grids)):
        raw = zstandard.ZstdDecompressor().decompress(row.grids, max_output_size=LARGEST_GRIDS)
        found[row.id] = GridSet.from_json(json.loads(raw))
    return found


def summed(connection: Connection) -> dict[tuple[int, int, datetime], Summed]:
    """Return the sum of all deltas by model, grid set and pane."""
    grids = grid_sets(connection)
    query = select(
        t.series.c.model_id,
        t.series.c.grid_set_id,
        t.delta.c.pane,
        t.delta.c.rows,
        t.delta.c.counts,
    ).join(t.series, t.series.c.id == t.delta.c.series_id)
    vectors: dict[tuple[int, int, datetime], CountVector] = {}
    rows: dict[tuple[int, int, datetime], int] = defaultdict(int)
    for row in connection.execute(query):
        key = (row.model_id, row.grid_set_id, row.pane)
        if key not in vectors:
            vectors[key] = np.zeros(grids[row.grid_set_id].size, np.int64)
        encoding.unpack_add(bytes(row.counts), vectors[key])
        rows[key] += row.rows
    return {key: Summed(vector, rows[key]) for key, vector in vectors.items()}


def pane(grids: GridSet, found: Summed, levels: int) -> Pane:
    by_feature: dict[str, dict[int, int]] = {}
    stray = 0
    for name in FEATURES:
        cells = grids.counts(found.vector, name).cells
        places = _places(grids, name, levels)
        by_feature[name] = {
            level: int(cells[place]) for level, place in enumerate(places) if cells[place]
        }
        stray += abs(found.rows - sum(by_feature[name].values()))
    return Pane(found.rows, by_feature, stray)


def _places(grids: GridSet, name: str, levels: int) -> list[int]:
    """Return the cell of each level, found by counting one row of it."""
    everything = range(levels + SPARE)
    values = [float(level) if name == "code" else tag(level) for level in everything]
    return [int(np.flatnonzero(grids[name].count([value]).cells)[0]) for value in values]
