"""Three bins take over where hardly a row is outside the largest cell."""

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.largest import around_largest


def test_twenty_expected_rows_are_enough():
    ref = np.array([100, 9_800, 60, 40])
    stands = np.array(0.5)
    assert around_largest(ref, np.array([10, 980, 6, 4]), np.array(1_000), stands) == 0.5
    cur = np.array([9, 980, 6, 4])
    bins = bins_p_value(np.array([100, 9_800, 100]), np.array([9, 980, 10]))
    assert around_largest(ref, cur, cur.sum(-1), stands) == bins


def test_each_pair_is_asked_by_itself():
    ref = np.array([[100, 9_800, 60, 40], [5_000, 4_000, 500, 500]])
    cur = np.array([[1, 97, 1, 1], [50, 40, 5, 5]])
    found = around_largest(ref, cur, cur.sum(-1), np.array([0.5, 0.25]))
    assert found[1] == 0.25
    assert found[0] == bins_p_value(np.array([100, 9_800, 100]), np.array([1, 97, 2]))
