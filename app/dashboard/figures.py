"""Numbers and times as short text, the same on every page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from app.dashboard.states import kind_of
from app.dashboard.wording import against, named, why
from app.domain.alerts.event import rfc3339
from app.domain.telling.wording import percent

NONE = "\N{EN DASH}"


def whole(number: int | None) -> str:
    """Return a count with its thousands apart, by a space that no line breaks at."""
    return NONE if number is None else f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def effect(value: float | None) -> str:
    """Return an effect with two decimals; one below what chance alone shows is zero."""
    return NONE if value is None else f"{max(value, 0.0):.2f}"


def fine(value: float | None) -> str:
    """Return a number with four significant digits."""
    return NONE if value is None else f"{value:.4g}"


def p_value(value: float | None) -> str:
    """Return a p-value: three decimals, or its order of magnitude where it is small."""
    if value is None:
        return NONE
    if value < 1e-99:
        return "<1e-99"
    return f"{value:.0e}" if value < 0.001 else f"{value:.3f}"


def tenth(number: float) -> str:
    """Return a place in a drawing."""
    return f"{number:.1f}"


def moment(time: datetime) -> str:
    """Return a time in UTC, to the minute.

    Examples
    --------
    >>> moment(datetime(2013, 3, 4, 5, tzinfo=UTC))
    '4 Mar 2013, 05:00'
    """
    return f"{day(time)}, {time.astimezone(UTC):%H:%M}"


def day(time: datetime) -> str:
    """Return the day of a time in UTC."""
    utc = time.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y}"


def edge(time: datetime) -> str:
    """Return a time in UTC; midnight is its day alone."""
    utc = time.astimezone(UTC)
    return day(utc) if (utc.hour, utc.minute) == (0, 0) else moment(utc)


def span(length: timedelta) -> str:
    """Return a length of time in its largest whole unit.

    Examples
    --------
    >>> span(timedelta(days=7)), span(timedelta(hours=36)), span(timedelta(minutes=15))
    ('7 days', '36 hours', '15 minutes')
    """
    minutes = round(length.total_seconds() / 60)
    for unit, size in (("day", 1_440), ("hour", 60)):
        if minutes and minutes % size == 0:
            return plural(minutes // size, unit)
    return plural(minutes, "minute")


def plural(number: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{whole(number)} {noun}" + ("" if number == 1 else "s")


def words(code: str) -> str:
    """Return a name in code as words."""
    return code.replace("_", " ")


FILTERS: dict[str, Callable[..., Any]] = {
    "whole": whole,
    "effect": effect,
    "fine": fine,
    "p_value": p_value,
    "moment": moment,
    "day": day,
    "edge": edge,
    "span": span,
    "plural": plural,
    "words": words,
    "percent": percent,
    "iso": rfc3339,
    "kind": kind_of,
    "named": named,
    "why": why,
    "against": against,
}
