"""PSI against a table worked by hand."""

import math

import numpy as np
import pytest

from drift_core import STATISTICS, Grid
from drift_core.stats import Axis

PSI = STATISTICS["psi"]


def evaluate(ref, cur):
    return PSI.pick(PSI.evaluate(np.array(ref), np.array(cur), Axis()), ())


def test_a_table_by_hand():
    # three bins are not empty: shares (r + 1/2) / (n + 3/2)
    found = evaluate([50, 30, 20, 0], [20, 30, 0, 0])
    p = [50.5 / 101.5, 30.5 / 101.5, 20.5 / 101.5]
    q = [20.5 / 51.5, 30.5 / 51.5, 0.5 / 51.5]
    parts = [(b - a) * math.log(b / a) for a, b in zip(p, q, strict=True)]
    assert found.contributions == pytest.approx([*parts, 0.0])
    assert found.value == pytest.approx(sum(parts))
    assert found.value == pytest.approx(0.8037, abs=1e-4)
    assert found.null_mean == pytest.approx(2 * (1 / 100 + 1 / 50))
    assert found.effect == pytest.approx(found.value - 0.06)
    assert found.lower == found.value == found.upper
    assert (found.n_ref, found.n_cur, found.resolution, found.reason) == (100, 50, "bins", None)


def test_missing_values_are_a_bin():
    grid = Grid.numeric([1.0, 2.0])
    ref = grid.count([1.0, 2.0] * 50)
    found = PSI(ref, grid.count([None] * 60))
    assert found.value > 5
    assert found.contributions[0] == pytest.approx(found.contributions.max())
    assert found.n_cur == 60


@pytest.mark.parametrize(
    ("ref", "cur", "reason"),
    [([0, 0], [1, 1], "no_reference_rows"), ([1, 0], [0, 0], "no_current_rows")],
)
def test_without_rows_there_is_no_value_but_a_reason(ref, cur, reason):
    found = evaluate(ref, cur)
    assert (found.value, found.null_mean, found.p_value, found.contributions) == (None,) * 4
    assert found.reason == reason


def test_without_drift_its_mean_is_the_null_mean():
    rng = np.random.default_rng(1)
    share = np.full(10, 0.1)
    ref, cur = rng.multinomial(5_000, share, 2_000), rng.multinomial(1_000, share, 2_000)
    found = PSI.evaluate(ref, cur, Axis())
    assert found.value.mean() == pytest.approx(found.null_mean.mean(), rel=0.05)


def test_bins_given_are_bins_read():
    grid = Grid.numeric(np.arange(100.0))
    ref, cur = grid.count(np.arange(100.0)), grid.count(np.arange(50.0))
    two = grid.bins(ref, 2)
    assert PSI(ref, cur, two).contributions.shape == (two.size,)
    assert PSI(ref, cur).contributions.shape == (grid.bins(ref).size,)
