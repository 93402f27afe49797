"""What is learned of traffic that repeats itself or wanders, and p-values that allow for it."""

import numpy as np
import pytest
from scipy import special, stats

from drift_core.dispersion import disperse, dispersed_p_value, ratio_tail
from drift_core.squares import Law

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


def test_a_feature_without_rows_learns_nothing_and_never_speaks():
    windows = np.zeros((40, 2, 3), np.int64)
    windows[:, 0] = [30, 40, 30]
    found = disperse(windows)
    assert (found.phi[0], found.phi[1]) == (1.0, np.inf)
    ref = np.array([[300, 400, 300], [300, 400, 300]])
    p = dispersed_p_value(ref, ref[:, ::-1] * [1, 1, 5], found, found)
    assert p[0] < 1e-10
    assert p[1] == pytest.approx(1.0)


@pytest.mark.parametrize("freedom", [5.0, 14.0, 27.0])
def test_one_direction_is_the_f_law(freedom):
    scaled = np.array([4.0, 12.0, 80.0])
    law = Law(np.ones(3), np.full(3, 2.0))
    found = ratio_tail(scaled, law, np.full(3, freedom))
    assert found == pytest.approx(stats.f.sf(scaled, 1, freedom), rel=1e-3)


def test_many_directions_alike_are_near_the_f_law():
    law = Law(np.full(2, 1 / 9), np.full(2, 2 / 9))
    found = ratio_tail(np.array([3.0, 4.0]), law, np.full(2, 12.0))
    assert found == pytest.approx(stats.f.sf([3.0, 4.0], 9, 108), rel=0.5)


def test_p_values_of_repeated_rows_hold():
    rng, share = np.random.default_rng(4), np.full(10, 0.1)
    days = 5 * rng.multinomial(2_000, share, (28, 400))
    seen = disperse(days)
    ref = 5 * rng.multinomial(4_000, share, 400)
    p = [
        dispersed_p_value(ref, day, seen, seen)
        for day in 5 * rng.multinomial(2_000, share, (20, 400))
    ]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.06


def test_p_values_of_a_wandering_mean_hold_where_two_moments_do_not():
    rng, features = np.random.default_rng(5), 1_500
    means = wander(rng, 88, features, 0.1, 0.7)
    days = rng.multinomial(2_400, deciles(means))
    seen = disperse(days[:28])
    ref = rng.multinomial(10_000, deciles(np.zeros(features)))
    later = days[28::6]
    held = np.array([dispersed_p_value(ref, day, seen, seen) for day in later])
    assert (held <= 0.05).mean() <= 0.06
    assert (held <= 1e-3).mean() <= 2e-3
    # Satterthwaite's law of the same traffic takes 28 days for 28, and its tail is too light
    nu, noise = 2 / seen.law.variance, 1 / 10_000 + 1 / 2_400
    table = np.stack(np.broadcast_arrays(ref, later), -2)
    expected = table.sum(-2, keepdims=True) * (table.sum(-1, keepdims=True) / 12_400)
    scaled = ((table - expected) ** 2 / expected).sum((-2, -1)) / 9
    scaled *= noise / (seen.phi / 10_000 + seen.phi / 2_400)
    assert (special.fdtrc(nu, 27 * nu, scaled) <= 1e-3).mean() > 3e-3


def test_more_rows_than_were_learned_from_take_more_to_convince():
    rng = np.random.default_rng(6)
    seen = disperse(rng.multinomial(1_000, deciles(wander(rng, 60, 3, 0.3, 0.5))))
    ref = rng.multinomial(50_000, deciles(np.zeros(3)))
    cur = rng.multinomial(1_000, deciles(np.full(3, 0.8)))
    assert (dispersed_p_value(ref, 20 * cur, seen, seen) > 1e-6).all()
    assert (dispersed_p_value(ref, cur, seen, seen) < 0.05).all()


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
