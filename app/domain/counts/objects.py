"""From the rows of one object to its counts: pure, and parts of it are simply added.

Whatever runs `counts_of` for many objects, threads, processes or a cluster, comes to the same
counts, since they are whole numbers and their order does not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from app.domain.batch import (
    CountedBatch,
    CountVector,
    Envelope,
    Findings,
    Identified,
    PaneCounts,
    Panes,
    Table,
)
from app.domain.counts.adding import MOST_HELD, add, size_of
from app.domain.errors import Fault, Invalid, TooLarge
from app.domain.model import DEFAULT_VERSION, Ground
from app.domain.rows.profile import tally, time_column
from app.domain.sources.source import Listed, Source, Trouble, batch_key, digest_of

MOST_COUNTS = 128_000_000
"""Bytes of one object's counts: rows of years are in many panes."""


@dataclass(frozen=True, slots=True)
class Counting:
    """What all rows of an object are counted on, and under which name."""

    ground: Ground
    envelope: Envelope
    modified: datetime
    """Rows without a time have that of the object, whenever it is read."""


def counting_of(source: Source, listed: Listed, ground: Ground, now: datetime) -> Counting:
    """Return what an object is counted on; its key names its content, not who counts it."""
    digest = digest_of(source, listed)
    envelope = Envelope(
        model_id=ground.model.id,
        key=batch_key(digest),
        fingerprint=digest[:16],
        version=source.version or ground.champion or DEFAULT_VERSION,
        source=source.name,
        deduplicated=True,
        received_at=now,
        declared_at=ground.declared_at,
        row_key=ground.row_key,
    )
    return Counting(ground, envelope, listed.modified)


def counts_of(tables: Iterable[Table], counting: Counting) -> CountedBatch:
    """Return the counts of an object whose rows come as tables, in memory for one of them.

    Raises
    ------
    Trouble
        Its rows cannot be counted.
    """
    total: CountedBatch | None = None
    for table in tables:
        total = plus(total, table, counting)
    return whole(total, counting)


def whole(total: CountedBatch | None, counting: Counting) -> CountedBatch:
    """Return the counts of an object that was read to its end: none where it has no rows."""
    return _nothing(counting) if total is None else total


def plus(total: CountedBatch | None, table: Table, counting: Counting) -> CountedBatch:
    """Count some more rows of an object, and add them to what the rows before came to.

    Raises
    ------
    Trouble
        The rows cannot be counted, or are spread too widely.
    """
    before = 0 if total is None else total.rows
    try:
        counted = _counted(table, counting)
    except Invalid as error:
        code = "too-large" if isinstance(error, TooLarge) else "wrong-rows"
        rows = before + table.rows
        faults = tuple(_shifted(fault, before) for fault in error.faults)
        raise Trouble(code, error.detail, faults=faults, rows=rows) from error
    total = counted if total is None else add(total, counted)
    if size_of(total) > MOST_COUNTS + MOST_HELD:
        detail = "its rows are spread over too many panes of 15 minutes"
        raise Trouble("too-large", detail, rows=before + table.rows)
    return total


def _nothing(counting: Counting) -> CountedBatch:
    """Return the counts of no rows, so that the object is done like any other."""
    ground, envelope = counting.ground, counting.envelope
    if ground.active is None:
        raise Trouble("wrong-rows", "the model has no baseline")
    at = min(envelope.received_at, counting.modified)
    none = np.empty(0, np.int64)
    rows = Identified(none, Panes((), none), timed=False, weight=0, recount=_no_panes)
    return CountedBatch(
        envelope=envelope,
        grid_set=ground.active.id,
        rows=0,
        panes=(),
        findings=Findings(),
        first_event=at,
        last_event=at,
        identified=None if envelope.row_key is None else rows,
    )


def _no_panes(_: CountVector) -> Sequence[PaneCounts]:
    return ()


def _shifted(fault: Fault, rows: int) -> Fault:
    """Return a fault of a piece as one of the object; a pointer leads into the piece only."""
    if not rows or fault.row is None:
        return fault
    return replace(fault, row=fault.row + rows, pointer="")


def _counted(table: Table, counting: Counting) -> CountedBatch:
    ground, envelope = counting.ground, counting.envelope
    schema, grids = ground.model.schema, ground.active
    if schema is None or grids is None:
        raise Trouble("wrong-rows", "the model has no baseline")
    timed = time_column(table, schema)
    arrival = envelope.received_at
    if timed is None:
        arrival = min(arrival, counting.modified)
    arrived = replace(envelope, received_at=arrival)
    batch = tally(table, schema, grids, arrived, ground.model.settings)
    return replace(batch, envelope=envelope)
