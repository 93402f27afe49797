"""How the traffic monitor does on simulated traffic: false alarms a quarter, and delays.

Run ``python benchmarks/silences.py [quarters]``. Each quarter is 17 weeks of minutes: four are only
learned from, thirteen are watched, and the history is renewed each week. In the last week rows
stop at twenty random moments of traffic, each by itself, and the time to the alarm is noted. Beside
it stands a plain timeout of an hour.
"""

import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.domain.alerts.traffic import (
    HISTORY,
    HOUR,
    LEARNING,
    LOOK,
    SHORTEST,
    Hour,
    Rhythm,
    threshold,
)
from app.domain.window import MONDAY

WEEK = 7 * 24 * 60
WEEKS = 17
LEARNED = LEARNING // (WEEK * LOOK)
KEPT = HISTORY // (WEEK * LOOK)
SHORT = SHORTEST // LOOK
TIMEOUT = 60
STOPS = 20
PATIENCE = 10 * 24 * 60
Ints = npt.NDArray[np.int64]


class Traffic(NamedTuple):
    """Rows an hour at the busiest, their course over the week, and how they cluster."""

    name: str
    rate: float
    course: str = "flat"
    clusters: str = "none"


CASES = (
    Traffic("600 an hour, independent", 600),
    Traffic("20 an hour", 20),
    Traffic("2 an hour", 2),
    Traffic("1 in 3 hours", 0.3),
    Traffic("600 an hour by day, 5 % of it by night", 600, "daily"),
    Traffic("20 an hour by day, 5 % of it by night", 20, "daily"),
    Traffic("60 an hour in office hours only", 60, "office"),
    Traffic("20 an hour, hours differ (gamma, shape 0.5)", 20, "flat", "hours"),
    Traffic("60 an hour by day, days differ (lognormal, 0.7)", 60, "daily", "days"),
    Traffic("a batch an hour, give or take 6 minutes", 1, "flat", "batches"),
    Traffic("a batch a day, give or take 2.4 hours", 1 / 24, "flat", "batches"),
    Traffic("a batch an hour in office hours", 1, "office", "batches"),
)


def course(kind: str) -> npt.NDArray[np.float64]:
    """Share of the busiest rate at each hour of the week."""
    day, hour = np.divmod(np.arange(168), 24)
    match kind:
        case "daily":
            return 0.05 + 0.95 * np.clip(np.sin((hour - 6) / 24 * 2 * np.pi), 0, 1)
        case "office":
            return ((hour >= 8) & (hour < 18) & (day < 5)).astype(np.float64)
        case _:
            return np.ones(168)


def arrivals(rng: np.random.Generator, traffic: Traffic) -> Ints:
    """Rows of each minute."""
    minutes = WEEKS * WEEK
    share = course(traffic.course)[(np.arange(minutes) // 60) % 168]
    if traffic.clusters == "batches":
        step = 60 / traffic.rate
        due = np.arange(0, minutes, step)
        at = (due + rng.normal(0, 0.1 * step, due.size)).astype(np.int64)
        at = at[(at >= 0) & (at < minutes)]
        return np.bincount(at[share[at] > 0.5], minlength=minutes) * 500
    mean = share * traffic.rate / 60
    if traffic.clusters == "hours":
        mean = mean * rng.gamma(0.5, 2.0, minutes // 60).repeat(60)
    if traffic.clusters == "days":
        mean = mean * np.exp(rng.normal(0, 0.7, minutes // 1_440)).repeat(1_440)
    return rng.poisson(mean)


def hours(rows: Ints, first: int, last: int) -> list[Hour]:
    """What would have been kept of the minutes from ``first`` to ``last``."""
    active = (rows[first:last] > 0).reshape(-1, 60).sum(1)
    summed = rows[first:last].reshape(-1, 60).sum(1)
    longest: dict[int, tuple[int, int]] = {}
    for start, end in _silences(rows, first, last):
        known = longest.get(end // 60, (0, 0))
        if end - start > max(2, known[1] - known[0]):
            longest[end // 60] = (start, end)
    return [
        Hour(
            MONDAY + (first // 60 + n) * HOUR,
            60,
            int(active[n]),
            int(summed[n]),
            *(MONDAY + at * LOOK for at in longest.get(first // 60 + n, ())),
        )
        for n in range(active.size)
    ]


def _silences(rows: Ints, first: int, last: int) -> Iterator[tuple[int, int]]:
    at = np.flatnonzero(rows[first:last]) + first
    return zip(at[:-1].tolist(), at[1:].tolist(), strict=True)


def watched(rng: np.random.Generator, traffic: Traffic) -> tuple[int, int, float]:
    """False alarms of the monitor and of a timeout in a quarter, and the median delay."""
    rows = arrivals(rng, traffic)
    at = np.flatnonzero(rows)
    start, end = at[:-1], at[1:]
    false = plain = 0
    delay = np.inf
    for week in range(LEARNED, WEEKS):
        first, last = max(0, week - KEPT) * WEEK, week * WEEK
        kept = hours(rows, first, last)
        rhythm = Rhythm(kept)
        needed = threshold(rhythm, kept)
        this = (end >= last) & (end < last + WEEK)
        plain += int((end[this] - start[this] > TIMEOUT).sum())
        if needed is None:
            continue
        found = rhythm.surprise(start[this] / 60, end[this] / 60)
        false += int(((found > needed) & (end[this] - start[this] >= SHORT)).sum())
        if week == WEEKS - 1:
            stops = rng.choice(at[at >= first], STOPS)
            delay = float(np.median([_delay(rhythm, needed, int(stop)) for stop in stops]))
    return false, plain, delay


def _delay(rhythm: Rhythm, needed: float, stop: int) -> float:
    after = np.arange(SHORT, PATIENCE)
    found = rhythm.surprise(np.full(after.size, stop / 60), (stop + after) / 60)
    late = np.flatnonzero(found > needed)
    return float(after[late[0]]) if late.size else np.inf


def main() -> None:
    quarters = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"{quarters} quarters each")
    heads = (
        "traffic",
        "false alarms a quarter",
        "quarters with more than one",
        "a timeout of 1 h: false alarms a quarter",
        "delay of a real silence, median",
    )
    print(f"| {' | '.join(heads)} |")
    print("|---|---:|---:|---:|---:|")
    for number, traffic in enumerate(CASES):
        rng = np.random.default_rng([2_026, number])
        found = np.array([watched(rng, traffic) for _ in range(quarters)])
        false, plain, delay = found.T
        print(
            f"| {traffic.name} | {false.mean():.3f} | {(false > 1).mean():.1%} "
            f"| {plain.mean():.1f} | {_spoken(float(np.median(delay)))} |",
            flush=True,
        )


def _spoken(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"


if __name__ == "__main__":
    main()
