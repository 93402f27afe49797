"""Which window takes which pane of a batch; pure, over windows that were read before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from app.domain.batch import CountedBatch, PaneCounts
from app.domain.model import WHOLE
from app.domain.retention import Stage
from app.domain.window import floor, is_final

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Names a window of the base frame."""

    model_id: int
    version: str
    segment: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Admitted:
    """What of a model decides about its batches."""

    grid_set_id: int | None
    cells: int
    """Of all features on the active grid set."""
    window: timedelta
    final_after: timedelta
    changed_at: datetime
    """When its declaration changed last; batches were counted by one of them."""
    row_horizon: timedelta | None = None
    """How long rows are remembered, so that each counts once."""
    removed_until: datetime | None = None
    """Windows that ended by then were removed, perhaps with rows that come again."""
    frames: Sequence[list[int]] | None = None
    """Minutes of width and step of windows beside the model's own; None: there are none."""


@dataclass(frozen=True, slots=True)
class Known:
    """A window that exists."""

    id: int
    closed_at: datetime | None
    stage: int = Stage.LIVE


class Fate(StrEnum):
    """What becomes of the rows of one pane."""

    OPENS = "opens"
    COUNTS = "counts"
    RESTATES = "restates"
    LATE = "late"


COUNTED = frozenset({Fate.OPENS, Fate.COUNTS, Fate.RESTATES})


@dataclass(frozen=True, slots=True)
class Placed:
    """One pane of a batch and what becomes of it."""

    counts: PaneCounts
    slot: Slot
    fate: Fate
    window: int | None = None
    """Id of the window, where it exists."""


def slots(batch: CountedBatch, width: timedelta) -> Iterator[tuple[PaneCounts, Slot]]:
    """Yield each pane of a batch with the window that it belongs to."""
    envelope = batch.envelope
    for pane in batch.panes:
        start = floor(pane.pane, width)
        yield pane, Slot(envelope.model_id, envelope.version, pane.segment, start)


def place(
    batch: CountedBatch, model: Admitted, windows: Mapping[Slot, Known], now: datetime
) -> tuple[Placed, ...]:
    """Return what becomes of each pane of a batch."""
    made = []
    late: set[datetime] = set()
    # the whole's windows come first, since rows that are late there are late in every segment
    for pane, slot in sorted(slots(batch, model.window), key=_whole_first):
        window = windows.get(slot)
        fate = _fate(slot, window, model, now)
        if pane.pane < forgotten(model, now) or slot.start in late:
            fate = Fate.LATE
        elif fate is Fate.LATE and slot.segment == WHOLE:
            late.add(slot.start)
        made.append(Placed(pane, slot, fate, window.id if window else None))
    return tuple(made)


def _whole_first(placed: tuple[PaneCounts, Slot]) -> bool:
    return placed[1].segment != WHOLE


def forgotten(model: Admitted, now: datetime) -> datetime:
    """Return the day before which a row may have been counted and forgotten."""
    if model.row_horizon is None:
        return datetime.min.replace(tzinfo=UTC)
    return floor(now, DAY) - model.row_horizon


def _fate(slot: Slot, window: Known | None, model: Admitted, now: datetime) -> Fate:
    if window is None:
        removed = model.removed_until is not None and slot.start < model.removed_until
        return Fate.LATE if removed else Fate.OPENS
    if window.stage != Stage.LIVE or is_final(window.closed_at, model.final_after, now):
        return Fate.LATE
    return Fate.COUNTS if window.closed_at is None else Fate.RESTATES


def late_rows(batch: CountedBatch, placed: Sequence[Placed]) -> int:
    """Return the rows that come too late; the whole's panes decide, since they hold every row.

    Raises
    ------
    ValueError
        The panes of the whole do not hold the batch's rows: counting it would break
        received = counted + duplicate + late + rejected.
    """
    whole = [p for p in placed if p.slot.segment == WHOLE]
    if sum(p.counts.rows for p in whole) != batch.rows:
        raise ValueError("the panes of a batch must hold exactly its rows")
    return sum(p.counts.rows for p in whole if p.fate is Fate.LATE)
