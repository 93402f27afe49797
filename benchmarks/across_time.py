"""How the budget across time does over quarters of simulated traffic: false pages, then delays.

Run ``python benchmarks/across_time.py [quarters] [traffic ...]``. A model has 50 features: 30
numbers in deciles, 98 % zeros, a rare flag, a Poisson count, ten levels. 28 days of hours are
learned from, 90 days are watched. All shares come from a normal variable cut at fixed places, so
that a mean that moves by so many standard deviations is the same for all of them.
"""

import math
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import beta

from drift_core import Budget, FoundMany, fresh, learned, look_many

FEATURES, BINS, DAY = 50, 10, 24
LEARN, LOOKS = 28 * DAY, 90 * DAY
HOURS = np.arange(LEARN + LOOKS)
CHANGE = LEARN + 2 * DAY
REF = 10_000
Moves = Callable[[np.random.Generator], np.ndarray]


def _shares() -> np.ndarray:
    shares = np.zeros((FEATURES, BINS))
    shares[:30] = 0.1
    shares[30:35, :2] = 0.98, 0.02
    shares[35:40, :2] = 0.95, 0.05
    shares[40:45, :5] = [math.exp(-1) / math.factorial(k) for k in range(5)]
    shares[40:45, 5] = 1 - shares[40, :5].sum()
    shares[45:] = 1 / np.arange(1, 11) / (1 / np.arange(1, 11)).sum()
    return shares


SHARES = _shares()
BELOW = SHARES.cumsum(1)[:, :-1]
EDGES = np.where(BELOW > 1 - 1e-12, np.inf, ndtri(np.minimum(BELOW, 1 - 1e-12)))


def moved(means: np.ndarray) -> np.ndarray:
    """Shares of the bins where the mean is off by `means`, shape (..., features)."""
    below = ndtr(EDGES - means[..., None])
    ends = np.zeros((*below.shape[:-1], 1))
    return np.maximum(np.diff(np.concatenate((ends, below, ends + 1), -1), axis=-1), 0.0)


