"""What is read back for people who run the service: chosen alerts and deliveries, arrivals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.monitors.monitor import Severity
from app.domain.telling.reports import AlertSummary
from app.domain.verdicts.judgement import WindowSummary


@dataclass(frozen=True, slots=True)
class AlertChoice:
    """Which alerts are asked for; None: whatever they have there."""

    model: str | None = None
    state: str | None = None
    severity: Severity | None = None
    monitor: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """When an alert that is over fired: the windows in which that began and ended."""

    began: datetime | None
    """None where the windows of then are not kept any more."""
    ended: datetime


def episode_of(alert: AlertSummary, before: datetime | None, resolved: datetime | None) -> Episode:
    """Return when an alert that is resolved fired last.

    ``before`` is since when it fired in the window before its present state, None where it did not;
    ``resolved`` is the first window at or after that state's beginning that found it resolved.
    Alerts that earlier releases ended from outside kept as their ``since`` that of their firing.
    """
    if before is not None:
        return Episode(before, alert.since)
    ended = resolved or alert.window
    return Episode(alert.since if alert.since < ended else None, ended)


@dataclass(frozen=True, slots=True)
class DeliveryChoice:
    """Which deliveries are asked for; ``about`` is the subject of their event, to the letter."""

    target: str | None = None
    state: str | None = None
    about: str | None = None
    event: str | None = None
    """Id of the event."""


@dataclass(frozen=True, slots=True)
class IntakeRank:
    """A model in the order in which the page on what comes in lists them."""

    id: int
    name: str
    refused: int
    """Batches."""
    watched: int
    """Prefixes of object storage."""
    quarantined: int
    """Objects."""


@dataclass(frozen=True, slots=True)
class SourceTally:
    """What one source of a model's version sent, and what became of it."""

    model: str
    version: str
    source: str
    latest_event: datetime | None
    last_commit: datetime | None
    received: int
    counted: int
    duplicate: int
    late: int
    rejected: int
    batches: int


@dataclass(frozen=True, slots=True)
class Beat:
    """What a source said that it had sent."""

    version: str
    source: str
    start: datetime
    end: datetime
    rows: int
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of event time in which rows are missing.

    ``missing`` None: there are no rows at all, and nobody said how many there should be.
    """

    start: datetime
    end: datetime
    rows: int
    expected: int | None
    missing: int | None


def gaps(windows: Sequence[WindowSummary], width: timedelta) -> tuple[Gap, ...]:
    """Return where rows are missing among windows of one series, which are newest first.

    A window holds fewer rows than its sources named, or between two windows there is none.
    """
    found: list[Gap] = []
    for at, window in enumerate(windows):
        if window.missing:
            start = window.key.start
            found.append(Gap(start, window.end, window.rows, window.expected, window.missing))
        before = windows[at + 1] if at + 1 < len(windows) else None
        if before is not None and window.key.start - before.end >= width:
            found.append(Gap(before.end, window.key.start, 0, None, None))
    return tuple(found)
