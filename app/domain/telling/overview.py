"""What is read back for people who look at many windows at once. Only values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.monitors.monitor import BASE_FRAME, DEFAULT_MONITOR, Severity


@dataclass(frozen=True, slots=True)
class Judged:
    """A window, and what one monitor says of it; the state is None where it was not judged."""

    start: datetime
    end: datetime
    rows: int
    state: str | None = None
    warning: bool = False
    page: bool = False
    reason: str | None = None
    verdict: int | None = None
    """Id of what was said."""
    monitor: str = DEFAULT_MONITOR
    severity: Severity = Severity.P2
    frame: str = BASE_FRAME
    """The windows that the monitor looks at."""


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model with what the worst of its monitors says of the last judged window of its champion.

    Of another version where the champion was not judged yet: ``version`` says which.
    """

    id: int
    name: str
    window: timedelta
    champion: str | None
    version: str | None
    baseline: int | None
    latest: Judged | None
    asked: frozenset[str] = frozenset({DEFAULT_MONITOR})
    """Monitors that are enabled."""


@dataclass(frozen=True, slots=True)
class Firing:
    """Alerts of one monitor of a model that fire now, and where one of them does."""

    model: str
    monitor: str
    severity: Severity
    segment: str
    alerts: int


class Cell(NamedTuple):
    """What one verdict says of one feature, with the effect of one statistic.

    A tuple, since a page takes thousands, and a frozen dataclass takes several times as long.
    """

    verdict: int
    feature: str
    state: str
    warning: bool
    effect: float | None


@dataclass(frozen=True, slots=True)
class Beside:
    """What was said of a window beside another: of other series, or by other monitors."""

    version: str
    segment: str
    monitor: str
    comparison: str
    rows: int
    state: str
    warning: bool
    reason: str | None
    verdict: int
