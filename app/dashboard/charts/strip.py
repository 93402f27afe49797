"""A row of small bars, one for each window: the worse, the taller, so that colour is not needed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.dashboard.figures import plural
from app.dashboard.states import WORDS

STEP = 8.0
HEIGHT = 24.0
HEIGHTS = {"ok": 6.0, "warning": 13.0}
GAP = 1.6


@dataclass(frozen=True, slots=True)
class Bar:
    """One window."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Strip:
    """All of them, the newest at the right; ``told`` says the same in words."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    told: str


def strip(kinds: Sequence[str], places: int) -> Strip:
    """Return the bars of windows, oldest first; where there are few, the left stays empty."""
    first = places - len(kinds)
    bars = tuple(_bar(kind, first + at) for at, kind in enumerate(kinds))
    return Strip(places * STEP, HEIGHT, bars, told(kinds))


def told(kinds: Sequence[str]) -> str:
    """Return what windows say, counted."""
    if not kinds:
        return "no window was judged yet"
    counted = Counter(kinds)
    parts = [f"{counted[kind]} {word}" for kind, word in WORDS.items() if counted[kind]]
    return f"last {plural(len(kinds), 'window')}: {', '.join(parts)}"


def _bar(kind: str, place: int) -> Bar:
    height = HEIGHTS.get(kind, HEIGHT - 2)
    return Bar(kind, place * STEP + GAP / 2, HEIGHT - 1 - height, STEP - GAP, height)
