"""What is learned of traffic that repeats itself or wanders."""

import json

import numpy as np
import pytest
from scipy import stats

from drift_core.paging.dispersion import Dispersion, disperse

EDGES = stats.norm.ppf(np.arange(1, 10) / 10)


def deciles(means):
    below = stats.norm.cdf(EDGES - np.asarray(means)[..., None])
    ends = np.zeros((*below.shape[:-1], 1))
    return np.diff(np.concatenate((ends, below, ends + 1), -1), axis=-1)


def wander(rng, windows, features, sd, rho):
    """Means that follow each other like an autoregression of order one."""
    means = np.zeros((windows, features))
    means[0] = rng.normal(size=features)
    for k in range(1, windows):
        means[k] = rho * means[k - 1] + np.sqrt(1 - rho**2) * rng.normal(size=features)
    return sd * means


def test_independent_rows_count_in_full():
    rng = np.random.default_rng(1)
    found = disperse(rng.multinomial(1_000, np.full(10, 0.1), (600, 20)))
    assert found.phi.mean() == pytest.approx(1.0, abs=0.03)
    assert (found.law.lead < 0.2).all()
    assert (2 / found.law.variance).mean() == pytest.approx(9, rel=0.05)
    assert found.freedom.mean() > 450
    assert found.rows.tolist() == [1_000.0] * 20


def test_rows_that_come_five_times_count_for_a_fifth():
    rng = np.random.default_rng(2)
    found = disperse(5 * rng.multinomial(200, np.full(10, 0.1), (600, 20)))
    assert found.phi.mean() == pytest.approx(5.0, rel=0.03)
    assert (found.law.lead < 0.2).all()


def test_a_wandering_mean_goes_one_way_and_its_windows_are_fewer_than_they_seem():
    rng = np.random.default_rng(3)
    means = wander(rng, 28, 100, 0.1, 0.7)
    found = disperse(rng.multinomial(24_000, deciles(means)))
    assert (found.law.lead > 0.8).all()
    # 28 (1 - 0.49) / (1 + 0.49) = 9.6, less one, if it were known how alike they are
    assert 7 < np.median(found.freedom) < 20
    # what a mean wanders by: 24,000 rows times 0.01, over nine bins, a little less in deciles
    assert np.median(found.phi) == pytest.approx(0.95 * 240 / 9, rel=0.25)


def test_a_feature_without_rows_learns_nothing():
    windows = np.zeros((40, 2, 3), np.int64)
    windows[:, 0] = [30, 40, 30]
    found = disperse(windows)
    assert found.phi.tolist() == [1.0, np.inf]


def test_features_in_pieces_are_the_same_as_one_by_one():
    rng = np.random.default_rng(8)
    windows = rng.multinomial(300, np.full(5, 0.2), (60, 200))
    found, one = disperse(windows), disperse(windows[:, 150:151])
    assert found.phi[150] == pytest.approx(one.phi[0], rel=1e-12)
    assert found.freedom[150] == pytest.approx(one.freedom[0], rel=1e-12)


def test_it_comes_back_from_json_as_it_was():
    windows = np.zeros((40, 2, 3), np.int64)
    windows[:, 0] = np.random.default_rng(9).multinomial(90, np.full(3, 1 / 3), 40)
    found = disperse(windows)
    back = Dispersion.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))
    for one, other in zip(flat(found), flat(back), strict=True):
        np.testing.assert_array_equal(one, other)


def flat(found):
    return found.phi, *found.law, found.freedom, found.rows


def test_how_windows_follow_each_other_is_hardly_underrated():
    rng, features = np.random.default_rng(7), 400
    for rho in (0.0, 0.5, 0.8):
        means = wander(rng, 28, features, 0.3, rho)
        found = disperse(rng.multinomial(24_000, deciles(means)))
        # as many as an estimate of variance has from so many windows, centred on their mean
        worth = 28 * (1 - rho**2) / (1 + rho**2)
        assert np.median(found.freedom) <= 1.05 * worth
        # a long run has 223, whatever rho
        assert np.median(found.phi) > 0.9 * 223
        assert found.phi.mean() > 223
