"""How long what is stored of a model stays as fine as it came, and when it goes altogether."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from app.domain.errors import Fault

DAY = timedelta(days=1)
LONGEST = 3660 * DAY


class Grain(IntEnum):
    """The minutes of event time that one stored sum of counts is about."""

    PANE = 15
    HOUR = 60
    DAY = 1440

    @property
    def width(self) -> timedelta:
        return timedelta(minutes=self.value)


class Stage(IntEnum):
    """How far a window has come; from ``SEALED`` on it takes no rows, whatever is declared."""

    LIVE = 0
    SEALED = 1
    COARSE = 2
    """Its panes are sums of hours."""
    BARE = 3
    """Its revisions have verdicts, but no counts any more."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Ages after which a model's history is made coarser, and then removed.

    An age runs from the end of a window, or from its first closing where that came later (so that
    old rows brought today are kept as long as others), and nothing is touched before it is final.
    """

    panes: timedelta = 14 * DAY
    """Panes are kept; then they become hours."""
    hours: timedelta = 90 * DAY
    """Hours are kept; then they become days."""
    distributions: timedelta = 90 * DAY
    """The counts that windows were judged on are kept."""
    days: timedelta = 730 * DAY
    """Days are kept; then they are removed."""
    windows: timedelta = 730 * DAY
    """Windows, their verdicts and estimates are kept."""


def faults_of(retention: Retention, final_after: timedelta) -> list[Fault]:
    """Return what contradicts itself: nothing coarser may go before what is finer."""
    faults = [
        Fault("must be from 1 to 3660", _pointer(one.name))
        for one in fields(retention)
        if not DAY <= getattr(retention, one.name) <= LONGEST
    ]
    for finer, coarser in (
        ("panes", "hours"),
        ("hours", "days"),
        ("days", "windows"),
        ("panes", "distributions"),
        ("distributions", "windows"),
    ):
        if getattr(retention, finer) > getattr(retention, coarser):
            faults.append(Fault(f"must not be less than {finer}_days", _pointer(coarser)))
    if retention.windows < final_after:
        detail = "windows can be restated until final_after, so they stay at least as long"
        faults.append(Fault(detail, _pointer("windows")))
    return faults


def _pointer(name: str) -> str:
    return f"/retention/{name}_days"


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What ended (and closed) no later than these moments is due."""

    panes: datetime
    hours: datetime
    distributions: datetime
    days: datetime
    windows: datetime


def cutoffs(retention: Retention, final_after: timedelta, now: datetime) -> Cutoffs:
    """Return the moments that ages reach back to from ``now``."""
    return Cutoffs(
        panes=now - max(retention.panes, final_after),
        hours=now - retention.hours,
        distributions=now - retention.distributions,
        days=now - retention.days,
        windows=now - retention.windows,
    )


class Rung(StrEnum):
    """What is done to history as it ages, one rung after the other."""

    HOURS = "panes_to_hours"
    DAYS = "hours_to_days"
    DISTRIBUTIONS = "distributions_removed"
    COUNTS = "days_removed"
    WINDOWS = "windows_removed"


def until(rung: Rung, moments: Cutoffs) -> datetime:
    """Return the moment up to which a rung has to do.

    What is said of windows is touched after their panes only, which wait until they are final.
    """
    match rung:
        case Rung.HOURS:
            return moments.panes
        case Rung.DAYS:
            return moments.hours
        case Rung.DISTRIBUTIONS:
            return min(moments.distributions, moments.panes)
        case Rung.COUNTS:
            return moments.days
        case Rung.WINDOWS:
            return min(moments.windows, moments.panes)


@dataclass(frozen=True, slots=True)
class Due:
    """What a rung has to do of one model."""

    until: datetime
    things: int
    """Windows, or sums of counts, that are as old as that."""
    start: datetime | None
    end: datetime | None
    """The stretch of event time that they lie in."""
    next_at: datetime | None
    """Not before then there is more to do; None where nothing is there that grows old."""
