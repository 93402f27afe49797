"""Several p-values as one: Cauchy's law, at both ends of the scale and under dependence."""

import numpy as np
import pytest
from scipy import stats

from drift_core.evidence.combination import combine


@pytest.mark.parametrize("pieces", [[0.3, 0.6], [0.01, 0.2], [0.04, 0.8, 0.5], [1e-8, 0.3]])
def test_it_is_the_mean_of_cauchy_variables(pieces):
    mean = np.mean(stats.cauchy.isf(pieces))
    assert combine(np.array(pieces)) == pytest.approx(stats.cauchy.sf(mean), rel=1e-7)


def test_far_out_it_is_the_harmonic_mean():
    assert combine(np.array([1e-200, 1e-200])) == pytest.approx(1e-200, rel=1e-12)
    assert combine(np.array([1e-200, 0.4])) == pytest.approx(2e-200, rel=1e-12)
    assert combine(np.array([1e-100, 3e-100])) == pytest.approx(1.5e-100, rel=1e-12)
    assert combine(np.array([1e-300, 1e-300])) == pytest.approx(1e-300, rel=1e-12)


def test_a_weight_is_a_share_of_the_level():
    pieces, weights = np.array([1e-9, 0.3, np.nan]), np.array([3.0, 1.0, 5.0])
    # a piece that is not there takes its weight away with it
    assert combine(pieces, weights) == pytest.approx(4e-9 / 3, rel=1e-6)
    mean = (3 * stats.cauchy.isf(0.02) + stats.cauchy.isf(0.3)) / 4
    found = combine(np.array([0.02, 0.3]), weights[:2])
    assert found == pytest.approx(stats.cauchy.sf(mean), rel=1e-7)


def test_a_piece_that_sees_nothing_hides_no_other():
    for nothing in (0.9, 0.99, 0.999999, 1.0):
        assert combine(np.array([1e-6, nothing])) == pytest.approx(2e-6, rel=1e-4)
        assert combine(np.array([0.01, nothing])) == pytest.approx(0.022, rel=0.02)


def test_nothing_but_agreement_stays_agreement():
    assert combine(np.array([1.0, 1.0])) == 1.0
    assert combine(np.array([0.995, 1.0])) == 0.995


def test_one_piece_stays_what_it_is_and_none_is_nan():
    nan = np.nan
    found = combine(np.array([[0.04, nan], [nan, 1.0], [nan, nan], [nan, 1e-300]]))
    np.testing.assert_array_equal(found, [0.04, 1.0, nan, 1e-300])
    np.testing.assert_array_equal(combine(np.array([[0.04], [nan]])), [0.04, nan])


def test_it_lies_between_the_least_and_bonferroni():
    p = np.random.default_rng(1).random((2_000, 2)) ** 4
    found = combine(p)
    assert (found >= p.min(-1)).all()
    assert (found[p.max(-1) < 0.5] <= 2 * p.min(-1)[p.max(-1) < 0.5]).all()
    rising = np.stack(np.broadcast_arrays(np.linspace(0, 1, 400), 0.3), -1)
    assert (np.diff(combine(rising)) >= 0).all()


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.8, 1.0])
def test_its_level_holds_whatever_the_dependence(rho):
    rng, draws = np.random.default_rng(2), 1_000_000
    first, other = rng.normal(size=(2, draws))
    both = np.stack((first, rho * first + np.sqrt(1 - rho**2) * other), -1)
    found = combine(stats.chi2.sf(both**2, 1))
    for level in (0.05, 0.001):
        error = 4 * np.sqrt(level / draws)
        assert (found <= level).mean() <= 1.1 * level + error
        assert (found <= level).mean() >= 0.8 * level
