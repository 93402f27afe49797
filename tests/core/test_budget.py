"""The budget across time: what a look may spend, when it pages, and when an alarm is over."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from drift_core import BadCounts
from drift_core.budget import Budget, Watch, fresh, learned, look, surely_above

SHARE = np.full(10, 0.1)
MOVED = np.array([0.02, 0.05, 0.07, 0.08, 0.09, 0.1, 0.11, 0.13, 0.15, 0.2])
SMALL = Budget(looks=2_160, long=6, learn=240, resolve=4)
FEATURES = 4


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def draw(rng, share, rows, *shape):
    return rng.multinomial(rows, share, shape)


@pytest.fixture
def watch(rng):
    looks = draw(rng, SHARE, 1_000, SMALL.learn, FEATURES)
    begun = dataclasses.replace(fresh(FEATURES, 10), recent=looks[-SMALL.long :])
    return learned(begun, looks, SMALL)


@pytest.fixture
def ref(rng):
    return draw(rng, SHARE, 10_000, FEATURES)


def follow(watch, ref, looks, budget=SMALL):
    found = []
    for cur in looks:
        watch, one = look(watch, ref, cur, budget)
        found.append(one)
    return watch, found


def drifting(rng, looks, first=0, rows=1_000):
    cur = draw(rng, SHARE, rows, looks, FEATURES)
    cur[first:, 1] = draw(rng, MOVED, rows, looks - first)
    return cur


def test_the_level_is_a_share_of_the_budget():
    assert Budget().level == pytest.approx(0.10 / 2_160 / 2)
    assert Budget(pages=0).level == pytest.approx(Budget().level / 2)
    assert Budget(pages=3, risk=0.1, looks=360).level == pytest.approx(0.4 / 360 / 2)


@pytest.mark.parametrize(
    "wrong",
    [{"pages": -1}, {"risk": 0.0}, {"risk": 1.0}, {"looks": 0}, {"long": 0}, {"learn": 90}],
)
def test_a_budget_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(BadCounts):
        Budget(**wrong)


def test_nothing_moves_and_nothing_pages(rng, watch, ref):
    watch, found = follow(watch, ref, draw(rng, SHARE, 1_000, 300, FEATURES))
    assert not any(one.paged.any() or one.opens or one.closes for one in found)
    assert (watch.firing, watch.clean) == (False, 300)
    assert watch.recent.shape == (SMALL.long, FEATURES, 10)
    p = np.stack([one.p_value for one in found])
    # two pieces of evidence, and what was learned is uncertain: both count against alarms
    assert 0.002 <= (p[:, 0] <= 0.05).mean() <= 0.05


def test_a_shift_opens_an_alarm_once_and_names_its_feature(rng, watch, ref):
    watch, found = follow(watch, ref, drifting(rng, 20, 5))
    assert [one.opens for one in found].count(True) == 1
    assert next(k for k, one in enumerate(found) if one.opens) in (5, 6)
    assert found[-1].paged.any(0).tolist() == [False, True, False, False]
    assert watch.firing


def test_an_alarm_closes_after_clean_looks_and_may_open_again(rng, watch, ref):
    watch, _ = follow(watch, ref, drifting(rng, 8))
    watch, found = follow(watch, ref, draw(rng, SHARE, 1_000, 40, FEATURES))
    closing = [k for k, one in enumerate(found) if one.closes]
    # the long scale still remembers the shift for a while
    assert len(closing) == 1
    assert SMALL.resolve - 1 <= closing[0] <= SMALL.resolve + SMALL.long
    assert not watch.firing
    _, found = follow(watch, ref, drifting(rng, 3))
    assert sum(one.opens for one in found) == 1


def test_a_small_shift_is_seen_by_the_long_scale_alone(rng, watch, ref):
    small = 0.7 * SHARE + 0.3 * MOVED[::-1]
    cur = draw(rng, SHARE, 1_000, 40, FEATURES)
    cur[:, 2] = draw(rng, small, 1_000, 40)
    gate = dataclasses.replace(SMALL, gate=0.01)
    _, found = follow(watch, ref, cur, gate)
    short, long = np.stack([one.paged[:, 2] for one in found]).mean(0)
    assert long > 0.6
    assert short < 0.3
    # and is no page where it is too small to matter
    _, found = follow(watch, ref, cur)
    assert not any(one.paged.any() for one in found)


def test_while_learning_only_what_is_certain_pages(rng, ref):
    moderate = draw(rng, (SHARE + MOVED) / 2, 1_000, 12, FEATURES)
    _, found = follow(fresh(FEATURES, 10), ref, moderate)
    assert not any(one.paged.any() for one in found)
    flood = draw(rng, SHARE, 1_000, 3, FEATURES)
    flood[:, 0, 3] += 2_000
    _, found = follow(fresh(FEATURES, 10), ref, flood)
    assert found[0].opens
    assert np.isnan(found[0].p_value[1]).all()


def test_restless_features_are_judged_on_the_long_scale_only(rng, ref):
    looks = draw(rng, SHARE, 200, SMALL.learn, FEATURES)
    looks[:, 3] *= 5
    watch = learned(fresh(FEATURES, 10), looks, SMALL)
    assert watch.short.phi[3] == pytest.approx(5, rel=0.3)
    shifted = draw(rng, (SHARE + MOVED) / 2, 1_000, SMALL.long, FEATURES)
    _, found = follow(watch, ref, shifted)
    short, long = np.stack([one.p_value for one in found])[-1]
    # but for what is certain whatever was learned, and that is nothing here
    assert short[3] > 0.99
    assert (short[:3] < 0.05).all()
    assert long[3] < 0.05


def test_a_look_without_rows_says_nothing(watch, ref):
    firing = dataclasses.replace(watch, firing=True, clean=3, recent=0 * watch.recent)
    after, found = look(firing, ref, np.zeros((FEATURES, 10), np.int64), SMALL)
    assert np.isnan(found.p_value).all()
    assert (after.firing, after.clean, found.closes) == (True, 3, False)


def test_a_watch_is_a_value(rng, watch, ref):
    before = watch.recent.copy()
    cur = drifting(rng, 1)[0]
    first, again = look(watch, ref, cur, SMALL), look(watch, ref, cur, SMALL)
    np.testing.assert_array_equal(watch.recent, before)
    np.testing.assert_array_equal(first[1].p_value, again[1].p_value)
    assert isinstance(first[0], Watch)


def test_too_few_looks_to_learn_from_are_refused(rng, watch):
    with pytest.raises(BadCounts, match="239 looks, 240 are needed"):
        learned(watch, draw(rng, SHARE, 1_000, 239, FEATURES), SMALL)


def test_surely_above_is_a_non_central_tail():
    rng = np.random.default_rng(8)
    ref, cur = draw(rng, SHARE, 5_000, 1)[0], draw(rng, MOVED, 800, 1)[0]
    noise = 1 / 5_000 + 1 / 800
    p, q = (ref + 0.5) / 5_005, (cur + 0.5) / 805
    psi = ((q - p) * np.log(q / p)).sum()
    assert psi > 0.2
    for size in (0.1, 0.2):
        true = stats.ncx2.sf(psi / noise, 9, size / noise)
        assert surely_above(ref, cur, size) == pytest.approx(true, rel=1e-6)
    assert np.isnan(surely_above(ref, 0 * cur, 0.2))
    assert surely_above(np.array([9, 0]), np.array([5, 0]), 0.2) == 1.0


def test_what_was_learned_as_normal_does_not_hide_a_large_change(rng, ref):
    looks = draw(rng, SHARE, 1_000, SMALL.learn, FEATURES)
    looks[40:70, 1] = draw(rng, MOVED, 1_000, 30)
    watch = learned(fresh(FEATURES, 10), looks, SMALL)
    assert watch.long.phi[1] > 10
    _, found = follow(watch, ref, drifting(rng, 12))
    assert not any(one.paged.any() for one in found)
    far = draw(rng, SHARE, 1_000, 3, FEATURES)
    far[:, 1] = draw(rng, [0.6, *[0.02] * 5, *[0.075] * 4], 1_000, 3)
    _, found = follow(watch, ref, far)
    assert found[0].opens
    assert found[0].paged[:, 1].any()