def still(rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    return np.zeros((HOURS.size, FEATURES))


def daily(swing: float) -> Moves:
    def means(rng: np.random.Generator) -> np.ndarray:
        return swing * np.sin(2 * np.pi * (HOURS[:, None] + rng.integers(0, DAY, FEATURES)) / DAY)

    return means


def weekly(rng: np.random.Generator) -> np.ndarray:
    weekend = (HOURS // DAY % 7 >= 5)[:, None] * rng.choice([-0.3, 0.3], FEATURES)
    return np.asarray(daily(0.3)(rng) + weekend)


def wander(rho: float, sd: float) -> Moves:
    """From day to day, as an autoregression of order one."""

    def means(rng: np.random.Generator) -> np.ndarray:
        days = rng.normal(size=(HOURS.size // DAY, FEATURES))
        for k in range(1, days.shape[0]):
            days[k] = rho * days[k - 1] + math.sqrt(1 - rho**2) * days[k]
        return np.repeat(sd * days, DAY, 0)

    return means


class Traffic(NamedTuple):
    """How the mean moves, rows an hour, how often each row comes, and hours without any."""

    moves: Moves = still
    rows: int = 1_000
    copies: int = 1
    outages: bool = False


TRAFFIC = {
    "independent": Traffic(),
    "independent, 100 rows": Traffic(rows=100),
    "rows come five times": Traffic(copies=5),
    "daily cycle, 0.3 sd": Traffic(daily(0.3)),
    "daily cycle, 0.75 sd, outages": Traffic(daily(0.75), outages=True),
    "daily cycle, weekends 0.3 sd": Traffic(weekly),
    "wander 0.1 sd, rho 0.5": Traffic(wander(0.5, 0.1)),
    "wander 0.1 sd, rho 0.7": Traffic(wander(0.7, 0.1)),
    "wander 0.1 sd, rho 0.7, 100 rows": Traffic(wander(0.7, 0.1), rows=100),
    "wander 0.3 sd, rho 0.7": Traffic(wander(0.7, 0.3)),
    "wander 0.3 sd, rho 0.9": Traffic(wander(0.9, 0.3)),
    "wander 0.3 sd, rho 0.9, 100 rows": Traffic(wander(0.9, 0.3), rows=100),
    "wander 0.3 sd, rho 0.95": Traffic(wander(0.95, 0.3)),
    "wander 0.2 sd, rho 0.95, 100 rows": Traffic(wander(0.95, 0.2), rows=100),
}


def stream(traffic: Traffic, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reference, looks and means; a mean that wanders is drawn anew for each row of the former."""
    means, copies = traffic.moves(rng), traffic.copies
    away = traffic.moves(rng) if "wander" in traffic.moves.__qualname__ else means[: 7 * DAY]
    ref = copies * rng.multinomial(REF // copies, moved(away).mean(0))
    looks = copies * rng.multinomial(traffic.rows // copies, moved(means))
    if traffic.outages:
        for start in (200, LEARN + 100, LEARN + 907, LEARN + 1_714):
            looks[start : start + 12] = 0
        looks[LEARN + rng.integers(0, LOOKS, 40)] = 0
    return ref, looks, means


def watched(ref: np.ndarray, looks: np.ndarray, budget: Budget) -> FoundMany:
    watch = learned(fresh(FEATURES, BINS), looks[:LEARN], budget)
    watch = replace(watch, recent=looks[LEARN - DAY : LEARN])
    return look_many(watch, ref, looks[LEARN:], budget, all_p_values=False)[1]


def limits(good: int, of: int) -> tuple[float, float]:
    """95 % Clopper-Pearson limits of a share."""
    low = beta.ppf(0.025, good, of - good + 1) if good else 0.0
    high = beta.ppf(0.975, good + 1, of - good) if good < of else 1.0
    return float(low), float(high)


def false_pages(name: str, quarters: int) -> None:
    budget, opened, share = Budget(), [], 0.0
    for quarter in range(quarters):
        rng = np.random.default_rng([zlib.crc32(name.encode()), quarter])
        ref, looks, _ = stream(TRAFFIC[name], rng)
        found = watched(ref, looks, budget)
        opened.append(int(found.opens.sum()))
        share += float(found.firing.mean()) / quarters
    pages = np.array(opened)
    kept = int((pages <= budget.pages).sum())
    low, high = (100 * limit for limit in limits(kept, quarters))
    held = f"{100 * kept / quarters:6.1f} ({low:.1f} to {high:.1f})"
    print(f"| {name} | {quarters} | {pages.mean():.3f} | {held} | {100 * share:.2f} |", flush=True)


def shift(size: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda means: moved(means[:, :1] + size * np.eye(1, FEATURES))[:, 0]


def becomes(*shares: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda means: np.tile(np.pad(shares, (0, BINS - len(shares))), (means.shape[0], 1))


CHANGES = {
    "0.2 sd": (0, shift(0.2)),
    "0.5 sd": (0, shift(0.5)),
    "1 sd": (0, shift(1.0)),
    "2 sd": (0, shift(2.0)),
    "zeros 98 to 95 %": (30, becomes(0.95, 0.05)),
    "flag 5 to 1 %": (35, becomes(0.99, 0.01)),
}


def delay(name: str, change: str, runs: int, gate: float, dirty: float = 0.0) -> None:
    """Hours to the first page, when a change begins on the second day; `dirty` moves two days."""
    hours, traffic, (feature, shares) = [], TRAFFIC[name], CHANGES[change]
    for run in range(runs):
        rng = np.random.default_rng([zlib.crc32(f"{name} {change}".encode()), run])
        ref, looks, means = stream(traffic, rng)
        many = traffic.rows // traffic.copies
        looks[CHANGE:, feature] = traffic.copies * rng.multinomial(many, shares(means[CHANGE:]))
        if dirty:
            bad = moved(means[10 * DAY : 12 * DAY] + dirty)
            looks[10 * DAY : 12 * DAY] = traffic.copies * rng.multinomial(many, bad)
        found = watched(ref, looks[: CHANGE + 14 * DAY], Budget(gate=gate))
        hit = np.flatnonzero(found.paged[CHANGE - LEARN :].any((1, 2)))
        hours.append(float(hit[0] + 1) if hit.size else math.inf)
    seen, middle = int(np.isfinite(hours).sum()), float(np.median(hours))
    print(f"| {name} | {change} | {gate} | {dirty} | {middle:.0f} | {seen} of {runs} |", flush=True)


def delays(runs: int) -> None:
    print("\n| traffic | change | gate | dirty | median hours | found in two weeks |")
    print("|---|---|---|---|---|---|")
    for name in ("independent", "independent, 100 rows", "rows come five times"):
        for change in CHANGES:
            delay(name, change, runs, 0.1 if change != "0.2 sd" else 0.02)
    for name in ("daily cycle, 0.3 sd", "daily cycle, weekends 0.3 sd", "wander 0.1 sd, rho 0.7"):
        for change in ("0.5 sd", "1 sd", "2 sd"):
            delay(name, change, runs, 0.1)
    for name in ("independent", "daily cycle, 0.3 sd"):
        delay(name, "0.5 sd", runs, 0.1, dirty=0.5)


def main() -> None:
    quarters = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("| traffic | quarters | pages | % of quarters with at most one | % of hours in alarm |")
    print("|---|---|---|---|---|")
    for name in sys.argv[2:] or TRAFFIC:
        false_pages(name, quarters)
    if not sys.argv[2:]:
        delays(max(quarters // 10, 1))


if __name__ == "__main__":
    main()
