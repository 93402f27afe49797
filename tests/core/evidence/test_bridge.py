"""The law of the KS distance without drift, against closed forms and a simulation."""

import numpy as np
import pytest
from scipy import stats

from drift_core.evidence.bridge import Watch, bridge_p_value, tail, watch_of

LIMITS = [0.3, 0.5, 0.8, 1.0, 1.36, 1.63, 2.0, 3.0, 4.0, 5.0]
SPLIT = Watch((0.1, 0.3, 0.35, 0.7, 0.95, 1.0), (1, 1, 1, 1, 1, 1))


@pytest.mark.parametrize("limit", LIMITS)
def test_watched_all_the_time_it_is_kolmogorovs_law(limit):
    # cut into steps, the bridge must find again what the series says in one piece
    assert tail(SPLIT, np.array(limit)) == pytest.approx(stats.kstwobign.sf(limit), rel=1e-3)


@pytest.mark.parametrize("limit", LIMITS)
def test_small_cells_are_kolmogorovs_law(limit):
    each_row = bridge_p_value(np.ones(500, np.int64), np.array(limit))
    assert each_row == pytest.approx(stats.kstwobign.sf(limit), rel=1e-12)
    # twenty rows in a cell: what the bridge does between its ends is not seen
    hidden = 0.5826 * np.sqrt(1 / 500 * 19 / 20)
    seen = bridge_p_value(np.full(500, 20), np.array(limit))
    assert seen == pytest.approx(stats.kstwobign.sf(limit + hidden), rel=1e-12)


@pytest.mark.parametrize("limit", [0.01, 0.1, 0.2, 0.5, 1.0, 3.0])
def test_one_border_is_a_normal_tail(limit):
    ref = np.array([95, 5])
    exact = 2 * stats.norm.sf(limit / np.sqrt(0.95 * 0.05))
    assert bridge_p_value(ref, np.array(limit)) == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("limit", [0.3, 0.6, 1.0, 1.5])
def test_two_borders_are_a_bivariate_normal_rectangle(limit):
    t, u = 0.3, 0.8
    law = stats.multivariate_normal(
        cov=[[t * (1 - t), t * (1 - u)], [t * (1 - u), u * (1 - u)]], seed=1
    )
    inside = law.cdf([limit, limit], lower_limit=[-limit, -limit])
    found = bridge_p_value(np.array([30, 50, 20]), np.array(limit))
    assert found == pytest.approx(1 - inside, abs=1e-4)


SHARES = {
    "zero-inflated": [0.1, 0.7, *[0.002] * 100],
    "poisson": [0.368, 0.368, 0.184, 0.061, 0.015, 0.004],
    "ties all over": [0.02] * 50,
    "mixed": [*[0.004] * 50, 0.3, *[0.01] * 20, 0.1, *[0.002] * 100],
}


@pytest.mark.parametrize("shape", SHARES)
def test_it_agrees_with_a_simulation(shape):
    ref = np.round(np.array(SHARES[shape]) * 1000).astype(np.int64)
    draws = 20_000
    shares = ref / ref.sum()
    steps = np.random.default_rng(1).normal(size=(draws, ref.size)) * np.sqrt(shares)
    path = steps.cumsum(-1)
    path -= path[:, -1:] * np.cumsum(shares)
    largest = np.abs(path).max(-1)
    for level in (0.5, 0.1, 0.02):
        limit = np.quantile(largest, 1 - level)
        found = float(bridge_p_value(ref, np.array(limit)))
        error = 4 * np.sqrt(level * (1 - level) / draws)
        # cells below 1 % are taken as watched throughout, which can only raise the tail
        assert level - error <= found <= 1.12 * level + error


def test_a_mixture_of_mass_and_continuum_against_a_fine_simulation():
    watch = Watch((0.1, 0.8, 1.0), (1, 0, 1))
    shares = np.concatenate([np.full(400, 0.1 / 400), [0.7], np.full(800, 0.2 / 800)])
    steps = np.random.default_rng(2).normal(size=(20_000, shares.size)).astype(np.float32)
    path = (steps * np.sqrt(shares)).cumsum(-1)
    path -= path[:, -1:] * np.cumsum(shares)
    largest = np.abs(path).max(-1)
    # between its points the path goes a little further (Chernoff's correction)
    largest += 0.5826 * np.sqrt(0.1 / 400)
    for limit in (0.5, 0.8, 1.1):
        rate = (largest >= limit).mean()
        error = 4 * np.sqrt(rate * (1 - rate) / largest.size)
        assert tail(watch, limit) == pytest.approx(rate, abs=error + 0.03 * rate)


@pytest.mark.parametrize("shape", SHARES)
def test_tails_fall_stay_below_the_bound_and_never_reach_zero(shape):
    ref = np.round(np.array(SHARES[shape]) * 1000).astype(np.int64)
    limits = np.concatenate([[0.0], np.geomspace(1e-4, 40, 100)])
    found = bridge_p_value(np.broadcast_to(ref, (limits.size, ref.size)), limits)
    assert found[0] == 1.0
    assert (np.diff(found) <= 1e-12).all()
    assert (found <= np.minimum(1.0, np.maximum(2 * np.exp(-2 * limits**2), 1e-300))).all()
    assert found[-1] == 1e-300


def test_short_gaps_join_the_next_step_and_an_end_is_an_end():
    watch = watch_of(np.array([5000, 4, 4000, 991, 5]))
    assert watch.times == (0.5, 0.9004, 1.0)
    assert watch.watched == (0, 0, 0)
    assert watch_of(np.array([50, 25, 25])).times == (0.5, 0.75, 1.0)
    assert watch_of(np.array([0, 7, 0])).times == (1.0,)
    assert watch_of(np.array([5] * 100 + [500])).watched == (1, 0)


def test_one_cell_holding_everything_never_rejects():
    assert bridge_p_value(np.array([0, 9, 0]), np.array(0.0)) == 1.0
