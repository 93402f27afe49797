"""Whether a stretch of time overlaps what a calendar leaves out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

from app.domain.calendars.exclusion import Calendar, Exclusion
from app.domain.calendars.public import public_holidays

DAY = timedelta(days=1)
BEFORE = timedelta(hours=2)
"""Local clocks go back by no more, so that a range is not looked for too late."""


def covers(calendar: Calendar, start: datetime, end: datetime) -> bool:
    """Whether any of it overlaps ``[start, end)``."""
    return any(_covers(one, start, end) for one in calendar)


@lru_cache(maxsize=65_536)
def _covers(one: Exclusion, start: datetime, end: datetime) -> bool:
    if one.cron is not None:
        return _in_range(one.cron, one.span or timedelta(0), one.zone, (start, end))
    days = _days(start, end, ZoneInfo(one.zone))
    if one.country is not None:
        place = one.country, one.subdivision
        return any(day in public_holidays(*place, day.year) for day in days)
    first, last = one.on or one.first, one.on or one.last
    return first is not None and last is not None and any(first <= day <= last for day in days)


def _in_range(cron: str, span: timedelta, zone: str, within: tuple[datetime, datetime]) -> bool:
    start, end = within
    for begin in CronSim(cron, (start - span - BEFORE).astimezone(ZoneInfo(zone))):
        began = begin.astimezone(UTC)
        if began >= end:
            return False
        if began + span > start:
            return True
    return False


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Yield the local days that ``[start, end)`` touches."""
    day = start.astimezone(zone).date()
    last = (end - timedelta(microseconds=1)).astimezone(zone).date()
    while day <= last:
        yield day
        day += DAY
