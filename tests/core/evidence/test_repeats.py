"""What broadcasting repeats is worked out once, and nothing else is."""

import numpy as np

from drift_core.evidence.repeats import by_reference, once


def test_only_what_was_broadcast_is_cut():
    rows = np.arange(12).reshape(2, 1, 6)
    wide = np.broadcast_to(rows, (2, 5, 6))
    np.testing.assert_array_equal(once(wide), rows)
    for whole in (wide.copy(), rows, rows[0, 0], np.broadcast_to(rows[:1], (4, 5, 6)).copy()):
        assert once(whole) is whole


def test_windows_of_one_reference_are_found_together():
    ref = np.broadcast_to(np.arange(12).reshape(2, 1, 6), (2, 5, 6))
    cur = np.arange(60).reshape(2, 5, 6)
    own, windows, points = by_reference(ref, cur, None)
    assert (own.shape, windows.shape, points.shape) == ((2, 6), (2, 5, 6), (1, 6))
    own, windows, points = by_reference(ref.copy(), cur, np.broadcast_to(True, cur.shape))
    assert (own.shape, windows.shape, points.shape) == ((10, 6), (10, 1, 6), (10, 6))
    # cells that differ between windows of one reference keep it apart
    own, windows, points = by_reference(ref, cur, cur % 2 == 0)
    assert (own.shape, windows.shape, points.shape) == ((10, 6), (10, 1, 6), (10, 6))
    np.testing.assert_array_equal(windows[:, 0], cur.reshape(10, 6))


def test_a_single_pair_is_one_of_each():
    own, windows, points = by_reference(np.arange(3), np.arange(3), np.ones(3, bool))
    assert (own.shape, windows.shape, points.shape) == ((1, 3), (1, 1, 3), (1, 3))
