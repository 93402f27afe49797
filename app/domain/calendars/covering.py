"""Whether a stretch of time overlaps what a calendar leaves out."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

from app.domain.calendars.exclusion import Calendar, Exclusion
from app.domain.calendars.public import public_holidays
from app.domain.window import MONDAY

DAY = timedelta(days=1)
BLOCK = timedelta(weeks=4)
"""Of time whose ranges are found at once, since neighbouring windows ask for the same ones."""
BEFORE = timedelta(hours=2)
"""Where local clocks change they go back by no more, so that no range is looked for too late."""
Ranges = tuple[tuple[datetime, ...], tuple[datetime, ...]]


def covers(calendar: Calendar, start: datetime, end: datetime) -> bool:
    """Whether any of it overlaps ``[start, end)``."""
    return any(_covers(one, start, end) for one in calendar)


@lru_cache(maxsize=65_536)
def _covers(one: Exclusion, start: datetime, end: datetime) -> bool:
    if one.cron is not None:
        return _in_range(one, start, end)
    days = _days(start, end, ZoneInfo(one.zone))
    if one.country is not None:
        place = one.country, one.subdivision
        return any(day in public_holidays(*place, day.year) for day in days)
    first, last = one.on or one.first, one.on or one.last
    return first is not None and last is not None and any(first <= day <= last for day in days)


def _in_range(one: Exclusion, start: datetime, end: datetime) -> bool:
    """Whether a range that began in time reaches into a stretch."""
    first = (start - (one.span or DAY) - MONDAY) // BLOCK
    for block in range(first, (end - MONDAY) // BLOCK + 1):
        begins, ends = _ranges(one, block)
        # all are as long: of those that begin before the end, the last reaches furthest
        at = bisect_left(begins, end)
        if at and ends[at - 1] > start:
            return True
    return False


@lru_cache(maxsize=128)
def _ranges(one: Exclusion, block: int) -> Ranges:
    """Return when ranges begin and end, of those that begin in a block of time."""
    start = MONDAY + block * BLOCK
    begins: list[datetime] = []
    for found in CronSim(one.cron or "", (start - BEFORE).astimezone(ZoneInfo(one.zone))):
        begin = found.astimezone(UTC)
        if begin >= start + BLOCK:
            break
        if begin >= start:
            begins.append(begin)
    begins.sort()
    return tuple(begins), tuple(begin + (one.span or DAY) for begin in begins)


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Yield the local days that ``[start, end)`` touches."""
    day = start.astimezone(zone).date()
    last = (end - timedelta(microseconds=1)).astimezone(zone).date()
    while day <= last:
        yield day
        day += DAY
