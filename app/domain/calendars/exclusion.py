"""One entry of a calendar, as it was declared: a cron range, dates, or public holidays."""

from dataclasses import dataclass
from datetime import date, timedelta

UTC_NAME = "UTC"
MOST_EXCLUSIONS = 20
"""Of a monitor: each is looked at for every stretch of the past."""
LONGEST_CRON = 100
"""Letters."""
LONGEST_RANGE = timedelta(days=7)
MOST_DAYS = 366
"""From the first date to the last."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Times to leave out. Which of its members are there says what it is."""

    cron: str | None = None
    """When a range begins: minute, hour, day of month, month, day of week."""
    span: timedelta | None = None
    """How long it lasts."""
    on: date | None = None
    """A single day."""
    first: date | None = None
    last: date | None = None
    """Both belong to it."""
    country: str | None = None
    """Its public holidays: two letters of ISO 3166."""
    subdivision: str | None = None
    """A part of the country, which may have more of them."""
    zone: str = UTC_NAME
    """Time zone in which days and crons are meant."""


Calendar = tuple[Exclusion, ...]
