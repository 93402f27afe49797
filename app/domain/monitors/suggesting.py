"""Thresholds that would have kept an alert within a budget of false ones, from what was seen."""

from bisect import bisect
from collections.abc import Sequence
from datetime import timedelta
from math import exp, floor, log10

import numpy as np

from app.domain.monitors.monitor import BUDGET_SPAN, Monitor
from drift_core.types import FloatArray

UNSURE = 0.05
"""Chance that the true rate lies above the bound that is told."""


def allowed(budget: float, exposure: timedelta) -> int:
    """Return how many firings a budget for 90 days allows in so much judged time."""
    return floor(budget * (exposure / BUDGET_SPAN))


def rate_bound(firings: int, exposure: timedelta) -> float | None:
    """Return the rate in 90 days that so few firings exclude; None where nothing was judged.

    The upper 95 % bound of a Poisson mean, as if firings came independently.
    """
    if not exposure:
        return None
    low, high = 0.0, 10.0 + 4.0 * firings
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(firings, middle) > UNSURE else (low, middle)
    return high / (exposure / BUDGET_SPAN)


def _at_most(firings: int, mean: float) -> float:
    term = total = exp(-mean)
    for count in range(1, firings + 1):
        term *= mean / count
        total += term
    return total


def suggest(
    looks: int, at: Sequence[int], effects: Sequence[float], monitor: Monitor, most: int
) -> float:
    """Return the smallest threshold, in three digits, from which on an alert fires ``most`` times.

    Parameters
    ----------
    looks
        Windows that were judged.
    at, effects
        Those of them with page evidence, by number, and the effect in each.
    monitor
        How its alert fires and resolves.
    most
        Firings that the budget allows.
    """
    if not at:
        return 0.0
    scores = _scores(looks, at, effects, monitor)
    complete: list[int] = []
    firings = 0
    for place in np.argsort(-scores, kind="stable").tolist():
        if scores[place] < 0:
            break
        firings += _added(complete, place, monitor.resolve_after)
        if firings > most:
            return above(float(scores[place]))
    return 0.0


def _scores(
    looks: int, at: Sequence[int], effects: Sequence[float], monitor: Monitor
) -> FloatArray:
    """Return the threshold up to which each look completes the evidence that makes alerts fire."""
    needed, of = monitor.fire_after, monitor.fire_of or monitor.fire_after
    seen = np.full(looks + of - 1, -np.inf)
    seen[np.asarray(at, np.int64) + of - 1] = np.asarray(effects, np.float64)
    last = np.lib.stride_tricks.sliding_window_view(seen, of)[:looks]
    kth = np.partition(last, of - needed, axis=-1)[:, of - needed]
    found: FloatArray = np.minimum(kth, seen[of - 1 :])
    return found


def _added(complete: list[int], place: int, resolve_after: int) -> int:
    """Insert a look; return how many firings more there are.

    Two looks so near belong to one firing, since it could not resolve between them.
    """
    index = bisect(complete, place)
    before = complete[index - 1] if index else None
    after = complete[index] if index < len(complete) else None
    near_before = before is not None and place - before <= resolve_after
    near_after = after is not None and after - place <= resolve_after
    joined = before is not None and after is not None and after - before <= resolve_after
    complete.insert(index, place)
    return 1 - near_before - near_after + joined


def above(value: float) -> float:
    """Return the next number of three digits that is larger."""
    if value <= 0:
        return 0.001
    scale = 10.0 ** (2 - floor(log10(value)))
    return (floor(value * scale) + 1) / scale
