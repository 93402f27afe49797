"""Whether a model fell silent, against its own history by hour of the week. Pure.

Traffic is looked at once a minute: did rows arrive since the last look? What a silence is worth is
its *surprise*: the sum, over its minutes, of -log of the share of such looks at that hour of the
week that saw nothing. A minute of silence at a busy hour is worth much; a night or a weekend that
is always quiet is worth next to nothing; where rows come once an hour, an hour is worth about one.
A silence is an alarm once it is three times as surprising as all but the two largest ones of the
last six weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from app.domain.window import MONDAY

Floats = npt.NDArray[np.float64]

LOOK = timedelta(minutes=1)
LONGEST_STEP = timedelta(minutes=3)
"""After a longer pause nobody looked, and nothing is known of the time between."""
HOUR = timedelta(hours=1)
WEEK_HOURS = 168
HISTORY = timedelta(weeks=6)
LEARNING = timedelta(days=28)
"""Time that must have been watched before a silence is judged: a weekend that is always quiet must
have been seen more often than there may have been outages."""
LEAST_ACTIVE = 30
"""Looks with rows in the history, from which on it says how traffic comes."""
SHORTEST = timedelta(minutes=15)
TIMES = 3.0
PRIOR = 0.1
"""Active looks, of one, that are added to what was seen at each hour of the week."""
LEAST = 3.0
"""Surprise below which nothing is an alarm, however regular the history was."""
OUTAGES = 2
"""So many silences of the history may have been outages themselves."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a model's traffic."""

    start: datetime
    looks: int
    active: int
    """Looks that saw new rows."""
    rows: int
    quiet_from: datetime | None = None
    """The longest silence that ended in it, if there was one."""
    quiet_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What the last look saw."""

    seen: int
    """Rows that had ever arrived."""
    looked_at: datetime
    arrived_at: datetime | None
    """The last look that saw new rows; None before the first of them."""
    blind: bool = False
    """Whether time passed unwatched since then, so that the silence is not known to be one."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence that is an alarm."""

    since: datetime
    until: datetime
    usual_rows: float | None
    """Rows that usually arrive in this time; None where only a declared limit was passed."""
    surprise: float | None
    threshold: float | None


class Rhythm:
    """How surprising silence is at each hour of the week."""

    def __init__(self, hours: Sequence[Hour]) -> None:
        looks, active, rows = np.zeros((3, WEEK_HOURS))
        for hour in hours:
            at = int(hours_of(hour.start)) % WEEK_HOURS
            looks[at] += hour.looks
            active[at] += hour.active
            rows[at] += hour.rows
        # a prior that leans to silence: hours that never saw rows must not add up to a surprise
        silent = (looks - active + 1 - PRIOR) / (looks + 1)
        per_hour = HOUR / LOOK
        self._worth = np.where(looks > 0, -np.log(silent) * per_hour, 0.0)
        self._rows = np.divide(rows * per_hour, looks, out=np.zeros(WEEK_HOURS), where=looks > 0)

    def surprise(self, start: Floats, end: Floats) -> Floats:
        """Return what silences from ``start`` to ``end`` (hours since MONDAY) are worth."""
        return _integral(self._worth, end) - _integral(self._worth, start)

    def rows(self, start: float, end: float) -> float:
        """Return how many rows usually come in that time."""
        found = _integral(self._rows, np.array([start, end]))
        return float(found[1] - found[0])


def hours_of(time: datetime) -> float:
    """Return a time as hours since a Monday."""
    return (time - MONDAY) / HOUR


def _integral(weekly: Floats, time: Floats) -> Floats:
    weeks, rest = np.divmod(time, WEEK_HOURS)
    hour = np.minimum(rest.astype(np.int64), WEEK_HOURS - 1)
    before = np.concatenate(([0.0], np.cumsum(weekly)))
    found: Floats = weeks * before[-1] + before[hour] + (rest - hour) * weekly[hour]
    return found


def threshold(rhythm: Rhythm, hours: Sequence[Hour]) -> float | None:
    """Return the surprise from which on a silence is an alarm; None where too little is known."""
    watched = sum(hour.looks for hour in hours) * LOOK
    if watched < LEARNING or sum(hour.active for hour in hours) < LEAST_ACTIVE:
        return None
    ends = [
        (hours_of(hour.quiet_from), hours_of(hour.quiet_to))
        for hour in hours
        if hour.quiet_from is not None and hour.quiet_to is not None
    ]
    if len(ends) <= OUTAGES:
        return LEAST
    start, end = np.array(ends).T
    usual = float(np.sort(rhythm.surprise(start, end))[-OUTAGES - 1])
    return max(LEAST, TIMES * usual)


def judge(
    mark: Mark, hours: Sequence[Hour], now: datetime, limit: timedelta | None
) -> Silence | None:
    """Return the silence that lasts now if it is an alarm.

    Parameters
    ----------
    mark
        What the last look saw.
    hours
        The history before the silence, at most ``HISTORY``.
    now
        The present.
    limit
        The longest silence that the model's owner allows, if one was declared: it counts from the
        first row on, learned or not.
    """
    if mark.arrived_at is None or mark.blind:
        return None
    lasted = now - mark.arrived_at
    if limit is not None and lasted > limit:
        return Silence(mark.arrived_at, now, None, None, None)
    if lasted < SHORTEST:
        return None
    rhythm = Rhythm(hours)
    needed = threshold(rhythm, hours)
    if needed is None:
        return None
    start, end = hours_of(mark.arrived_at), hours_of(now)
    found = float(rhythm.surprise(np.array([start]), np.array([end]))[0])
    if found <= needed:
        return None
    return Silence(mark.arrived_at, now, rhythm.rows(start, end), found, needed)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look adds to the history: to the hour that it falls in."""

    mark: Mark
    hour: Hour | None
    """None where the time since the last look went by unwatched."""


def look(mark: Mark | None, total: int, now: datetime, *, alarmed: bool) -> Seen:
    """Return what is known after one more look.

    Parameters
    ----------
    mark
        What the look before saw; None for a model's first.
    total
        Rows that have ever arrived.
    now
        The present.
    alarmed
        Whether an alarm was on: such a silence is an outage and not how traffic comes.
    """
    if mark is None:
        return Seen(Mark(total, now, None), None)
    watched = now - mark.looked_at <= LONGEST_STEP
    came = max(0, total - mark.seen)
    start = now.replace(minute=0, second=0, microsecond=0)
    if not came:
        blind = mark.blind or not watched
        hour = Hour(start, 1, 0, 0) if watched else None
        return Seen(Mark(total, now, mark.arrived_at, blind), hour)
    silence = None if mark.blind or alarmed or not watched else mark.arrived_at
    if silence is not None and now - silence <= 2 * LOOK:
        silence = None  # no look between them was without rows
    hour = Hour(start, 1, 1, came, silence, now if silence else None)
    return Seen(Mark(total, now, now), hour if watched else None)
