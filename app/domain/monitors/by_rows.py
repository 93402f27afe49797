"""Windows by rows: each follows the last, and ends with the pane in which it has enough."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.domain.monitors.frame import WIDEST

MOST_ROWS = 1_000_000_000
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, order=True)
class ByRows:
    """Windows of at least so many rows, of event time and not of arrival; 30 days long at most."""

    rows: int

    @property
    def name(self) -> str:
        return f"rows/{self.rows}"


class Held(NamedTuple):
    """Rows of one stored sum: a pane, or an hour or day that panes were merged to."""

    start: datetime
    end: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class Cuts:
    """Windows that have ended, and where the next one begins."""

    spans: tuple[Span, ...]
    begin: datetime


def cut(held: Iterable[Held], begin: datetime, least: int, until: datetime) -> Cuts:
    """Cut time from ``begin`` on into windows that end no later than ``until``.

    A window without enough rows ends after 30 days as it is. Where no rows came at all there is
    none: the next begins with the next rows.
    """
    spans: list[Span] = []
    inside = 0
    for one in _blocks(held):
        if one.end > until:
            break
        while one.end > begin + WIDEST:
            if not inside:
                begin = max(begin, one.start)
                break
            spans.append((begin, begin + WIDEST))
            begin, inside = begin + WIDEST, 0
        inside += one.rows
        if inside >= least:
            spans.append((begin, one.end))
            begin, inside = one.end, 0
    if inside and begin + WIDEST <= until:
        spans.append((begin, begin + WIDEST))
        begin += WIDEST
    return Cuts(tuple(spans), begin)


def _blocks(held: Iterable[Held]) -> Iterator[Held]:
    """Yield stretches that no border lies within: sums that overlap are one."""
    ordered: Sequence[Held] = sorted(held)
    block: Held | None = None
    for one in ordered:
        if block is not None and one.start < block.end:
            block = Held(block.start, max(block.end, one.end), block.rows + one.rows)
            continue
        if block is not None:
            yield block
        block = one
    if block is not None:
        yield block
