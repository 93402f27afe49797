"""Rates with the interval that goes with them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from drift_core.types import AnyArray


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened in independent trials."""

    hits: int
    trials: int

    @property
    def value(self) -> float:
        """The share of trials."""
        return self.hits / self.trials

    def interval(self, risk: float = 0.05) -> tuple[float, float]:
        """Limits that hold the true rate but for `risk` (Clopper and Pearson 1934)."""
        k, n = self.hits, self.trials
        low = float(betaincinv(k, n - k + 1, risk / 2)) if k else 0.0
        high = float(betaincinv(k + 1, n - k, 1 - risk / 2)) if k < n else 1.0
        return low, high


def rate(happened: AnyArray | np.bool_) -> Rate:
    """Count the trials, all axes, in which something happened."""
    return Rate(int(np.count_nonzero(happened)), int(np.size(happened)))


def together(rates: list[Rate]) -> Rate:
    """Pool rates of one thing."""
    return Rate(sum(one.hits for one in rates), sum(one.trials for one in rates))
