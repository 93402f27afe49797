"""Features by windows as a grid of levels: what drifts, and since when. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from app.dashboard.figures import edge, effect
from app.dashboard.states import KINDS, NOT_JUDGED, WORDS, kind_of
from app.domain.telling.overview import Cell
from app.domain.verdicts.judgement import WindowSummary
from drift_core import Thresholds

COLUMNS = 48
DAY = 86_400
STEPS = (0.5, 1.0)
"""Of the warning: where the first two levels begin."""
ABOVE = (1.0, 2.5, 5.0)
"""Of what counts as drift: where the last three begin."""
RANK = {"ok": 0, "unjudged": 1, "error": 2, "warning": 3, "drift": 4}
RANKS = {(state, warn): RANK[kind_of(state, warn)] for state in KINDS for warn in (False, True)}


@dataclass(frozen=True, slots=True)
class Column:
    """One window, or some that lie side by side; ``start`` is that of the last of them."""

    start: datetime
    label: str
    title: str
    chosen: bool
    verdicts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell: a class for its look, and a text."""

    look: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One feature."""

    feature: str
    now: str
    kind: str
    marks: tuple[Mark, ...]
    then: str = ""
    then_kind: str = ""
    """The same in the window that is looked at, where that is not the newest."""


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: a look, and from which value on a cell looks so."""

    look: str
    least: float


@dataclass(frozen=True, slots=True)
class Legend:
    """What colours mean: ``calm`` without drift, ``drifting`` with it, by whatever test."""

    calm: tuple[Key, ...]
    drifting: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """All of it; ``months`` are labels over several columns."""

    columns: tuple[Column, ...]
    months: tuple[tuple[str, int], ...]
    rows: tuple[Row, ...]
    together: int
    """How many windows a column holds."""
    then: datetime | None = None
    """The window that is looked at, where it is not the newest."""


def columns(windows: Sequence[WindowSummary], chosen: datetime | None) -> tuple[Column, ...]:
    """Return columns for windows, which come newest first; many of them share columns."""
    together = max(1, -(-len(windows) // COLUMNS))
    ordered = list(reversed(windows))
    first = len(ordered) % together
    cuts = [0, *range(first or together, len(ordered) + 1, together)] if ordered else []
    pairs = pairwise(cuts)
    return tuple(_column(ordered[low:high], chosen) for low, high in pairs)


def _column(windows: Sequence[WindowSummary], chosen: datetime | None) -> Column:
    last = windows[-1]
    start = last.key.start.astimezone(UTC)
    daily = (last.end - last.key.start).total_seconds() >= DAY
    title = edge(start) if len(windows) == 1 else f"{edge(windows[0].key.start)} to {edge(start)}"
    return Column(
        start,
        str(start.day if daily else start.hour),
        title,
        any(one.key.start == chosen for one in windows),
        tuple(one.verdict for one in windows if one.verdict is not None),
    )


def months(found: Sequence[Column]) -> tuple[tuple[str, int], ...]:
    """Return the labels above columns: months of days, days of hours."""
    daily = len(found) < 2 or (found[-1].start - found[0].start).days >= len(found) - 1
    labels: list[tuple[str, int]] = []
    for column in found:
        label = f"{column.start:%b %Y}" if daily else f"{column.start.day} {column.start:%b}"
        if labels and labels[-1][0] == label:
            labels[-1] = (label, labels[-1][1] + 1)
        else:
            labels.append((label, 1))
    return tuple(labels)


def heat(
    found: Sequence[Column],
    features: Sequence[str],
    cells: Mapping[int, Mapping[str, Cell | None]],
    limits: Callable[[str], Thresholds],
    earlier: WindowSummary | None = None,
) -> Heat:
    """Return the grid; a column of several windows shows the worst of each feature.

    ``cells`` are by verdict and feature, ``limits`` the thresholds of a feature, ``earlier`` the
    window that is looked at, where it is not the newest.
    """
    known = [[cells[verdict] for verdict in one.verdicts if verdict in cells] for one in found]
    rows = []
    for feature in features:
        mine = [[cell for said in some if (cell := said.get(feature))] for some in known]
        own = limits(feature)
        marks = tuple(mark(some, own) for some in mine)
        last = next((some[-1] for some in reversed(mine) if some), None)
        row = _row(feature, last, marks)
        if earlier is not None:
            was = _row(feature, cells.get(earlier.verdict or 0, {}).get(feature), ())
            row = replace(row, then=was.now, then_kind=was.kind)
        rows.append(row)
    together = max((len(column.verdicts) for column in found), default=1)
    then = earlier.key.start if earlier else None
    return Heat(tuple(found), months(found), tuple(rows), together, then)


def _row(feature: str, last: Cell | None, marks: tuple[Mark, ...]) -> Row:
    if last is None:
        return Row(feature, effect(None), "waiting", marks)
    kind = kind_of(last.state, last.warning)
    return Row(feature, effect(None if kind in NOT_JUDGED else last.effect), kind, marks)


def mark(cells: Sequence[Cell], limits: Thresholds) -> Mark:
    """Return how the worst of some cells looks; what was not judged must not look calm."""
    if not cells:
        return Mark("x", "no data")
    worst = cells[0] if len(cells) == 1 else max(cells, key=_badness)
    kind = kind_of(worst.state, worst.warning)
    if kind in ("unjudged", "error"):
        return Mark(kind[0], WORDS[kind])
    step = level(worst.effect or 0.0, drifted=kind == "drift", limits=limits)
    text = effect(worst.effect) if worst.effect is not None else kind
    return Mark(f"h{step}", f"{text} drift" if kind == "drift" else text)


def _badness(cell: Cell) -> tuple[int, float]:
    _, _, state, warning, effect = cell
    return RANKS[state, warning], effect or 0.0


def level(value: float, *, drifted: bool, limits: Thresholds) -> int:
    """Return one of six levels: up to 2 while there is no drift, from 3 on where there is."""
    warning, drift = _bases(limits)
    if drifted:
        return 2 + max(1, sum(value >= step * drift for step in ABOVE))
    return sum(value >= step * warning for step in STEPS)


def legend(limits: Thresholds) -> Legend:
    """Return from which values on cells look how; drift has its colours from nothing on."""
    warning, drift = _bases(limits)
    calm = [0.0, *(step * warning for step in STEPS)]
    drifting = [0.0, *(step * drift for step in ABOVE[1:])]
    return Legend(
        tuple(Key(f"h{at}", least) for at, least in enumerate(calm)),
        tuple(Key(f"h{at}", least) for at, least in enumerate(drifting, len(calm))),
    )


def _bases(limits: Thresholds) -> tuple[float, float]:
    return limits.warning or limits.drift or 0.1, limits.drift or 0.2
