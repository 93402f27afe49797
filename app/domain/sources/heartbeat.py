"""What a source says it has sent, so that a window can tell what is missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.alerts.event import rfc3339
from app.domain.errors import Conflict, Fault, Invalid
from app.domain.window import PANE, floor


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A source's word: so many rows of a version happened in ``[start, end)``."""

    version: str
    source: str
    start: datetime
    end: datetime
    rows: int


def check(heartbeat: Heartbeat, window: timedelta) -> None:
    """Refuse a span that cannot be held against one window.

    Raises
    ------
    Invalid
        It is empty, does not lie on quarters of an hour, or crosses the border of a window.
    """
    start, end = heartbeat.start, heartbeat.end
    if floor(start, PANE) != start or floor(end, PANE) != end:
        raise _refusal("from", "must lie on a quarter of an hour, as `to` must")
    if end <= start:
        raise _refusal("to", "must lie after `from`")
    if end > floor(start, window) + window:
        raise _refusal("to", "lies beyond the window that `from` is in; send one for each window")


def overlap(heartbeat: Heartbeat, start: datetime, end: datetime) -> Conflict:
    """Return the refusal of a span, of which an earlier word covers more than this one does."""
    return Conflict(
        f"source {heartbeat.source!r} spoke of {rfc3339(start)} to {rfc3339(end)} before, which "
        "overlaps this span and reaches beyond it: say that span again, or one that covers it",
        code="heartbeat-overlap",
    )


def _refusal(field: str, detail: str) -> Invalid:
    return Invalid("the heartbeat's span cannot be used", (Fault(detail, field=field),))
