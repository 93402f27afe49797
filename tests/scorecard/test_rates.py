"""Rates: their intervals are Clopper and Pearson's."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.scorecard.rates import Rate, rate, together


@pytest.mark.parametrize(("hits", "trials"), [(0, 40), (3, 40), (40, 40), (107, 20_000)])
def test_intervals_agree_with_scipy(hits, trials):
    expected = stats.binomtest(hits, trials).proportion_ci(0.95, "exact")
    assert Rate(hits, trials).interval() == pytest.approx((expected.low, expected.high))
    wide = stats.binomtest(hits, trials).proportion_ci(1 - 2e-6, "exact")
    assert Rate(hits, trials).interval(2e-6) == pytest.approx((wide.low, wide.high), rel=1e-6)


def test_rates_are_counted_and_pooled():
    found = [rate(np.array([True, False, False])), rate(np.zeros((2, 2), bool)), rate(np.True_)]
    assert found == [Rate(1, 3), Rate(0, 4), Rate(1, 1)]
    assert together(found) == Rate(2, 8)
    assert together(found).value == 0.25
