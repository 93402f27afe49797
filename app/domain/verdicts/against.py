"""Counterparts of a window, beside the reference: other stretches of stored traffic."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from app.domain.calendars.covering import covers
from app.domain.calendars.exclusion import Calendar
from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.monitor import Against, AgainstKind, Monitor
from app.domain.verdicts.judgement import Gathered, Judgement, WindowKey, unjudged
from app.domain.verdicts.judging import judge_window
from drift_core import State

WEEK = timedelta(weeks=1)
WEEKS_BACK = 16
"""In which the same hours of weeks that are not left out are looked for."""
MOST_BACK = 400
"""Windows in which the one before is looked for that is not left out."""
EXCLUDED = "excluded"
"""Why a window on a time that is left out is held against no other time."""
PIECE = "against"
"""In place of a frame: such a stretch is no window, so that merged panes are looked for."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Traffic of one version and segment, from a key's start to an end."""

    key: WindowKey
    end: datetime


def stretches(
    against: Against,
    key: WindowKey,
    end: datetime,
    champion: str | None,
    calendar: Calendar = (),
) -> Sequence[Stretch]:
    """Return what a window is held against; nothing where that would be itself.

    Nor where all of the past that is looked at is left out.
    """
    piece = replace(key, frame=PIECE)
    if against.kind is AgainstKind.VERSION:
        other = against.version or champion
        if other is None or other == key.version:
            return []
        return [Stretch(replace(piece, version=other), end)]
    return [
        Stretch(replace(piece, start=start), until)
        for start, until in _before(against, (key.start, end), calendar)
    ]


Span = tuple[datetime, datetime]


def _before(against: Against, window: Span, calendar: Calendar) -> Sequence[Span]:
    """Return the spans of the past, without those that overlap what is left out."""
    start, end = window
    width = end - start
    if against.kind is AgainstKind.SAME_HOUR:
        wanted = against.weeks or 1
        weeks = range(1, (max(wanted, WEEKS_BACK) if calendar else wanted) + 1)
        past = ((start - number * WEEK, end - number * WEEK) for number in weeks)
        return list(islice(_allowed(past, calendar), wanted))
    if against.kind is AgainstKind.PREVIOUS:
        past = ((start - number * width, end - number * width) for number in range(1, MOST_BACK))
        return list(islice(_allowed(past, calendar), 1))
    first = start - (against.span or width)
    if not calendar:
        return [(first, start)]
    return _joined(_allowed(_cut(first, start, width), calendar))


def _allowed(spans: Iterable[Span], calendar: Calendar) -> Iterator[Span]:
    return (one for one in spans if not covers(calendar, *one))


def _cut(first: datetime, until: datetime, width: timedelta) -> Iterator[Span]:
    """Yield the windows of a span, the last one first; the first may be narrower."""
    while until > first:
        yield max(first, until - width), until
        until -= width


def _joined(spans: Iterable[Span]) -> Sequence[Span]:
    """Return neighbours as one; they come with the last one first."""
    found: list[Span] = []
    for start, end in spans:
        if found and found[-1][0] == end:
            found[-1] = start, found[-1][1]
        else:
            found.append((start, end))
    return found


def barred(against: Against, calendar: Calendar, start: datetime, end: datetime) -> bool:
    """Whether a window lies on a time that is left out, so that no other time is like it."""
    return against.kind is not AgainstKind.VERSION and covers(calendar, start, end)


def together(parts: Sequence[Gathered]) -> Gathered:
    """Return the sum of stretches; those without rows say nothing."""
    filled = [part for part in parts if part.rows]
    rows = sum(part.rows for part in filled)
    vectors = [part.vector for part in filled if part.vector is not None]
    sets = {part.grid_set for part in filled}
    damaged = any(part.damaged for part in parts)
    if len(vectors) != len(filled) or len(sets) != 1 or damaged:
        return Gathered(rows, None, None, damaged=damaged)
    return Gathered(rows, sets.pop(), np.sum(vectors, axis=0, dtype=np.int64))


def judge_against(
    gathered: Gathered,
    other: Gathered,
    asked: tuple[Baseline, StoredGridSet],
    monitor: Monitor,
    against: Against,
) -> Judgement:
    """Judge a window against other traffic on the same grids; such a judgement never pages."""
    baseline, grids = asked
    silent = replace(monitor, page_level=None)
    if not other.rows:
        verdict = unjudged(State.INSUFFICIENT_DATA, "no_reference_rows")
    elif other.damaged:
        verdict = unjudged(State.ERROR, "counts damaged")
    elif other.vector is None or other.grid_set != baseline.grid_set:
        verdict = unjudged(State.INSUFFICIENT_DATA, "grid")
    else:
        traffic = replace(baseline, vector=other.vector, rows=other.rows)
        verdict = judge_window(gathered, traffic, grids, silent)
    return Judgement(silent, None, verdict, against.name)


def excluded(monitor: Monitor, against: Against) -> Judgement:
    """Return the judgement of a window that is held against nothing: its time is left out."""
    verdict = unjudged(State.INSUFFICIENT_DATA, EXCLUDED)
    return Judgement(replace(monitor, page_level=None), None, verdict, against.name)
