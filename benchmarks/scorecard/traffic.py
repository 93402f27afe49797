"""Traffic by the hour: what it does by itself, and what happens to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.scorecard.changes import NONE, Change
from benchmarks.scorecard.line import Line, known
from benchmarks.scorecard.streams import (
    BERNOULLI,
    CONTINUOUS,
    POISSON,
    SOME_MISSING,
    TWENTY,
    ZEROS_98,
)
from benchmarks.scorecard.tables import Tables
from drift_core.types import FloatArray, IntArray

DAY, WEEK = 24, 168
_FINE = 2
FEATURES: tuple[Line, ...] = (
    CONTINUOUS, ZEROS_98, BERNOULLI, POISSON, TWENTY, SOME_MISSING, *(CONTINUOUS,) * 4,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Traffic:
    """How hours differ although nothing drifts.

    Attributes
    ----------
    repeat
        Each row arrives so many times.
    daily, weekly
        Normal scores swing by so many standard deviations over the day, or are so much higher at
        weekends.
    wander, memory
        Each feature's mean wanders from day to day: an autoregression of order one with this
        standard deviation and this correlation of neighbouring days.
    """

    name: str
    repeat: int = 1
    daily: float = 0.0
    weekly: float = 0.0
    wander: float = 0.0
    memory: float = 0.7

    @property
    def scale(self) -> float:
        """What is left for the rows of an hour, so that all hours together have variance one."""
        swings = self.daily**2 / 2 + self.weekly**2 * 10 / 49 + self.wander**2
        return math.sqrt(1 - swings)

    def shifts(self, hours: int, rng: np.random.Generator) -> FloatArray:
        """Shift of one feature's scores by the hour, shape (hours,)."""
        at = np.arange(hours)
        daily = self.daily * np.sin(2 * np.pi * (at % DAY) / DAY)
        weekend = at % WEEK >= 5 * DAY
        weekly = self.weekly * (weekend - 2 / 7)
        return np.asarray(daily + weekly + self._wandered(-(-hours // DAY), rng)[at // DAY])

    def _wandered(self, days: int, rng: np.random.Generator) -> FloatArray:
        steps = rng.normal(size=days)
        fresh = math.sqrt(1 - self.memory**2)
        for day in range(1, days):
            steps[day] = self.memory * steps[day - 1] + fresh * steps[day]
        return np.asarray(self.wander * steps)


INDEPENDENT = Traffic("independent rows")
REPEATED = Traffic("every row five times", repeat=5)
DAILY = Traffic("daily cycle of 0.3 sd", daily=0.3)
WEEKLY = Traffic("weekends 0.3 sd higher", weekly=0.3)
WANDERING = Traffic("mean wanders by 0.1 sd", wander=0.1)
WANDERING_MORE = Traffic("mean wanders by 0.2 sd, slowly", wander=0.2, memory=0.9)
KINDS = (INDEPENDENT, REPEATED, DAILY, WEEKLY, WANDERING, WANDERING_MORE)


@dataclass(frozen=True, slots=True)
class Happening:
    """A change of one feature from a given hour on, reached at once or along a ramp of hours."""

    change: Change = NONE
    feature: int = 0
    start: int = 0


def hours_of(
    traffic: Traffic, happening: Happening, n: int, m: int, hours: int, rng: np.random.Generator
) -> list[Tables]:
    """Draw one reference and so many hours of every feature."""
    return [
        _feature(traffic, line, n, m, hours, rng, happening if at == happening.feature else None)
        for at, line in enumerate(FEATURES)
    ]


def _feature(
    traffic: Traffic, line: Line, n: int, m: int, hours: int, rng: np.random.Generator,
    happening: Happening | None,
) -> Tables:  # fmt: skip
    reference = known(line, n // traffic.repeat, 1, rng, _FINE)
    shifts = traffic.shifts(hours, rng)[:, None]
    usual = Change(scale=traffic.scale)
    shares = reference.shares(usual, shifts)
    if happening is not None:
        moved = reference.shares(happening.change, shifts)
        after = np.arange(hours)[:, None] >= happening.start
        shares = np.where(after, moved, shares)
    rows = np.full(hours, m // traffic.repeat)
    cur = traffic.repeat * rng.multinomial(rows, np.broadcast_to(shares, (hours, shares.shape[-1])))
    repeated = type(reference)(line, _FINE, traffic.repeat * reference.ref, reference.within)
    return repeated.tables(cur)


def stacked(sides: Sequence[IntArray]) -> IntArray:
    """Stack features' bins, each of shape (hours, B): (hours, features, most bins)."""
    most = max(side.shape[-1] for side in sides)
    padded = [np.pad(side, ((0, 0), (0, most - side.shape[-1]))) for side in sides]
    return np.stack(padded, 1)
