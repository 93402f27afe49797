"""The budget across time: what a look may spend, when it pages, and when an alarm is over."""

import dataclasses

import numpy as np
import pytest

from drift_core import BadCounts, Budget, Watch, fresh, learned, look, look_many, sight

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
    assert watch.traffic.short.phi[3] == pytest.approx(5, rel=0.3)
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


def test_many_looks_are_one_look_after_the_other(rng, watch, ref):
    looks = drifting(rng, 30, 10)
    looks[20] = 0
    after, found = follow(watch, ref, looks)
    later, many = look_many(watch, ref, looks, SMALL)
    for name in found[0]._fields:
        one_by_one = [getattr(one, name) for one in found]
        np.testing.assert_array_equal(getattr(many, name), one_by_one)
    np.testing.assert_array_equal(later.recent, after.recent)
    same = [(one.looks, one.firing, one.clean) for one in (after, later)]
    assert same[0] == same[1]
    _, quick = look_many(watch, ref, looks, SMALL, all_p_values=False)
    np.testing.assert_array_equal(quick.paged, many.paged)
    np.testing.assert_array_equal(quick.firing, many.firing)


def test_an_outage_is_neither_clean_nor_not(rng, watch, ref):
    looks = drifting(rng, 40)
    looks[5:] = draw(rng, SHARE, 1_000, 35, FEATURES)
    looks[6:20] = 0
    _, found = look_many(watch, ref, looks, SMALL)
    assert found.firing[6:20].all()
    assert not found.closes[:20].any()
    assert not found.firing[-1]


def test_an_episode_while_learning_does_not_hide_the_same_later(rng, ref):
    looks = draw(rng, SHARE, 1_000, SMALL.learn, FEATURES)
    looks[40:64, 1] = draw(rng, MOVED, 1_000, 24)
    watch = learned(fresh(FEATURES, 10), looks, SMALL)
    assert watch.traffic.calm.all()
    _, found = follow(watch, ref, drifting(rng, 12))
    assert found[0].opens
    assert found[0].paged[:, 1].any()


def test_what_was_learned_as_normal_is_seen_to_blind(rng, ref):
    looks = draw(rng, SHARE, 1_000, SMALL.learn, FEATURES)
    looks[40:120, 1] = draw(rng, MOVED, 1_000, 80)
    watch = learned(fresh(FEATURES, 10), looks, SMALL)
    least = sight(watch, ref, SMALL)
    assert least[[0, 2, 3]] == pytest.approx(0.1)
    assert least[1] > 1
    assert np.isinf(sight(fresh(FEATURES, 10), ref, SMALL)).all()


def false_pages(rng, copies, learn):
    """Quarters of 5 features whose rows come several times, most of them with a small PSI gate."""
    budget = Budget(long=24, learn=672, gate=0.02)
    pages = []
    for _ in range(4):
        looks = copies * draw(rng, SHARE, 1_000 // copies, budget.learn + 600, 5)
        ref = copies * draw(rng, SHARE, 10_000 // copies, 5)
        past = looks if learn else draw(rng, SHARE, 1_000, budget.learn, 5)
        watch = learned(fresh(5, 10), past[: budget.learn], budget)
        _, found = look_many(watch, ref, looks[budget.learn :], budget, all_p_values=False)
        pages.append(int(found.opens.sum()) or int(found.firing.any()))
    return np.array(pages)


def test_rows_that_come_again_keep_the_budget_once_it_was_learned_that_they_do(rng):
    assert false_pages(rng, 5, learn=True).sum() <= 1
    # a design effect of one, as if they were independent, breaks it in every quarter
    assert (false_pages(rng, 5, learn=False) >= 1).all()


def test_a_feature_that_wanders_is_judged_once_a_long_window(rng, ref):
    days = rng.normal(size=(SMALL.learn // SMALL.long, FEATURES))
    shares = SHARE + 0.1 * (MOVED - SHARE) * np.repeat(days, SMALL.long, 0)[..., None] * 3
    watch = learned(fresh(FEATURES, 10), rng.multinomial(1_000, np.maximum(shares, 0)), SMALL)
    assert watch.traffic.wandering.all()
    far = draw(rng, MOVED[::-1] ** 2 / (MOVED**2).sum(), 1_000, 30, FEATURES)
    _, found = look_many(watch, ref, far, SMALL)
    judged = np.flatnonzero((found.p_adjusted[:, 1] < 1).any(-1)) + 1
    assert judged.tolist() == [6, 12, 18, 24, 30]
