"""Sums of counts over windows that move on: each stored sum is added once and taken away once."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.batch import CountVector
from app.domain.monitors.by_rows import Span
from app.domain.monitors.past import Left, PastWindow
from app.domain.verdicts.judgement import Gathered
from app.store.counts import encoding
from app.store.transactions.session import AnyRow


def roll(rows: Sequence[AnyRow], spans: Iterable[Span]) -> list[PastWindow]:
    """Return windows that hold rows; these are in the order of their panes, as spans of starts."""
    held, made = _Held(), list[PastWindow]()
    waiting, inside = deque(rows), deque[AnyRow]()
    reach = None
    for start, end in spans:
        while waiting and waiting[0].pane < end:
            row = waiting.popleft()
            if _end(row) > start:
                reach = _end(row) if reach is None else max(reach, _end(row))
                inside.append(row)
                held.put(row, 1)
        over = reach is not None and reach > end
        while inside and inside[0].pane < start:
            held.put(inside.popleft(), -1)
        over |= held.ends_after(start)
        if held.rows or over:
            left = Left.MERGED if over else None
            made.append(PastWindow(start, end, 0, held.gathered(), left))
    return made


def _end(row: AnyRow) -> datetime:
    moment: datetime = row.pane + timedelta(minutes=row.minutes)
    return moment


@dataclass(slots=True)
class _Held:
    """The sum of the rows inside, for each grid set."""

    rows: int = 0
    stored: Counter[int] = field(default_factory=Counter)
    damaged: int = 0
    sums: dict[int, CountVector] = field(default_factory=dict)
    left_until: datetime | None = None
    """The furthest end of what was taken away: later windows may begin within it."""

    def put(self, row: AnyRow, sign: int) -> None:
        """Add what is stored, or take it away again."""
        self.rows += sign * row.rows
        self.stored[row.number] += sign
        if sign < 0:
            end = _end(row)
            self.left_until = end if self.left_until is None else max(end, self.left_until)
        vector = _read(row)
        if vector is None:
            self.damaged += sign
        elif row.number in self.sums:
            self.sums[row.number] += sign * vector
        else:
            self.sums[row.number] = vector
        if not self.stored[row.number]:
            del self.stored[row.number]
            self.sums.pop(row.number, None)

    def ends_after(self, start: datetime) -> bool:
        return self.left_until is not None and self.left_until > start

    def gathered(self) -> Gathered:
        """Return what a window holds now, as its gathering would."""
        if len(self.stored) != 1:
            return Gathered(self.rows, None, None)
        if self.damaged:
            return Gathered(self.rows, None, None, damaged=True)
        (number,) = self.stored
        return Gathered(self.rows, number, self.sums[number].copy())


def _read(row: AnyRow) -> CountVector | None:
    """Return stored counts; None where they are not what was written."""
    try:
        vector = encoding.unpack(row.counts, row.cells)
    except encoding.DamagedCounts:
        return None
    return vector if int(vector.sum()) == row.total else None
