"""What stands around a chart that is alone: what it shows, of whom, when, and its legend. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.dashboard.charts.histogram import Aside
from app.dashboard.charts.strip import Strip
from app.dashboard.charts.timeline import Timeline
from app.dashboard.figures import day, edge
from app.dashboard.states import WORDS
from app.domain.telling.wording import percent
from app.report.names import shown

LETTER = 6.2
"""About the width of a letter, for what stands beside it."""
KEY, GAP = 22.0, 16.0
LINE, HEAD, FOOT = 16.0, 34.0, 10.0
LEAST_WIDTH = 480.0
APART = 170.0
"""Two dates need this much room side by side."""
MOST = 90
SIDES = (("reference", "reference"), ("current", "this window"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a legend: ``kind`` says how its key is drawn."""

    kind: str
    x: float
    word: str


@dataclass(frozen=True, slots=True)
class Caption:
    """All text around a chart, in lines; dates stand directly below it."""

    title: str
    about: tuple[str, ...] = ()
    legend: tuple[Entry, ...] = ()
    dates: tuple[tuple[float, str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def above(self) -> float:
        """How much room it needs above the chart."""
        return HEAD + LINE * len(self.about) + (LINE + 4 if self.legend else 0)

    @property
    def below(self) -> float:
        """And below."""
        return FOOT + LINE * (len(self.notes) + bool(self.dates))

    def wide(self, chart: float) -> float:
        """Return the width of the text and a chart of this width."""
        ends = (one.x + KEY + LETTER * len(one.word) for one in self.legend)
        return max(chart, LEAST_WIDTH, *ends, 0.0)


def series(version: str, monitor: str, segment: str, against: str) -> str:
    """Return whose windows a chart shows."""
    parts = [f"version {shown(version, 24)}", f"monitor {shown(monitor, 24)}"]
    if segment:
        parts.append(f"segment {shown(segment, 24)}")
    return ", ".join([*parts, f"held against {against}"])


def stretch(first: datetime, last: datetime, *, windows: int = 1) -> str:
    """Return from when to when, in UTC."""
    counted = f"{windows} windows that begin from " if windows > 1 else ""
    return f"{counted}{edge(first)} to {edge(last)}, UTC"


def keys(found: Iterable[tuple[str, str]]) -> tuple[Entry, ...]:
    """Return the entries of a legend side by side; of each a kind and a word come in."""
    made: list[Entry] = []
    x = 0.0
    for kind, word in found:
        made.append(Entry(kind, x, word))
        x += KEY + LETTER * len(word) + GAP
    return tuple(made)


def keys_of_strip(chart: Strip) -> tuple[Entry, ...]:
    """Return what the bars mean that there are."""
    there = {bar.kind for bar in chart.bars}
    return keys((kind, word) for kind, word in WORDS.items() if kind in there)


def keys_of_timeline(chart: Timeline) -> tuple[Entry, ...]:
    """Return what the marks mean that there are."""
    there = {dot.kind for dot in chart.dots}
    found = [(f"dot {kind}", word) for kind, word in WORDS.items() if kind in there]
    if chart.largest:
        found.append(("above", "beyond the axis"))
    return keys([*found, ("band", "by chance alone, 19 of 20 windows")])


def dates_of(chart: Strip, first: datetime, last: datetime) -> tuple[tuple[float, str, str], ...]:
    """Return the first and last date for below a strip."""
    if not chart.bars:
        return ()
    if chart.width - chart.bars[0].x < APART:
        both = day(first) if day(first) == day(last) else f"{day(first)} to {day(last)}"
        return ((chart.width, "end", both),)
    return ((chart.bars[0].x, "start", day(first)), (chart.width, "end", day(last)))


def notes_of(changes: Sequence[str], asides: Sequence[Aside]) -> tuple[str, ...]:
    """Return what changed, and what has no bar among values, each in a line."""
    odd = [
        f"{one.name}: {percent(one.reference)} of the reference's rows, "
        f"{percent(one.current)} of this window's"
        for one in asides
        if one.reference or one.current
    ]
    return tuple(shown(line, MOST) for line in (*changes, *odd))
