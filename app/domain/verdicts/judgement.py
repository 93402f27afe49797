"""A window that was judged: its key, its numbered revisions, and the counts they were judged on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from app.domain.monitors.monitor import Monitor
from app.domain.window import WindowStatus
from drift_core import State, WindowVerdict

if TYPE_CHECKING:
    from app.domain.batch import CountVector


class Cause(StrEnum):
    """Why a revision was made."""

    CLOSED = "closed"
    LATE_ROWS = "late_rows"


@dataclass(frozen=True, slots=True, order=True)
class WindowKey:
    """Names one window of one series; monitors of one frame share it."""

    model_id: int
    version: str
    segment: str
    frame: str
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
class Sighting:
    """A column that batches of a window lacked (``absent``) or had beyond the schema."""

    column: str
    kind: str


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
    sightings: tuple[Sighting, ...] = ()
    """Where a monitor asks for them."""


def unjudged(state: State, reason: str | None) -> WindowVerdict:
    """Return a verdict without features."""
    return WindowVerdict(state=state, warning=False, page=False, reason=reason, features={})


@dataclass(frozen=True, slots=True)
class Traffic:
    """Other traffic that a window is held against, as it is at that moment."""

    gathered: Gathered
    baseline: int
    """Number of the baseline whose columns and grids it is read by."""
    version: str
    spans: tuple[tuple[datetime, datetime], ...]
    """Of event time; none where all of the past that is looked at is left out."""


REFERENCE = "reference"
"""What a window is held against: a baseline."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one monitor says of a revision, by the version that it had then."""

    monitor: Monitor
    baseline: int | None
    """Number of the baseline it was compared with."""
    verdict: WindowVerdict
    comparison: str = REFERENCE
    """That, or the name of a counterpart."""
    traffic: Traffic | None = None
    """What a counterpart held; judgements of one revision share it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a window counted at one moment, and what was said of it; never changed."""

    window: WindowKey
    end: datetime
    number: int
    cause: Cause
    judged_at: datetime
    gathered: Gathered
    code_version: str
    judgements: tuple[Judgement, ...] = ()
    """One of each monitor of the window's frame; none where nobody asks."""


@dataclass(frozen=True, slots=True)
class WindowSummary:
    """A line in the list of windows, with what one monitor says."""

    key: WindowKey
    monitor: str
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
    monitor_version: int | None = None
    expected: int | None = None
    """Rows that its sources said they sent; None where none spoke."""
    verdict: int | None = None
    """Id of what was said, for good: of another revision it is another one."""
    lost: int | None = None
    """About how many rows are in batches whose numbers never came; None where none had any."""

    @property
    def missing(self) -> int | None:
        """How many rows are missing at least: a source that said nothing may have sent any."""
        return missing_of(self.expected, self.rows, self.lost)


def missing_of(expected: int | None, rows: int, lost: int | None) -> int | None:
    """Return how many rows are missing by one count or the other; None where neither tells.

    What a source said it sent and what its numbers lack are the same rows, so the larger counts.
    """
    told = [] if expected is None else [max(0, expected - rows)]
    return max(told + ([] if lost is None else [lost]), default=None)
