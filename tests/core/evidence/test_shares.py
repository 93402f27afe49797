"""Shares, and the mean of a chi variable."""

import numpy as np
import pytest
from scipy import stats

from drift_core.evidence.shares import chi_mean, shares_of


def test_shares_of_a_table():
    found = shares_of(np.array([[3, 1, 0], [0, 0, 0]]), np.array([[1, 0, 0], [2, 0, 2]]))
    assert found.p.tolist() == [[0.75, 0.25, 0.0], [0.0, 0.0, 0.0]]
    assert found.bins.tolist() == [2, 2]
    assert found.defined.tolist() == [True, False]
    assert found.noise[0] == pytest.approx(1 / 4 + 1)
    assert found.pooled()[0].tolist() == [0.8, 0.2, 0.0]
    assert np.isnan(found.only_defined(np.ones(2))).tolist() == [False, True]


@pytest.mark.parametrize("freedom", [1, 2, 9, 49, 5_000])
def test_chi_mean_is_scipys(freedom):
    assert chi_mean(np.array(freedom)) == pytest.approx(stats.chi(freedom).mean(), rel=1e-9)


def test_no_freedom_no_mean():
    assert chi_mean(np.array([0, 1])).tolist() == [0.0, pytest.approx(np.sqrt(2 / np.pi))]
