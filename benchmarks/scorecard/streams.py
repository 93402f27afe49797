"""The columns and the changes that the scorecard is made of."""

import math

import numpy as np

from benchmarks.scorecard.changes import NONE, Change
from benchmarks.scorecard.levels import Levels, draw_levels
from benchmarks.scorecard.line import Line, Part, draw
from benchmarks.scorecard.tables import Tables

Stream = Line | Levels


def _poisson() -> tuple[Part, ...]:
    masses = [math.exp(-1) / math.factorial(k) for k in range(6)]
    parts = [Part(mass, joined=k > 3) for k, mass in enumerate(masses)]
    return (*parts, Part(1 - sum(masses), joined=True))


CONTINUOUS = Line("continuous", (Part(1.0, 10),))
MISSING = Line("continuous, 5 % missing", (Part(1.0, 10),), missing=0.05)
SOME_MISSING = Line("continuous, 1 % missing", (Part(1.0, 10),), missing=0.01)
ZEROS_70 = Line("70 % zeros", (Part(0.7), Part(0.3, 3)))
ZEROS_98 = Line("98 % zeros", (Part(0.98), Part(0.02, 1)))
BERNOULLI = Line("Bernoulli 0.05", (Part(0.95), Part(0.05)))
POISSON = Line("Poisson 1", _poisson())
FIVE = Line("5 levels", tuple(Part(1 / k) for k in range(1, 6)), kind="categorical")
# a rule that is calibrated where no new level can occur calls drift at the first row of one, which
# nobody can know of a column: levels come now and then that a reference of 10,000 rows has missed
_NOW_AND_THEN = 1e-4 * sum(1 / k for k in range(1, 21))
TWENTY = Line(
    "20 levels",
    (*(Part(1 / k) for k in range(1, 21)), Part(_NOW_AND_THEN, unseen=True)),
    kind="categorical",
)
MANY = Levels("1,000 levels", 1_000)

STREAMS: tuple[Stream, ...] = (
    CONTINUOUS, MISSING, ZEROS_70, ZEROS_98, BERNOULLI, POISSON, FIVE, MANY,
)  # fmt: skip


def _with_new_level() -> tuple[float, ...]:
    return (*(0.98 * TWENTY.masses[:-1]).tolist(), 0.02)


SHIFT_1 = Change("mean + 0.1 sd", shift=0.1)
SHIFT_2 = Change("mean + 0.2 sd", shift=0.2)
SHIFT_5 = Change("mean + 0.5 sd", shift=0.5)
SHIFT_10 = Change("mean + 1 sd", shift=1.0)
WIDER_1 = Change("sd x 1.1", scale=1.1)
WIDER_2 = Change("sd x 1.2", scale=1.2)
PILE = Change("2 % piled up at the low end", pile=0.02)
MORE_MISSING = Change("missing 1 to 5 %", missing=0.05)
FEWER_ZEROS = Change("zeros 98 to 95 %", masses=(0.95, 0.05))
FEWER_70 = Change("zeros 70 to 65 %", masses=(0.65, 0.35))
MORE_ONES = Change("ones 5 to 7.5 %", masses=(0.925, 0.075))
NEW_LEVEL = Change("new level, 2 %", masses=_with_new_level())
FLATTER = Change("flatter levels", shift=0.1)

POWER: tuple[tuple[Stream, Change], ...] = (
    (CONTINUOUS, SHIFT_1), (CONTINUOUS, SHIFT_2), (CONTINUOUS, WIDER_1), (CONTINUOUS, WIDER_2),
    (CONTINUOUS, PILE), (SOME_MISSING, MORE_MISSING), (ZEROS_70, FEWER_70), (ZEROS_70, SHIFT_1),
    (ZEROS_98, FEWER_ZEROS), (BERNOULLI, MORE_ONES), (POISSON, SHIFT_1), (TWENTY, NEW_LEVEL),
    (TWENTY, SHIFT_1), (MANY, FLATTER),
)  # fmt: skip


def tables(
    stream: Stream, n: int, m: int, runs: int, rng: np.random.Generator, change: Change = NONE
) -> Tables:
    """Draw references of `n` rows of a stream, and one window of `m` rows for each."""
    if isinstance(stream, Levels):
        return draw_levels(stream, n, m, runs, rng, change)
    return draw(stream, n, m, runs, rng, change)
