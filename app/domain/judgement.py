"""A window that was judged: its key, its numbered revisions, and the counts they were judged on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from app.domain.window import WindowStatus
from drift_core import WindowVerdict

if TYPE_CHECKING:
    from app.domain.batch import CountVector


class Cause(StrEnum):
    """Why a revision was made."""

    CLOSED = "closed"
    LATE_ROWS = "late_rows"


@dataclass(frozen=True, slots=True, order=True)
class WindowKey:
    """Names one window of one series of one monitor."""

    model_id: int
    version: str
    segment: str
    monitor: str
    start: datetime


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window as stored; ``revision`` 0 means it was never judged."""

    id: int
    key: WindowKey
    end: datetime
    closed_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a window holds at the moment it is judged.

    ``vector`` is None where the rows were counted on more than one grid set: such a window is
    ``insufficient_data`` with the reason ``grid``.
    """

    rows: int
    grid_set: int | None
    """Number of the grid set within the model."""
    vector: "CountVector | None"
    damaged: bool = False
    """Whether stored counts are not what was written, so that nothing can be said."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One judgement of a window, kept for as long as the window is."""

    window: WindowKey
    end: datetime
    number: int
    cause: Cause
    judged_at: datetime
    baseline: int | None
    """Number of the baseline it was compared with."""
    gathered: Gathered
    verdict: WindowVerdict
    monitor_version: int
    code_version: str


@dataclass(frozen=True, slots=True)
class WindowSummary:
    """A line in the list of windows."""

    key: WindowKey
    end: datetime
    status: WindowStatus
    revision: int
    rows: int
    state: str | None
    warning: bool
    page: bool
    reason: str | None
    drifted: tuple[str, ...]
    baseline: int | None
    cause: str | None
    judged_at: datetime | None
    expected: int | None = None
    """Rows that its sources said they sent; None where none spoke."""

    @property
    def missing(self) -> int | None:
        """How many rows are missing at least: a source that said nothing may have sent any."""
        return None if self.expected is None else max(0, self.expected - self.rows)
