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


@given(tables)
def test_it_equals_scipy(table):
    ref, cur = table
    found = CHI2.pick(CHI2.evaluate(ref, cur, Axis()), ())
    if not ref.sum() or not cur.sum():
        assert found.value is None
        return
    exact = stats.chi2_contingency(table[:, table.sum(0) > 0], correction=False).statistic
    assert found.value == pytest.approx(exact, rel=1e-9, abs=1e-9)
    assert found.effect == pytest.approx(np.sqrt(exact / table.sum()), rel=1e-9, abs=1e-9)
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
