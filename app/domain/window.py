"""Time: panes, windows, the watermark, and when a window may close or is final."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

PANE = timedelta(minutes=15)
"""The smallest half-open interval of event time that is stored."""

MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
"""Windows are aligned to this Monday, so that a week starts where people expect it."""

FUTURE_TOLERANCE = timedelta(minutes=5)
SOURCE_MEMORY = timedelta(minutes=10)
IDLE_AT_LEAST = timedelta(seconds=60)


class WindowStatus(StrEnum):
    """Open takes rows; closed takes rows as restatements; final takes none."""

    OPEN = "open"
    CLOSED = "closed"
    FINAL = "final"


def floor(time: datetime, width: timedelta) -> datetime:
    """Return the start of the aligned half-open interval of ``width`` that holds ``time``."""
    return MONDAY + ((time - MONDAY) // width) * width


def pane_of(time: datetime) -> datetime:
    """Return the start of the pane that holds ``time``."""
    return floor(time, PANE)


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """How far one source of a model's version has come."""

    source: str
    latest_event: datetime
    last_commit: datetime
    live: bool = True
    """False where it brings rows of the past, which hold nothing back."""


def watermark(sources: Iterable[SourceProgress], now: datetime) -> datetime | None:
    """Return how far event time is complete: the slowest source among those heard of lately.

    A source that has been silent for ten minutes no longer holds the others back; when all are
    silent, the furthest of them counts.
    """
    known = list(sources)
    live = [s.latest_event for s in known if s.live and now - s.last_commit <= SOURCE_MEMORY]
    if live:
        return min(live)
    return max((s.latest_event for s in known), default=None)


def last_commit(sources: Iterable[SourceProgress]) -> datetime | None:
    return max((s.last_commit for s in sources), default=None)


@dataclass(frozen=True, slots=True)
class Progress:
    """What closing looks at: the sources of a (model, version) and the present time."""

    sources: tuple[SourceProgress, ...]
    now: datetime


def closable_until(lateness: timedelta, progress: Progress) -> datetime | None:
    """Return the latest end that a window may have to close now; None where none may.

    Event time decides; where traffic has stopped, real time does, once nothing was committed for
    a while.
    """
    mark = watermark(progress.sources, progress.now)
    committed = last_commit(progress.sources)
    if mark is None or committed is None:
        return None
    idle = progress.now - committed >= max(lateness, IDLE_AT_LEAST)
    return (max(mark, progress.now) if idle else mark) - lateness


def closable(end: datetime, lateness: timedelta, progress: Progress) -> bool:
    """Whether a window that ends at ``end`` may close."""
    until = closable_until(lateness, progress)
    return until is not None and end <= until


def is_final(closed_at: datetime | None, final_after: timedelta, now: datetime) -> bool:
    """Whether rows for a window closed at ``closed_at`` come too late to count."""
    return closed_at is not None and now - closed_at >= final_after


def is_future(time: datetime, now: datetime) -> bool:
    """Whether an event time lies so far ahead that it must be an error."""
    return time > now + FUTURE_TOLERANCE
