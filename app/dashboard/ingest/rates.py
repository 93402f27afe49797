"""Rows by the hour in which they arrived, as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.alerts.traffic import Hour

WIDTH, HEIGHT, GAP = 960.0, 96.0, 2.0
LEAST = 2.0
"""Height of a bar that stands for few rows: some are not none."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The rows of one hour; ``rows`` None: nobody looked in that hour."""

    start: datetime
    rows: int | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Some hours, one after the other."""

    bars: tuple[Bar, ...]
    rows: int
    most: int
    busiest: datetime | None
    quiet: int
    """Hours that were watched and brought nothing."""


def rates(hours: Sequence[Hour], start: datetime, count: int) -> Rates:
    """Return the bars of ``count`` hours from ``start`` on."""
    known = {hour.start: hour for hour in hours}
    slots = [start + timedelta(hours=at) for at in range(count)]
    most = max((hour.rows for hour in hours), default=0)
    bars = tuple(_bar(known.get(slot), slot, at, (most, count)) for at, slot in enumerate(slots))
    busiest = max(hours, key=lambda hour: hour.rows, default=None)
    return Rates(
        bars,
        sum(hour.rows for hour in hours),
        most,
        busiest.start if busiest and busiest.rows else None,
        sum(hour.looks > 0 and hour.rows == 0 for hour in hours),
    )


def _bar(hour: Hour | None, start: datetime, at: int, scale: tuple[int, int]) -> Bar:
    most, count = scale
    step = WIDTH / count
    rows = hour.rows if hour else None
    height = max(LEAST, rows / most * HEIGHT) if rows else 0.0
    return Bar(start, rows, at * step + GAP / 2, HEIGHT - height, step - GAP, height)
