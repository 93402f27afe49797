"""One bin's share: exact by enumeration, and the same where sums give way to moments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from drift_core.evidence.two_bins import two_bins_p_value, upper_tail


def enumerated(ref, cur, n, m):
    total, rows = ref + cur, n + m
    law = stats.hypergeom(rows, total, m)
    number = np.arange(max(0, m + total - rows), min(total, m) + 1)
    off, own = np.abs(number * rows - total * m), abs(cur * rows - total * m)
    return law.pmf(number)[off > own].sum() + law.pmf(number)[off == own].sum() / 2


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_it_is_the_sum_over_all_draws(n, m, data):
    ref, cur = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    found = two_bins_p_value(*(np.array(part) for part in (ref, cur, n, m)))
    if not 0 < ref + cur < n + m:
        assert np.isnan(found)
        return
    assert found == pytest.approx(enumerated(ref, cur, n, m), rel=1e-7, abs=1e-290)


@pytest.mark.parametrize("cur", [15_100, 15_400, 15_700, 14_300])
def test_many_rows_are_told_by_moments(cur):
    ref, n, m = 300_000, 1_000_000, 50_000
    found = two_bins_p_value(*(np.array(part) for part in (ref, cur, n, m)))
    assert found == pytest.approx(enumerated(ref, cur, n, m), rel=0.03)


def test_no_rows_are_no_evidence():
    some, none = np.array(5), np.array(0)
    assert np.isnan(two_bins_p_value(some, none, np.array(10), none))
    assert np.isnan(two_bins_p_value(none, some, none, np.array(10)))


def test_a_new_level_needs_more_than_one_row_far_out():
    p = two_bins_p_value(np.zeros(2, int), np.array([1, 2]), np.array(10_000), np.array(100))
    # half of the chance that this row, of all, is one of the window's
    np.testing.assert_allclose(p, [100 / 10_100 / 2, 100 * 99 / 10_100 / 10_099 / 2], rtol=1e-9)


@pytest.mark.parametrize("skewness", [-0.4, -1e-5, 0.0, 0.3])
@pytest.mark.parametrize("score", [0.0, 1.0, 4.0])
def test_the_bent_normal_is_pearsons_third(score, skewness):
    found = upper_tail(np.array(score), np.array(skewness))
    assert found == pytest.approx(stats.pearson3(skewness).sf(score), rel=1e-3)
