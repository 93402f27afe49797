"""What is read back for people: windows with their verdicts, deliveries, counters. Only values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from app.domain.model import VersionRole
from app.domain.monitors.monitor import BASE_FRAME, DEFAULT_MONITOR, Severity
from app.domain.verdicts.judgement import REFERENCE, Sighting, WindowSummary, missing_of

if TYPE_CHECKING:
    from app.domain.batch import CountVector


@dataclass(frozen=True, slots=True)
class WindowQuery:
    """Which windows of one series are asked for."""

    model_id: int
    version: str
    segment: str = ""
    monitor: str = DEFAULT_MONITOR
    as_of: datetime | None = None
    """Answer as was known at this moment."""
    frame: str = BASE_FRAME
    comparison: str = REFERENCE


@dataclass(frozen=True, slots=True)
class Unbroken:
    """Windows that drift one after the other: since when, and how many; None where none does."""

    since: datetime | None
    windows: int


@dataclass(frozen=True, slots=True)
class StoredEstimate:
    """One statistic of one feature in one judgement."""

    statistic: str
    value: float | None
    lower: float | None
    upper: float | None
    null_mean: float | None
    effect: float | None
    p_value: float | None
    threshold: float | None
    n_ref: int
    n_cur: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """What one judgement says of one feature."""

    feature: str
    state: str
    warning: bool
    page: bool
    reason: str | None
    p_value: float | None
    p_adjusted: float | None
    rules: tuple[str, ...]
    estimates: tuple[StoredEstimate, ...]


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One revision of a window with what one monitor said of it, without features.

    ``digest`` is SHA-256 of the counts. What the monitor says is None where it did not judge.
    """

    number: int
    judged_at: datetime
    cause: str
    rows: int
    state: str | None
    warning: bool | None
    page: bool | None
    reason: str | None
    baseline: int | None
    grid_set: int | None
    digest: str | None
    monitor_version: int | None
    code_version: str | None
    verdict: int | None = None
    """Id of what was said."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a monitor says of a window against the reference or a counterpart, in short."""

    comparison: str
    state: str
    reason: str | None
    drifted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WindowReport:
    """One window: its line in the list, its features, its revisions, odd columns."""

    summary: WindowSummary
    features: tuple[StoredVerdict, ...]
    revisions: tuple[StoredRevision, ...]
    sightings: tuple[Sighting, ...]
    comparisons: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """The counts of a revision, or those that an open window holds at present."""

    grid_set: int | None
    baseline: int | None
    vector: "CountVector | None"
    removed: bool = False
    """Whether there were counts, which retention removed."""


@dataclass(frozen=True, slots=True)
class FeaturePoint:
    """One feature in one window, for a line over time."""

    start: datetime
    end: datetime
    revision: int
    rows: int
    verdict: StoredVerdict


@dataclass(frozen=True, slots=True)
class AlertSummary:
    """An alert at present. ``window`` is the start of the window that was looked at last."""

    id: int
    model: str
    version: str
    segment: str
    monitor: str
    state: str
    reason: str
    since: datetime
    window: datetime
    worst: tuple[str, ...]
    changed_at: datetime
    severity: Severity = Severity.P2


@dataclass(frozen=True, slots=True)
class AlertStep:
    """The alert after one window."""

    window: datetime
    revision: int
    state: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """One event on its way to one target."""

    id: int
    event_id: str
    event_type: str
    subject: str
    target: str
    state: str
    tries: int
    due_at: datetime | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredAttempt:
    """One try of a delivery and what came back."""

    at: datetime
    status: int | None
    error: str | None
    took: timedelta
    retry_after: timedelta | None
    run: str | None = None


@dataclass(frozen=True, slots=True)
class TallySum:
    """What a (model, version) received: received = counted + duplicate + late + rejected."""

    model: str
    version: str
    received: int
    counted: int
    duplicate: int
    late: int
    rejected: int
    batches: int
    latest_event: datetime | None
    last_commit: datetime | None
    unchecked: int = 0
    """Counted without a look whether they had been before, since too many ids are remembered."""


@dataclass(frozen=True, slots=True)
class RowIds:
    """About how many row ids are remembered, and how many may be."""

    held: int
    limit: int


@dataclass(frozen=True, slots=True)
class LatestJudgement:
    """What one monitor says of the last judged window of a version that is not retired."""

    id: int
    """Of the judgement: what is said under one id never changes."""
    model: str
    version: str
    monitor: str
    start: datetime
    end: datetime
    revision: int
    rows: int
    judged_at: datetime
    state: str
    expected: int | None = None
    """Rows that its sources said they sent; None where none spoke."""
    gap: timedelta = timedelta(0)
    """Without a window, between this one and the one before."""
    lost: int | None = None
    """About how many rows are in batches whose numbers never came; None where none had any."""

    @property
    def missing(self) -> int | None:
        return missing_of(self.expected, self.rows, self.lost)


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version, also where nothing came of it yet."""

    model: str
    version: str
    role: VersionRole


@dataclass(frozen=True, slots=True)
class MonitorInfo:
    """A monitor as it is declared at present."""

    model: str
    monitor: str
    kind: str
    severity: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class OpenWindows:
    """Windows of a version that wait to be judged."""

    model: str
    version: str
    count: int
    oldest_end: datetime
    lateness: timedelta
    """For how long each of them takes rows that come late."""


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """A target, and since when the first of its deliveries waits."""

    target: str
    enabled: bool
    deliveries: Mapping[str, int]
    """By state."""
    waiting_since: datetime | None
    gone: bool = False
    """Whether Leeway switched it off, and not its owner."""


@dataclass(frozen=True, slots=True)
class RetrainingNow:
    """The last retraining that was asked for a model, and how old its champion may become."""

    model: str
    state: str | None
    changed_at: datetime | None
    maximum_age: timedelta | None


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """One verdict, for counting."""

    id: int
    model: str
    version: str
    monitor: str
    state: str
    judged_at: datetime


FeatureClass: TypeAlias = tuple[str, bool, bool]
"""State, warning and page of features."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Changes whenever something that is shown as a metric may have changed."""

    revisions: int
    tallies: int
    rejected: int
    models: int
    versions: int
    alerts: int
    deliveries: int
    retrainings: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """Metrics as they are sent."""

    body: bytes
    media_type: str
