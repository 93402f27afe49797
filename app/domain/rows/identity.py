"""Which rows a batch holds: its ids as keyed hashes, so that a row counted before is recognised.

A row is its id and its event time; where rows have no time, its id alone. An id is text as levels
are: ``17``, ``17.0`` and ``"17"`` are one.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from app.domain.batch import CountVector, Identified, PaneCounts, Panes, RawColumn, Table
from app.domain.counts import counting
from app.domain.errors import MAX_FAULTS, Invalid
from app.domain.model import Role, Schema
from app.domain.rows.pointing import fault_at
from app.domain.rows.siphash import hash_texts
from app.domain.rows.texts import series_of
from app.domain.rows.values import TEXTS, Absent, Countable, Levels, Numbers, levels, rows_of
from app.domain.segments.dividing import Part, count_divided
from drift_core import Coded, GridSet, Texts

MINUTE = 60_000_000
MINUTES = 24 * 60
MINUTE_BITS = 11
SPELLED_ANEW = r"^[+-]?[0-9]+\.0+$"
"""Text that another producer writes as a whole number."""

Order = npt.NDArray[np.int64]


def identify(
    table: Table, schema: Schema, key: bytes, model_id: int, times: Order | None
) -> CountVector:
    """Return a hash for each row, as signed 64-bit integers.

    With times the minute of the day leads, so that rows that happened together lie together in
    the database: it is written page by page instead of all over.

    Parameters
    ----------
    table
        Decoded rows.
    schema
        Names the column of ids.
    key
        Sixteen secret bytes; without them nobody can make two ids collide.
    model_id
        Ids of different models are different.
    times
        Microseconds since 1970, shape (rows,); None where rows have no time of their own.

    Raises
    ------
    Invalid
        The column is missing, or rows have no id.
    """
    text, ends = _texts(table, schema)
    numbers = np.full(table.rows, -1, np.int64) if times is None else times
    hashes = hash_texts(key, model_id, numbers, text, ends)
    if times is None:
        return hashes.view(np.int64)
    minutes = (times // MINUTE % MINUTES).astype(np.uint64)
    led = (minutes << np.uint64(64 - MINUTE_BITS)) | (hashes >> np.uint64(MINUTE_BITS))
    return led.view(np.int64)


def identified(
    hashes: CountVector,
    grids: GridSet,
    values: Mapping[str, Countable],
    panes: Panes,
    parts: Sequence[Part] = (),
    *,
    timed: bool,
) -> Identified:
    """Return the rows of a batch with what it takes to count some of them again."""
    held = sum(part.of_rows.nbytes for part in parts) + sum(map(_weight, values.values()))
    return Identified(
        hashes=hashes,
        panes=panes,
        timed=timed,
        weight=hashes.nbytes + panes.of_rows.nbytes + held,
        recount=partial(_recount, grids, values, panes, parts),
    )


def _recount(
    grids: GridSet,
    values: Mapping[str, Countable],
    panes: Panes,
    parts: Sequence[Part],
    rows: Order,
) -> tuple[PaneCounts, ...]:
    if not rows.size:
        return ()
    kept, places = np.unique(panes.of_rows[rows], return_inverse=True)
    starts = [panes.starts[index] for index in kept.tolist()]
    some = {name: counting.some(found, rows) for name, found in values.items()}
    some_panes = Panes(starts, places.astype(np.int64))
    return count_divided(grids, some, some_panes, [part.take(rows) for part in parts])


def _weight(values: Countable) -> int:
    if isinstance(values, Absent):
        return 0
    if isinstance(values, Numbers):
        return values.values.nbytes + values.invalid.nbytes
    if isinstance(values, Levels):
        return values.codes.nbytes + values.invalid.nbytes
    texts = values.texts
    if isinstance(texts, Coded):
        return texts.codes.nbytes
    if isinstance(texts, Texts):
        return texts.offsets.nbytes + texts.data.nbytes
    return texts.views.nbytes + sum(buffer.nbytes for buffer in texts.buffers)


def _texts(table: Table, schema: Schema) -> tuple[npt.NDArray[np.uint8], Order]:
    """Return all ids end to end, and where each begins."""
    feature = schema.of_role(Role.ID)
    name = feature.name if feature else ""
    column = table.columns.get(name)
    if column is None:
        fault = fault_at(table.layout, "the model needs this column to tell rows apart", None, name)
        raise Invalid("the ids of the rows are missing", (fault,), rows=table.rows)
    spelled = _spelled(column)
    if spelled.null_count():
        without = rows_of(spelled.is_null().to_numpy(), 10 * MAX_FAULTS)
        faults = (fault_at(table.layout, "the row has no id", row, name) for row in without)
        raise Invalid("rows without an id cannot be told apart", tuple(faults), rows=table.rows)
    array = spelled.to_arrow().cast(pa.large_binary())
    _, ends, text = array.buffers()
    begin, rows = array.offset, len(array)
    data = np.frombuffer(text or b"", np.uint8)
    return data, np.frombuffer(ends, np.int64)[begin : begin + rows + 1]


def _spelled(column: RawColumn) -> pl.Series:
    """Return ids as text; null where there is none that is text, a number or a boolean."""
    if isinstance(column, Coded):
        column = series_of(column)
    if isinstance(column, list) and set(map(type, column)) <= TEXTS:
        column = pl.Series(column, dtype=pl.String)
    if isinstance(column, pl.Series):
        if column.dtype.is_integer():
            return column.cast(pl.String)
        if column.dtype == pl.String and not column.str.contains(SPELLED_ANEW).any():
            return column
    found = levels(column)
    texts = np.array([*found.dictionary, None], dtype=object)
    return pl.Series(texts[found.codes].tolist(), dtype=pl.String)
