"""Hellinger against its other form, by way of the Bhattacharyya coefficient."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drift_core import STATISTICS
from drift_core.stats import Axis

HELLINGER = STATISTICS["hellinger"]
sides = arrays(np.int64, 8, elements=st.integers(0, 400)).filter(np.any)


@given(sides, sides)
def test_it_is_what_the_overlap_of_roots_leaves(ref, cur):
    found = HELLINGER.pick(HELLINGER.evaluate(ref, cur, Axis()), ())
    overlap = sum((a / ref.sum() * b / cur.sum()) ** 0.5 for a, b in zip(ref, cur, strict=True))
    assert found.value**2 == pytest.approx(1 - overlap, abs=1e-12)


@given(sides, sides)
def test_it_lies_between_the_bounds_that_total_variation_sets(ref, cur):
    h = float(HELLINGER.evaluate(ref, cur, Axis()).value)
    tv = float(STATISTICS["total_variation"].evaluate(ref, cur, Axis()).value)
    # Le Cam
    assert h**2 <= tv + 1e-12
    assert tv <= h * (2 - h**2) ** 0.5 + 1e-12


def test_a_table_by_hand():
    found = HELLINGER.evaluate(np.array([64, 36]), np.array([36, 64]), Axis())
    # roots 0.8 and 0.6
    assert found.value == pytest.approx(0.2)
    assert found.contributions == pytest.approx([0.1, 0.1])
    assert HELLINGER.evaluate(np.array([5, 0]), np.array([0, 9]), Axis()).value == 1.0


@pytest.mark.parametrize("m", [200, 1_000, 20_000])
def test_without_drift_its_mean_is_the_null_mean(m):
    rng, share = np.random.default_rng(1), np.full(10, 0.1)
    ref, cur = rng.multinomial(5_000, share, 2_000), rng.multinomial(m, share, 2_000)
    found = HELLINGER.evaluate(ref, cur, Axis())
    assert found.value.mean() == pytest.approx(found.null_mean.mean(), rel=0.02)


def test_the_effect_is_what_is_there():
    rng = np.random.default_rng(2)
    p, q = np.full(10, 0.1), np.array([0.05] * 5 + [0.15] * 5)
    ref, cur = rng.multinomial(2_000, p, 3_000), rng.multinomial(400, q, 3_000)
    found = HELLINGER.evaluate(ref, cur, Axis())
    true = np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2)
    assert found.value.mean() > 1.04 * true
    assert found.effect.mean() == pytest.approx(true, rel=0.03)
