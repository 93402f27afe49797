"""p-values that allow for what traffic does by itself, and what is worth a page."""

import numpy as np
import pytest
from scipy import special, stats

from drift_core.paging.dispersion import disperse
from drift_core.paging.pages import evidence, surely_above, worth_a_page
from drift_core.paging.traffic import Traffic

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


def p_value(ref, cur, seen, long=True, **more):
    return evidence(Traffic(seen, seen), ref, cur[None], long=long, certain=0.2, **more)[0]


def test_p_values_of_repeated_rows_hold():
    rng, share = np.random.default_rng(4), np.full(10, 0.1)
    days = 5 * rng.multinomial(2_000, share, (28, 400))
    seen = disperse(days)
    ref = 5 * rng.multinomial(4_000, share, 400)
    p = [p_value(ref, day, seen) for day in 5 * rng.multinomial(2_000, share, (20, 400))]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.06


def test_p_values_of_a_wandering_mean_hold_where_two_moments_do_not():
    rng, features = np.random.default_rng(5), 1_500
    means = wander(rng, 88, features, 0.1, 0.7)
    days = rng.multinomial(2_400, deciles(means))
    seen = disperse(days[:28])
    ref = rng.multinomial(10_000, deciles(np.zeros(features)))
    later = days[28::6]
    held = np.array([p_value(ref, day, seen) for day in later])
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
    assert (p_value(ref, 20 * cur, seen) > 1e-6).all()
    assert (p_value(ref, cur, seen) < 0.05).all()


def test_a_feature_that_nothing_is_known_of_is_judged_as_while_learning():
    windows = np.zeros((40, 2, 3), np.int64)
    windows[:, 0] = [30, 40, 30]
    ref = np.array([[300, 400, 300], [300, 400, 300]])
    cur = ref[:, ::-1] * [1, 1, 5]
    p = p_value(ref, cur, disperse(windows))
    assert p[0] < 1e-10
    assert p[1] == surely_above(ref, cur, 0.2)[1]


def test_only_what_is_asked_for_is_computed_and_it_is_the_same():
    rng = np.random.default_rng(7)
    seen = disperse(rng.multinomial(1_000, deciles(wander(rng, 60, 40, 0.005, 0.5))))
    ref = rng.multinomial(50_000, deciles(np.zeros(40)))
    cur = rng.multinomial(1_000, deciles(np.linspace(0, 0.5, 40)))
    for long in (False, True):
        every, some = (p_value(ref, cur, seen, long, upto=upto) for upto in (None, 1e-3))
        assert 5 < (every <= 1e-3).sum() < 35
        np.testing.assert_array_equal(some[every <= 1e-3], every[every <= 1e-3])
        assert (some[every > 2e-3] == 1).all()


def test_short_windows_of_restless_traffic_must_be_surely_large():
    rng = np.random.default_rng(8)
    seen = disperse(5 * rng.multinomial(200, np.full(10, 0.1), (300, 1)))
    ref = np.full((1, 10), 10_000)
    for size in (0.4, 1.0):
        cur = (1_000 * deciles(np.full(1, size))).astype(np.int64)
        short, long = p_value(ref, cur, seen, long=False), p_value(ref, cur, seen)
        assert short > 100 * long
    assert short < 1e-6


def test_surely_above_is_a_non_central_tail():
    rng = np.random.default_rng(8)
    share, moved = np.full(10, 0.1), deciles(np.full(1, 0.6))[0]
    ref, cur = rng.multinomial(5_000, share), rng.multinomial(800, moved)
    noise = 1 / 5_000 + 1 / 800
    p, q = (ref + 0.5) / 5_005, (cur + 0.5) / 805
    psi = ((q - p) * np.log(q / p)).sum()
    assert psi > 0.2
    for size in (0.1, 0.2):
        true = stats.ncx2.sf(psi / noise, 9, size / noise)
        assert surely_above(ref, cur, size) == pytest.approx(true, rel=1e-6)
    assert np.isnan(surely_above(ref, 0 * cur, 0.2))
    assert surely_above(np.array([9, 0]), np.array([5, 0]), 0.2) == 1.0


def test_a_single_bin_that_moved_is_worth_a_page():
    ref = np.array([9_800, 200])
    found = worth_a_page(ref, np.array([[950, 50], [975, 25], [980, 20]]), 0.1)
    assert found.tolist() == [True, False, False]
