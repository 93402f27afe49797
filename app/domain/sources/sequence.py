"""Numbers that a source gives its batches: which never came, and about how many rows they were."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.errors import Fault, Invalid

LARGEST = 2**53
"""What every language's numbers hold."""
FAR = 1_000_000
"""Numbers beyond the highest; what is farther ahead is another sequence, and nothing was lost."""
NEAR = 100
"""Numbers below the lowest: so far apart may batches arrive that were sent side by side."""
FIRST = 1
"""A sequence begins at 0 or 1: where that comes again, it begins anew."""
MOST_GAPS = 200
"""Of one source and epoch; beyond that the oldest are forgotten."""
EPOCHS = 8
"""Of one source; those that were not heard of for longest are forgotten,"""
GAPPED = 64
"""and later than that those of which something never came."""
SPELLED = re.compile(r"(?:([A-Za-z0-9][A-Za-z0-9._-]{0,63})/)?([0-9]{1,16})")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A batch's number; numbers of different epochs have nothing to do with one another."""

    epoch: str
    number: int

    def __str__(self) -> str:
        """Return it as it is written in a header."""
        return f"{self.epoch}/{self.number}" if self.epoch else str(self.number)


@dataclass(frozen=True, slots=True)
class Note:
    """What was counted under a number."""

    number: int
    version: str
    rows: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers between two that came; ``start`` and ``end`` are the event times around it."""

    after: int
    before: int
    version: str
    start: datetime
    end: datetime

    @property
    def numbers(self) -> int:
        return self.before - self.after - 1


@dataclass(frozen=True, slots=True)
class Line:
    """How far the numbers of one source and epoch have come."""

    low: int
    high: int
    starts: datetime
    ends: datetime
    batches: int
    rows: int
    gaps: tuple[Gap, ...] = ()
    anew: bool = False
    """It began again under its name, so that older numbers may still be on their way."""

    @property
    def mean(self) -> float:
        """Rows of a batch."""
        return self.rows / self.batches


def readable(text: str) -> bool:
    """Whether `parse` takes it."""
    found = SPELLED.fullmatch(text)
    return found is not None and int(found[2]) < LARGEST


def parse(text: str) -> Numbered:
    """Read ``17`` or ``boot-7f3a/17``.

    Raises
    ------
    Invalid
        It is neither, or too large.
    """
    if not readable(text):
        detail = "must be a number below 2**53, or an epoch, a slash and a number: boot-7f3a/17"
        fault = Fault(detail, field="Leeway-Sequence")
        raise Invalid("the sequence number cannot be read", (fault,))
    epoch, _, number = text.rpartition("/")
    return Numbered(epoch, int(number))


def follow(line: Line | None, notes: Iterable[Note]) -> Line | None:
    """Return the line after some more batches, in the order in which they were counted."""
    for note in notes:
        line = _begun(note) if line is None else _joined(line, note)
    return line


def missing(lines: Iterable[Line], version: str, start: datetime, end: datetime) -> int | None:
    """Return about how many rows of a window are in batches that never came.

    A gap that lies across windows is shared among them by time. None where no source numbered
    batches of that time.
    """
    lines = list(lines)
    shares = [
        gap.numbers * line.mean * share
        for line in lines
        for gap in line.gaps
        if gap.version == version and (share := _share(gap, start, end)) > 0
    ]
    heard = any(line.starts < end and line.ends >= start for line in lines)
    return math.ceil(sum(shares)) if shares or heard else None


def _begun(note: Note) -> Line:
    return Line(note.number, note.number, note.first, note.last, 1, note.rows)


def _joined(line: Line, note: Note) -> Line:
    line = replace(line, batches=line.batches + 1, rows=line.rows + note.rows)
    number = note.number
    if line.anew and note.last < line.starts:
        return _of_before(line, note)
    if number > line.high + FAR or number < line.low - NEAR:
        return _anew(line, note)
    if number > line.high:
        more = _gap(line.high, number, note.version, line.ends, note.first)
        return replace(line, high=number, ends=note.last, gaps=_newest(line.gaps + more))
    if number < line.low:
        more = _gap(number, line.low, note.version, note.last, line.starts)
        return replace(line, low=number, starts=note.first, gaps=_newest(more + line.gaps))
    around = next((gap for gap in line.gaps if gap.after < number < gap.before), None)
    if around is not None:
        return replace(line, gaps=_without(line.gaps, around, note))
    # one that was seen: the first of all begins anew, any other is one number given twice
    return _anew(line, note) if number <= FIRST else line


def _anew(line: Line, note: Note) -> Line:
    begun = _begun(note)
    return replace(begun, batches=line.batches, rows=line.rows, gaps=line.gaps, anew=True)


def _of_before(line: Line, note: Note) -> Line:
    """Return the line after a number of the run before it, which says nothing of this one."""
    open_ = (gap for gap in line.gaps if gap.after < note.number < gap.before)
    around = next((gap for gap in open_ if gap.end < line.starts), None)
    return line if around is None else replace(line, gaps=_without(line.gaps, around, note))


def _without(gaps: tuple[Gap, ...], around: Gap, note: Note) -> tuple[Gap, ...]:
    """Return the gaps after a number came late."""
    at = gaps.index(around)
    left = _gap(around.after, note.number, around.version, around.start, note.first)
    right = _gap(note.number, around.before, around.version, note.last, around.end)
    return _newest(gaps[:at] + left + right + gaps[at + 1 :])


def _gap(after: int, before: int, version: str, one: datetime, other: datetime) -> tuple[Gap, ...]:
    if before - after < 2:
        return ()
    return (Gap(after, before, version, min(one, other), max(one, other)),)


def _newest(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    return gaps if len(gaps) <= MOST_GAPS else tuple(sorted(gaps, key=_ended)[-MOST_GAPS:])


def _ended(gap: Gap) -> datetime:
    return gap.end


def _share(gap: Gap, start: datetime, end: datetime) -> float:
    """Which part of a gap lies in a span."""
    if gap.start == gap.end:
        return 1.0 if start <= gap.start < end else 0.0
    inside = min(gap.end, end) - max(gap.start, start)
    return max(inside, timedelta(0)) / (gap.end - gap.start)
