"""What of a calendar can be declared, and what cannot."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from app.domain.calendars.exclusion import LONGEST_CRON, LONGEST_RANGE, MOST_DAYS, Exclusion
from app.domain.calendars.public import countries, subdivisions
from app.domain.errors import Fault

WAY_OUT = "say one of: `cron` with `for`; `date`; `from` and `to`; `country`"
SOME_YEAR = 2026
MOST_AN_HOUR = 4
"""A pane is as short as anything that is left out."""
MOST_NAMED = 20
"""Parts of a country that an error names."""


def check_exclusion(one: Exclusion, at: str) -> Iterator[Fault]:
    """Yield what is wrong with an entry that stands at a pointer."""
    ranged = one.first is not None or one.last is not None
    if sum((one.cron is not None, one.on is not None, ranged, one.country is not None)) != 1:
        yield Fault(WAY_OUT, at)
        return
    yield from _zone(one.zone, f"{at}/timezone")
    yield from _cron(one, at)
    yield from _country(one, at)
    if ranged:
        yield from _dates(one, at)


def _zone(name: str, at: str) -> Iterator[Fault]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield Fault("must be the name of a time zone, such as Europe/Berlin", at)


def _cron(one: Exclusion, at: str) -> Iterator[Fault]:
    if one.cron is None:
        if one.span is not None:
            yield Fault("belongs to `cron` only", f"{at}/for")
        return
    if wrong := _unfit(one.cron):
        yield Fault(wrong, f"{at}/cron")
    if one.span is None:
        yield Fault("is needed by `cron`: how long a range lasts, such as 8h", f"{at}/for")
    elif not timedelta(minutes=1) <= one.span <= LONGEST_RANGE:
        yield Fault("must be from 1m to 7d", f"{at}/for")


def _unfit(cron: str) -> str | None:
    fields = "must have five fields: minute, hour, day of month, month, day of week"
    if len(cron) > LONGEST_CRON or len(cron.split()) != 5:
        return fields
    try:
        found = CronSim(cron, datetime(SOME_YEAR, 1, 1, tzinfo=UTC))
        if len(found.minutes) > MOST_AN_HOUR:
            return f"must not begin more often than {MOST_AN_HOUR} times an hour"
        next(found)
    except CronSimError as error:
        return f"{fields}; {str(error).lower()}"
    except StopIteration:
        return "never comes"
    return None


def _country(one: Exclusion, at: str) -> Iterator[Fault]:
    if one.country is None:
        if one.subdivision is not None:
            yield Fault("belongs to `country` only", f"{at}/subdivision")
        return
    if one.country not in countries():
        say = "must be two letters of ISO 3166 whose holidays are known, such as DE; or name dates"
        yield Fault(say, f"{at}/country")
        return
    known = subdivisions(one.country)
    if one.subdivision is not None and one.subdivision not in known:
        named = ", ".join(known[:MOST_NAMED]) or "none"
        yield Fault(f"must be a part of {one.country}: {named}", f"{at}/subdivision")


def _dates(one: Exclusion, at: str) -> Iterator[Fault]:
    if one.first is None or one.last is None:
        member = "from" if one.first is None else "to"
        yield Fault("is needed beside the other end; a single day is a `date`", f"{at}/{member}")
    elif not timedelta(0) <= one.last - one.first < timedelta(days=MOST_DAYS):
        yield Fault(f"must not be before `from`, and span {MOST_DAYS} days at most", f"{at}/to")
