"""One feature over windows: its effect, both thresholds, and what chance alone would show."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.dashboard.figures import edge
from app.dashboard.measure import PSI, Measure
from app.dashboard.states import NOT_JUDGED, WORDS, kind_of
from app.domain.telling.reports import FeaturePoint, StoredEstimate
from drift_core import Thresholds

WIDTH, HEIGHT = 640.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 78.0, 20.0, 26.0
MOST = 2.0
"""A PSI grows without end where the two sides share nothing: more is drawn as an arrow."""
LEAST = 0.3
SURE = 1.645
"""Of normal scores: nineteen of twenty windows without drift lie below."""
STEPS = (0.1, 0.25, 0.5)
MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Dot:
    """One window."""

    x: float
    y: float
    kind: str
    told: str
    start: datetime
    chosen: bool
    above: str | None
    """The value, where it lies above the axis."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across, with its label."""

    y: float
    label_y: float
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole chart."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    dots: tuple[Dot, ...]
    line: str
    band: str
    rules: tuple[Rule, ...]
    ticks: tuple[tuple[float, str], ...]
    dates: tuple[tuple[float, str, str], ...]
    told: str
    largest: str | None
    """The largest value, where it lies above the axis."""


def timeline(
    points: Sequence[FeaturePoint],
    limits: Thresholds,
    measure: Measure = PSI,
    chosen: datetime | None = None,
) -> Timeline | None:
    """Return the chart of judged windows, which come newest first; None where there is nothing."""
    drawn = [(point, _drawn(point, measure)) for point in reversed(points)]
    known = [(point, estimate) for point, estimate in drawn if estimate is not None]
    if not known:
        return None
    values = [max(0.0, estimate.effect or 0.0) for _, estimate in known]
    marks = [limit for limit in (limits.warning, limits.drift) if limit is not None]
    top = min(MOST, max([LEAST, *(1.15 * v for v in values), *(1.4 * m for m in marks)]))
    xs = _places([point.start for point, _ in known])
    dots = tuple(
        _dot(point, value, x, top, point.start == chosen)
        for (point, _), value, x in zip(known, values, xs, strict=True)
    )
    band = [
        _y(min(top, chance(estimate.null_mean, estimate.n_ref, estimate.n_cur)), top)
        for _, estimate in known
    ]
    return Timeline(
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        HEIGHT - BOTTOM,
        dots,
        _path(xs, [dot.y for dot in dots]),
        _area(xs, band),
        _rules(limits, top),
        _ticks(top, is_capped=max(values) > top),
        _dates([point.start for point, _ in known], xs),
        _told(measure.short, values, [point for point, _ in known]),
        f"{max(values):.2f}" if max(values) > top else None,
    )


def _drawn(point: FeaturePoint, measure: Measure) -> StoredEstimate | None:
    every = [one for one in point.verdict.estimates if one.effect is not None]
    mine = [one for one in every if measure.statistic in (None, one.statistic)]
    return max(mine, key=lambda one: one.effect or 0.0, default=None)


def chance(null_mean: float | None, n_ref: int, n_cur: int) -> float:
    """Return the effect that nineteen of twenty windows without drift stay below.

    Without drift a PSI is about ``(1/n + 1/m)`` times a chi-squared; its quantile is Wilson and
    Hilferty's.
    """
    if null_mean is None or null_mean <= 0 or not (n_ref and n_cur):
        return 0.0
    scale = 1 / n_ref + 1 / n_cur
    freedom = null_mean / scale
    part = 2 / (9 * freedom)
    quantile = freedom * (1 - part + SURE * math.sqrt(part)) ** 3
    return max(0.0, scale * quantile - null_mean)


def _places(starts: Sequence[datetime]) -> list[float]:
    inner = WIDTH - LEFT - RIGHT
    first, last = starts[0], starts[-1]
    if first == last:
        return [LEFT + inner / 2] * len(starts)
    return [LEFT + 6 + (inner - 12) * ((at - first) / (last - first)) for at in starts]


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(value, top) / top)


def _ticks(top: float, *, is_capped: bool) -> tuple[tuple[float, str], ...]:
    step = next((one for one in STEPS if top / one <= MOST_TICKS), STEPS[-1])
    ticks = [(_y(step * n, top), f"{step * n:g}") for n in range(int(top / step) + 1)]
    if is_capped:
        ticks[-1] = (ticks[-1][0], f"{top:g} or more")
    return tuple(ticks)


def _dot(point: FeaturePoint, value: float, x: float, top: float, chosen: bool) -> Dot:
    kind = kind_of(point.verdict.state, point.verdict.warning)
    above = f"{value:.2f}" if value > top else None
    told = f"{edge(point.start)}: {WORDS[kind] if kind in NOT_JUDGED else f'{value:.2f}, {kind}'}"
    return Dot(x, _y(value, top), kind, told, point.start, chosen, above)


def _rules(limits: Thresholds, top: float) -> tuple[Rule, ...]:
    found = []
    for kind, limit in (("warning", limits.warning), ("drift", limits.drift)):
        if limit is not None and limit <= top:
            y = _y(limit, top)
            found.append(Rule(y, y + 3.5, f"{kind} {limit:g}", kind))
    # labels of thresholds that lie close would cover each other
    if len(found) == 2 and found[0].label_y - found[1].label_y < 12:
        low, high = found
        middle = (low.label_y + high.label_y) / 2
        return (
            Rule(low.y, middle + 6, low.label, low.kind),
            Rule(high.y, middle - 6, high.label, high.kind),
        )
    return tuple(found)


def _path(xs: Sequence[float], ys: Sequence[float]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))


def _area(xs: Sequence[float], ys: Sequence[float]) -> str:
    floor = HEIGHT - BOTTOM
    wide = [(xs[0] - 6, ys[0]), *zip(xs, ys, strict=True), (xs[-1] + 6, ys[-1])]
    upper = "L".join(f"{x:.1f} {y:.1f}" for x, y in wide)
    return f"M{wide[0][0]:.1f} {floor:.1f}L{upper}L{wide[-1][0]:.1f} {floor:.1f}Z"


def _dates(starts: Sequence[datetime], xs: Sequence[float]) -> tuple[tuple[float, str, str], ...]:
    hours = (starts[-1] - starts[0]).days < 3
    places = sorted({0, len(xs) // 2, len(xs) - 1})
    anchors = {0: "start", len(xs) - 1: "end"} if len(xs) > 1 else {}
    found = []
    for at in places:
        utc = starts[at].astimezone(UTC)
        label = f"{utc.day} {utc:%b %H:%M}" if hours else f"{utc.day} {utc:%b %Y}"
        found.append((xs[at], anchors.get(at, "middle"), label))
    return tuple(found)


def _told(short: str, values: Sequence[float], points: Sequence[FeaturePoint]) -> str:
    states = [point.verdict.state for point in points]
    return (
        f"{short} over {len(values)} windows, last {values[-1]:.2f}, "
        f"highest {max(values):.2f}, drift in {states.count('drift')}"
    )
