"""A batch of prediction rows on its way in, and our durable answer to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from app.domain.sources.sequence import Numbered
from drift_core import Coded

RawColumn: TypeAlias = pl.Series | list[object] | Coded
"""A column as decoded: typed where the format types it, Python values where rows may mix types.

Text that came dictionary-coded stays so: codes of int32, -1 where there is no value.
"""
CountVector: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
LONGEST_NAME = 1_024
"""Bytes of a column's name: databases index names, PostgreSQL only up to some 2,700 bytes."""


class Layout(StrEnum):
    """How the body laid out its rows, which decides what points to a value of it."""

    ARRAY = "array"
    ROWS = "rows"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True)
class Nested:
    """A column of lists, structs or the like: known to be there, but not read."""

    kind: str
    """Its type, as the format calls it."""
    present: Mask | None = None
    """Which rows have a value; None where the format tells of none that lacks it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Decoded rows: columns by name, all of the same height."""

    columns: Mapping[str, RawColumn]
    rows: int
    nested: Mapping[str, Nested] = field(default_factory=dict)
    untyped: bool = False
    """Whether the format knows text only (CSV), so that a number is spelled as text."""
    layout: Layout = Layout.ROWS


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a batch besides its rows."""

    model_id: int
    key: str
    fingerprint: bytes
    """16 bytes of the digest of the decompressed body, content type and query."""
    version: str
    source: str
    deduplicated: bool
    """False where nothing identifies the batch: no key given, no id or timestamp column."""
    received_at: datetime
    declared_at: datetime | None = None
    """When what it is counted by was declared; None: only the grid set is checked again."""
    row_key: bytes | None = None
    """Of the hashes of row ids, where the model asks for each row to be counted once."""
    sequence: Numbered | None = None
    """The number that its source gave it."""


@dataclass(frozen=True, slots=True)
class PaneCounts:
    """What one batch adds to one pane: only the cells that it touches, all features end to end.

    A batch of few rows touches few of the many cells, and a batch may span many panes: whole
    vectors would cost a thousand times the rows themselves.
    """

    segment: str
    pane: datetime
    rows: int
    cells: CountVector
    """Distinct cell numbers in the grid set's vector, ascending."""
    counts: CountVector
    """How often each of ``cells`` was hit; all positive."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was odd in a batch but did not reject it; names of columns, never values."""

    invalid: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    invalid_rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Numbers of the first rows of each, from 0; not known where parts were added up."""


@dataclass(frozen=True, slots=True)
class Panes:
    """Starts of the panes of a batch, in order, and which of them each row belongs to."""

    starts: Sequence[datetime]
    of_rows: CountVector


@dataclass(frozen=True, slots=True)
class Identified:
    """Which rows a batch holds, so that those counted before can be left out."""

    hashes: CountVector
    """Of each row's identity, shape (rows,)."""
    panes: Panes
    """When each of them happened; a pane may stand there twice."""
    timed: bool
    """Whether rows have a time of their own, which is then part of their identity."""
    weight: int
    """Bytes that are held for counting again."""
    recount: Callable[[CountVector], Sequence[PaneCounts]]
    """Counts some rows again, given their numbers in ascending order."""


@dataclass(frozen=True, slots=True)
class CountedBatch:
    """A batch after counting, ready to be committed."""

    envelope: Envelope
    grid_set: int
    """Database id of the grid set it was counted on; checked again in the transaction."""
    rows: int
    panes: Sequence[PaneCounts]
    findings: Findings
    first_event: datetime
    last_event: datetime
    identified: Identified | None = None
    """Where the model asks for each row to be counted once."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Our durable answer: received = counted + duplicate + late + rejected."""

    key: str
    version: str
    source: str
    received: int
    counted: int
    late: int
    findings: Findings
    deduplicated: bool
    first_event: datetime
    last_event: datetime
    received_at: datetime
    duplicate: int = 0
    rejected: int = 0
    rows_deduplicated: bool | None = None
    """Whether rows counted before were left out; None where the model does not ask for it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The batch is committed now."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Repeated:
    """The batch was committed before under the same key; nothing was added."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Reused:
    """The key was used before with another body; nothing was added."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """A twin of this batch is being committed elsewhere at this moment; try again shortly."""


@dataclass(frozen=True, slots=True)
class Recount:
    """The model's grid set changed since the batch was counted; count it again."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The model was deleted meanwhile."""


Outcome: TypeAlias = Counted | Repeated | Reused | InFlight | Recount | Gone
