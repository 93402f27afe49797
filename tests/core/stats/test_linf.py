"""L-infinity against the largest change, and its mean without drift against simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import chebyshev

from drift_core import STATISTICS
from drift_core.stats import Axis

LINF = STATISTICS["linf"]
sides = arrays(np.int64, 8, elements=st.integers(0, 400)).filter(np.any)


@given(sides, sides)
def test_it_equals_scipy(ref, cur):
    found = LINF.pick(LINF.evaluate(ref, cur, Axis()), ())
    assert found.value == pytest.approx(chebyshev(ref / ref.sum(), cur / cur.sum()), abs=1e-12)
    assert found.contributions is None


def test_merging_may_raise_it():
    fine = LINF.evaluate(np.array([30, 30, 40]), np.array([40, 40, 20]), Axis()).value
    coarse = LINF.evaluate(np.array([60, 40]), np.array([80, 20]), Axis()).value
    assert fine == pytest.approx(0.2)
    assert coarse == pytest.approx(0.2)
    assert LINF.evaluate(np.array([30, 30, 20, 20]), np.array([40, 40, 10, 10]), Axis()).value < 0.2


SHARES = {
    "two": [0.3, 0.7],
    "three": [0.2, 0.3, 0.5],
    "deciles": [0.1] * 10,
    "one large": [0.7, *[0.03] * 10],
    "fifty": [0.02] * 50,
}


@pytest.mark.parametrize("shape", SHARES)
def test_without_drift_its_mean_is_near_the_null_mean(shape):
    rng, share = np.random.default_rng(1), np.array(SHARES[shape])
    ref, cur = rng.multinomial(20_000, share, 4_000), rng.multinomial(4_000, share, 4_000)
    found = LINF.evaluate(ref, cur, Axis())
    # three differences that add up to zero are furthest from independent
    off = 0.15 if shape == "three" else 0.08
    assert found.value.mean() == pytest.approx(found.null_mean.mean(), rel=off)
