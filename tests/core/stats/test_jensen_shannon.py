"""Jensen-Shannon is scipy's distance in bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon

from drift_core import STATISTICS
from drift_core.stats import Axis

JS = STATISTICS["jensen_shannon"]
sides = arrays(np.int64, 8, elements=st.integers(0, 400)).filter(np.any)


@given(sides, sides)
def test_it_equals_scipy(ref, cur):
    found = JS.pick(JS.evaluate(ref, cur, Axis()), ())
    # scipy takes the root of what rounding leaves of zero, and so may we
    assert found.value**2 == pytest.approx(jensenshannon(ref, cur, base=2) ** 2, abs=1e-12)


def test_apart_is_one_and_an_empty_bin_needs_no_smoothing():
    assert JS.evaluate(np.array([5, 0]), np.array([0, 9]), Axis()).value == pytest.approx(1.0)
    found = JS.evaluate(np.array([50, 50, 0]), np.array([50, 49, 1]), Axis())
    assert found.value == pytest.approx(jensenshannon([50, 50, 0], [50, 49, 1], base=2))


@pytest.mark.parametrize("m", [200, 1_000, 20_000])
def test_without_drift_its_mean_is_the_null_mean(m):
    rng, share = np.random.default_rng(1), np.full(10, 0.1)
    found = JS.evaluate(
        rng.multinomial(5_000, share, 2_000), rng.multinomial(m, share, 2_000), Axis()
    )
    assert found.value.mean() == pytest.approx(found.null_mean.mean(), rel=0.02)


def test_the_effect_is_what_is_there():
    rng = np.random.default_rng(2)
    p, q = np.full(10, 0.1), np.array([0.05] * 5 + [0.15] * 5)
    found = JS.evaluate(rng.multinomial(2_000, p, 3_000), rng.multinomial(400, q, 3_000), Axis())
    true = jensenshannon(p, q, base=2)
    assert found.value.mean() > 1.04 * true
    assert found.effect.mean() == pytest.approx(true, rel=0.03)


def test_thresholds_are_what_small_changes_of_psi_come_to():
    psi = STATISTICS["psi"]
    p = np.full(10, 10**6)
    for size, threshold in ((psi.warning, JS.warning), (psi.drift, JS.drift)):
        # a tilt of equal shares has a PSI near its squared size
        q = np.round(p * (1 + np.sqrt(size) * np.repeat([1, -1], 5))).astype(np.int64)
        assert psi.evaluate(p, q, Axis()).value == pytest.approx(size, rel=0.1)
        assert JS.evaluate(p, q, Axis()).value == pytest.approx(threshold, rel=0.06)
