"""The gate of a single bin: far enough, and surely."""

import numpy as np
import pytest

from drift_core import Policy
from drift_core.evidence import moved_bins


@pytest.mark.parametrize(
    ("ref", "cur", "moved"),
    [
        ([100, 9900], [50, 950], [True, False]),  # missing 1 to 5 %
        ([9800, 200], [950, 50], [False, True]),  # zeros 98 to 95 %
        ([200, 9800], [30, 970], [False, False]),  # not by a factor
        ([10, 9990], [8, 992], [False, False]),  # not by a point
        ([100, 9900], [2, 98], [False, False]),  # not surely
        ([0, 10_000], [300, 700], [True, False]),  # from nothing
        ([500, 9500], [0, 1000], [True, False]),  # to nothing
        ([0, 0], [10, 10], [False, False]),
        ([10, 10], [0, 0], [False, False]),
    ],
)
def test_gate(ref, cur, moved):
    assert moved_bins(np.array([ref]), np.array([cur]), Policy()).tolist() == [moved]


def test_a_round_threshold_is_met_exactly():
    ref, cur = np.array([[2_000, 198_000]]), np.array([[4_000, 196_000]])
    assert moved_bins(ref, cur, Policy()).tolist() == [[True, False]]
