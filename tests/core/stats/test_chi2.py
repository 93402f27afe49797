"""Chi-squared is scipy's contingency statistic, without correction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from drift_core import STATISTICS, Grid
from drift_core.stats import Axis

CHI2 = STATISTICS["chi2"]
tables = arrays(np.int64, (2, 6), elements=st.integers(0, 500))


def bergsma(x2, table):
    rows, (r, k) = table.sum(), (2, np.count_nonzero(table.sum(0)))
    if rows < 3 or k < 2:
        return 0.0
    phi2 = max(0.0, x2 / rows - (k - 1) * (r - 1) / (rows - 1))
    sides = [side - (side - 1) ** 2 / (rows - 1) for side in (r, k)]
    return np.sqrt(phi2 / (min(sides) - 1)) if min(sides) > 1 else 0.0


@given(tables)
def test_it_equals_scipy(table):
    ref, cur = table
    found = CHI2.pick(CHI2.evaluate(ref, cur, Axis()), ())
    if not ref.sum() or not cur.sum():
        assert found.value is None
        return
    exact = stats.chi2_contingency(table[:, table.sum(0) > 0], correction=False).statistic
    assert found.value == pytest.approx(exact, rel=1e-9, abs=1e-9)
    assert found.effect == pytest.approx(bergsma(exact, table), rel=1e-6, abs=1e-6)
    assert found.contributions.sum() == pytest.approx(found.value, rel=1e-12)


def test_one_level_alone_is_no_evidence():
    grid = Grid.categorical(["a"] * 10)
    found = CHI2(grid.count(["a"] * 10), grid.count(["a"] * 3))
    assert (found.value, found.effect, found.p_value, found.null_mean) == (0.0, 0.0, 1.0, 0.0)


def test_one_unseen_row_is_no_certain_drift():
    grid = Grid.categorical(["a", "b"] * 50)
    found = CHI2(grid.count(["a", "b"] * 500), grid.count([*["a", "b"] * 499, "a", "new"]))
    assert found.p_value > 0.05


def test_apart_is_one():
    grid = Grid.categorical(["a", "b"] * 50)
    found = CHI2(grid.count(["a"] * 100), grid.count(["b"] * 40))
    assert found.effect == pytest.approx(1.0)
    assert found.p_value < 1e-20


def test_calm_columns_of_many_levels_have_no_effect():
    # sixteen levels and 1,000 rows: without the correction V is 0.12 by chance alone
    rng, shares = np.random.default_rng(2), np.full(16, 1 / 16)
    ref, cur = rng.multinomial(500, shares, 4_000), rng.multinomial(500, shares, 4_000)
    found = CHI2.evaluate(ref, cur, Axis())
    assert np.sqrt(found.value / 1_000).mean() == pytest.approx(0.12, abs=0.005)
    assert (np.sqrt(found.value / 1_000) >= 0.1).mean() > 0.75
    assert (found.effect >= 0.1).mean() < 0.07
    assert np.median(found.effect) < 0.02
