"""Two distributions: the reference filled, the current outlined; what is no value apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.telling.shape import Bar
from drift_core import CategoricalGrid, Counts, NumericGrid

WIDTH, HEIGHT = 640.0, 320.0
LEFT, TOP, BOTTOM = 46.0, 10.0, 24.0
GAP = 0.08
LABELS = 5
MOST_STEPS = 5
EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Block:
    """One bar of the reference."""

    x: float
    y: float
    width: float
    height: float
    told: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """The whole chart."""

    width: float
    height: float
    left: float
    bottom: float
    blocks: tuple[Block, ...]
    line: str
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, str, str], ...]
    told: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A share of rows on both sides that is no value, or lies where the reference has none."""

    name: str
    reference: float
    current: float


def histogram(bars: Sequence[Bar], told: str) -> Histogram | None:
    """Return the chart of bars of values; None where there are none."""
    if not bars:
        return None
    steps, step = scale(max(max(bar.reference or 0.0, bar.current or 0.0) for bar in bars))
    top = steps * step
    width = (WIDTH - LEFT) / len(bars)
    floor = HEIGHT - BOTTOM
    tall = floor - TOP
    blocks, line = [], [f"M{LEFT:.1f} {floor:.1f}"]
    for at, bar in enumerate(bars):
        x = LEFT + at * width
        height = tall * (bar.reference or 0.0) / top
        words = f"{bar.label}: {_share(bar.reference)} → {_share(bar.current)}"
        gap = width * GAP
        blocks.append(Block(x + gap / 2, floor - height, width - gap, height, words))
        line.append(f"V{floor - tall * (bar.current or 0.0) / top:.1f}H{x + width:.1f}")
    line.append(f"V{floor:.1f}")
    ticks = tuple((floor - tall * at / steps, _tick(at * step)) for at in range(steps + 1))
    labels = _labels(bars, width)
    return Histogram(WIDTH, HEIGHT, LEFT, floor, tuple(blocks), "".join(line), ticks, labels, told)


def scale(most: float) -> tuple[int, float]:
    """Return how many round steps an axis has, and how long one is: 1, 2 or 5 of a power of ten.

    Examples
    --------
    >>> scale(0.21), scale(0.9), scale(0.0)
    ((5, 0.05), (5, 0.2), (1, 1.0))
    """
    if most <= 0:
        return 1, 1.0
    power = 10.0 ** math.floor(math.log10(most / MOST_STEPS))
    step = next(one * power for one in (1, 2, 5, 10) if most <= MOST_STEPS * one * power)
    return math.ceil(most / step - EXACT), step


def asides(ref: Counts, cur: Counts) -> tuple[Aside, ...]:
    """Return what stands beside values: missing, wrong type, new levels, beyond the range."""
    found = [
        ("missing", ref.missing, cur.missing),
        ("wrong type", ref.invalid, cur.invalid),
    ]
    if isinstance(ref.grid, CategoricalGrid):
        unseen = ref.grid.unseen_cell
        found.append(("never seen before", int(ref.cells[unseen]), int(cur.cells[unseen])))
    elif isinstance(ref.grid, NumericGrid):
        filled = np.flatnonzero(ref.values)
        if filled.size:
            below = int(cur.values[: filled[0]].sum())
            above = int(cur.values[filled[-1] + 1 :].sum())
            found += [("below its range", 0, below), ("above its range", 0, above)]
    return tuple(
        Aside(name, _of(before, ref.rows), _of(after, cur.rows)) for name, before, after in found
    )


def _of(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _labels(bars: Sequence[Bar], width: float) -> tuple[tuple[float, str, str], ...]:
    if len(bars) <= LABELS:
        places = list(range(len(bars)))
    else:
        places = sorted({round(k * (len(bars) - 1) / (LABELS - 2)) for k in range(LABELS - 1)})
    found = []
    for at in places:
        anchor = "middle"
        if len(bars) > LABELS and at in (0, len(bars) - 1):
            anchor = "start" if at == 0 else "end"
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        found.append((LEFT + (at + shift) * width, anchor, bars[at].label))
    return tuple(found)


def _tick(share: float) -> str:
    return f"{100 * share:.2g} %"


def _share(share: float | None) -> str:
    return "no rows" if share is None else f"{100 * share:.3g} %"
