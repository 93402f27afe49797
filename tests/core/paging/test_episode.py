"""What is left out of what is learned: episodes, and nothing that comes back."""

import numpy as np
import pytest
from scipy import stats

from drift_core.paging.dispersion import disperse
from drift_core.paging.episode import ordinary
from drift_core.paging.traffic import learn

EDGES = stats.norm.ppf(np.arange(1, 10) / 10)


def deciles(means):
    below = stats.norm.cdf(EDGES - np.asarray(means)[..., None])
    ends = np.zeros((*below.shape[:-1], 1))
    return np.diff(np.concatenate((ends, below, ends + 1), -1), axis=-1)


def drawn(rng, means, rows=24_000):
    return rng.multinomial(rows, deciles(means))


@pytest.mark.parametrize(("start", "length"), [(0, 2), (10, 1), (10, 4), (24, 4)])
def test_an_episode_is_found_where_it_is_and_in_its_feature_alone(start, length):
    means = np.zeros((28, 3))
    means[start : start + length, 1] = 0.3
    found = ordinary(drawn(np.random.default_rng(start), means))
    # and a window at either edge, which might hold a part of it
    out = range(max(start - 1, 0), min(start + length + 1, 28))
    assert np.flatnonzero(~found[:, 1]).tolist() == list(out)
    assert found[:, [0, 2]].all()


def test_ordinary_traffic_stays_whole():
    rng = np.random.default_rng(1)
    found = ordinary(drawn(rng, np.zeros((28, 400))))
    # 1 in 10,000 at each of a hundred places that overlap
    assert (~found).any(0).mean() <= 0.02
    wandering = np.zeros((28, 400))
    wandering[0] = rng.normal(size=400)
    for k in range(1, 28):
        wandering[k] = 0.7 * wandering[k - 1] + np.sqrt(0.51) * rng.normal(size=400)
    assert (~ordinary(drawn(rng, 0.1 * wandering))).any(0).mean() <= 0.04


def test_what_comes_back_every_week_stays():
    weekend = np.arange(28) % 7 >= 5
    means = np.zeros((28, 50)) + 0.3 * weekend[:, None]
    assert ordinary(drawn(np.random.default_rng(2), means)).all()


def test_more_than_a_seventh_is_no_episode():
    means = np.zeros((28, 20))
    means[8:16] = 0.3
    found = ordinary(drawn(np.random.default_rng(3), means))
    assert found.sum(0).min() >= 28 - 4 - 2


def test_two_bad_days_hardly_change_what_is_learned():
    rng = np.random.default_rng(4)
    means = np.zeros((28 * 24, 10))
    clean = drawn(rng, means, 1_000)
    means[240:288] = 0.5
    dirty = learn(drawn(rng, means, 1_000), 24)
    assert dirty.long.phi.max() < 1.6
    assert dirty.calm.all()
    # taken along they make the days differ by far more
    taken = drawn(rng, means, 1_000).reshape(28, 24, 10, 10).sum(1)
    assert disperse(taken).phi.min() > 10
    assert learn(clean, 24).calm.all()
