"""How much is simulated: everything, a look at it, or as much as a test has time for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Runs of each kind; see the modules named like them.

    `hourly` are the quarters, among all, in which other tools' hourly rules are followed too, and
    `changes` the quarters of each change.
    """

    nulls: int
    tails: int
    power: int
    windows: int
    public: int
    quarters: int
    hourly: int
    changes: int


FULL = Size(40_000, 1_000_000, 20_000, 5_000, 4_000, 200, 40, 20)
REDUCED = Size(4_000, 40_000, 2_000, 400, 200, 20, 10, 5)
QUICK = Size(1_000, 10_000, 500, 100, 50, 1, 1, 1)
