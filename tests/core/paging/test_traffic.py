"""By how much windows may differ: absent rows, references, features nothing is known of."""

import numpy as np
import pytest

from drift_core.paging.traffic import learn

DAY = 24
SHARE = np.full(4, 0.25)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def swinging(rng, rows=1_000):
    """Two features; the second one's first bin swings over the day."""
    swing = 0.15 * np.sin(2 * np.pi * np.arange(28 * DAY) / DAY)
    shares = np.full((28 * DAY, 2, 4), 0.25)
    shares[:, 1, 0] += swing
    shares[:, 1, 3] -= swing
    return rng.multinomial(rows, shares)


def test_a_day_that_lacks_hours_is_less_sure_where_the_hours_differ(rng):
    looks = swinging(rng)
    traffic = learn(looks, DAY)
    assert traffic.calm.tolist() == [True, False]
    assert not traffic.wandering.any()
    ref, day = looks.sum(0), looks[:DAY].sum(0)
    half = looks[: DAY // 2].sum(0)
    whole, lacking = (traffic.noise(ref, cur, long=True).size for cur in (day, half))
    # half as many rows say half as much, and no less
    assert lacking[0] == pytest.approx(2 * whole[0], rel=0.1)
    assert lacking[1] > 10 * whole[1]
    # half a day that swings to one side is no more than that
    off = half[1] / half[1].sum() - 0.25
    assert 4 * (off**2).sum() < 3 * lacking[1]


def test_a_cycle_is_known_after_as_many_days(rng):
    traffic = learn(swinging(rng), DAY)
    ref = np.full((2, 4), 25_000)
    freedom = traffic.noise(ref, ref // 100, long=False).freedom
    assert traffic.short.freedom[1] < 15
    assert freedom[1] >= 15
    # hours that do not follow each other count as hours
    assert freedom[0] > 200


def test_a_short_reference_of_wandering_traffic_is_a_part_of_a_day(rng):
    days = 0.25 + 0.05 * rng.normal(size=28)
    shares = np.full((28, 1, 4), 0.25)
    shares[:, 0, 0], shares[:, 0, 3] = days, 0.5 - days
    looks = rng.multinomial(1_000, np.repeat(shares, DAY, 0))
    traffic = learn(looks, DAY)
    assert traffic.wandering.all()
    cur = looks[:DAY].sum(0)
    sizes = [traffic.noise(np.full((1, 4), n), cur, long=True).size[0] for n in (250, 6_000, 10**7)]
    alone = traffic.long.phi[0] * 3 / 24_000
    assert sizes[2] == pytest.approx(alone, rel=0.01)
    # as much again, but no more, from a reference that is a day or less, besides its few rows
    assert sizes[1] == pytest.approx(2 * alone, rel=0.1)
    assert sizes[0] < 2 * alone + 3 * traffic.short.phi[0] / 1_000


def test_a_feature_without_rows_is_not_known():
    looks = np.zeros((28 * DAY, 2, 3), np.int64)
    looks[:, 0] = [30, 40, 30]
    traffic = learn(looks, DAY)
    assert traffic.known.tolist() == [True, False]
    assert traffic.calm.tolist() == [True, False]
    assert not traffic.wandering.any()
    cur = np.full((2, 3), 100)
    assert np.isfinite(traffic.noise(cur, cur, long=True).size).tolist() == [True, False]
