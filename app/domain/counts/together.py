"""Small batches counted together: most of what counting one row costs is the same for many."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import polars as pl

from app.domain.batch import CountedBatch, Envelope, Findings, PaneCounts, Table
from app.domain.counts.counting import count_panes
from app.domain.errors import Invalid
from app.domain.model import Schema, Settings, StoredGridSet
from app.domain.rows.flat import Column, Flat, raw_of
from app.domain.rows.joining import joined
from app.domain.rows.profile import MAX_NAMES, PANE_MICROS, Countables, first_rows, read, tally
from app.domain.rows.times import Micros, to_datetime, to_micros
from app.domain.rows.values import Mask
from app.domain.segments.dividing import Part, count_part, parts_of

Tallied: TypeAlias = CountedBatch | Invalid


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A batch that is yet to be counted, and what `tally` wants to know for it."""

    table: Table
    schema: Schema
    grids: StoredGridSet
    envelope: Envelope
    settings: Settings

    @property
    def values(self) -> int:
        """How many there are to count; those of absent columns count as missing."""
        return values_of(self.table, self.schema)


def values_of(table: Table, schema: Schema) -> int:
    """Return how many values a table gives to count."""
    return table.rows * max(1, len(table.columns), len(schema.counted()))


def tally_together(batches: Sequence[Uncounted]) -> list[Tallied]:
    """Return for each batch what `tally` alone would return, or raise."""
    alike: dict[Hashable, list[int]] = defaultdict(list)
    for place, batch in enumerate(batches):
        alike[_likeness(batch) or place].append(place)
    found: dict[int, Tallied] = {}
    for places in alike.values():
        found.update(zip(places, _alike([batches[i] for i in places]), strict=True))
    return [found[place] for place in range(len(batches))]


def _likeness(batch: Uncounted) -> Hashable:
    """Return what two batches share that can be counted as one; None for one to count alone."""
    if batch.table.nested or batch.envelope.row_key is not None:
        return None
    raw = raw_of(batch.table.columns)
    columns: Hashable = tuple(raw)
    if set(map(type, raw.values())) != {list}:
        columns = tuple((name, _kind(column)) for name, column in raw.items())
    what = (id(batch.schema), id(batch.grids), id(batch.settings), batch.envelope.model_id)
    return (*what, batch.table.untyped, columns)


def _kind(column: Column) -> Hashable:
    if isinstance(column, Flat):
        return column.likeness()
    return str(column.dtype) if isinstance(column, pl.Series) else type(column).__name__


def _alike(batches: Sequence[Uncounted]) -> list[Tallied]:
    if len(batches) > 1:
        try:
            return list(_as_one(batches))
        except Invalid:
            pass  # which of them it is, and what is wrong, is found one by one
    return [_alone(batch) for batch in batches]


def _alone(batch: Uncounted) -> Tallied:
    try:
        return tally(batch.table, batch.schema, batch.grids, batch.envelope, batch.settings)
    except Invalid as error:
        return error


def _as_one(batches: Sequence[Uncounted]) -> Sequence[CountedBatch]:
    first = batches[0]
    heights = np.array([batch.table.rows for batch in batches])
    begins = np.cumsum(heights) - heights
    owners = np.repeat(np.arange(heights.size), heights)
    arrivals = np.array([to_micros(batch.envelope.received_at) for batch in batches])
    table = joined([batch.table for batch in batches])
    times, columns = read(table, first.schema, first.settings, arrivals[owners])
    parts = parts_of(table, first.schema, first.grids, first.settings, columns.values)
    panes = _panes(first.grids, columns, times, owners, parts)
    found = _findings(columns, begins)
    earliest, latest = (of.reduceat(times, begins).tolist() for of in (np.minimum, np.maximum))
    return [
        CountedBatch(
            envelope=batch.envelope,
            grid_set=batch.grids.id,
            rows=batch.table.rows,
            panes=panes[i],
            findings=found[i],
            first_event=to_datetime(earliest[i]),
            last_event=to_datetime(latest[i]),
        )
        for i, batch in enumerate(batches)
    ]


def _panes(
    grids: StoredGridSet,
    columns: Countables,
    times: Micros,
    owners: Micros,
    parts: Sequence[Part],
) -> Sequence[Sequence[PaneCounts]]:
    """Return each batch's counts: a pane of each batch is counted like a pane of one."""
    numbers = times // PANE_MICROS
    base = int(numbers.min())
    span = int(numbers.max()) - base + 1
    pairs, places = np.unique(owners * span + (numbers - base), return_inverse=True)
    starts = [to_datetime((base + pair % span) * PANE_MICROS) for pair in pairs.tolist()]
    places = places.astype(np.int64)
    counted = count_panes(grids.grids, columns.values, places, starts)
    bounds = np.searchsorted(pairs // span, np.arange(int(owners[-1]) + 2)).tolist()
    found = [list(counted[begin:end]) for begin, end in pairwise(bounds)]
    for part in parts:
        for place, one in count_part(grids.grids, columns.values, places, starts, part):
            found[int(pairs[place]) // span].append(one)
    return found


def _findings(columns: Countables, begins: Micros) -> Sequence[Findings]:
    odd = columns.findings
    if not odd.invalid:
        return [odd] * begins.size
    wrong = {name: np.split(columns.values[name].invalid, begins[1:]) for name in odd.invalid}
    return [_own({name: rows[i] for name, rows in wrong.items()}, odd) for i in range(begins.size)]


def _own(wrong: Mapping[str, Mask], odd: Findings) -> Findings:
    """Return what is odd about one of the batches."""
    counted = {name: int(np.count_nonzero(some)) for name, some in wrong.items()}
    invalid = {name: count for name, count in counted.items() if count}
    rows = {name: first_rows(wrong[name]) for name in [*invalid][:MAX_NAMES]}
    return Findings(invalid, odd.absent, odd.unknown, rows)
