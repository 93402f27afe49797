"""Real windows: the rules see what the core counted."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.scorecard import distances, real
from benchmarks.scorecard.windows import VERDICT
from drift_core import STATISTICS, reference


def counts(rows):
    return {name: (rate.hits, rate.trials) for name, rate in rows.items()}


@pytest.mark.parametrize("work", [real.car_loans, real.incomplete_loans])
def test_loans_are_calm_before_the_change_and_found_after_it(work):
    row = work((1, 2))
    before, after = counts(row.before), counts(row.after)
    assert (before[VERDICT], after[VERDICT]) == ((0, 5), (5, 5))
    assert (before["always fire"], after["never fire"]) == ((5, 5), (0, 5))
    # without a correction nine columns are enough for a false alarm
    assert before["one-sample PSI quantile"][0] > 0


def test_a_census_by_years_does_not_drift():
    row = real.employment((1, 2))
    assert counts(row.before)[VERDICT] == (0, 3)
    assert row.after == {}


def test_tables_hold_what_was_counted():
    rng = np.random.default_rng(2)
    grid, ref = reference(rng.normal(size=3_000), "numeric")
    cur = [grid.count(rng.normal(0.3, 1, 500)) for _ in range(3)]
    tables = real.tables_of(ref, cur)
    assert (tables.n.tolist(), tables.m.tolist()) == ([3_000], [500] * 3)
    exact = [STATISTICS["ks"](ref, one).value for one in cur]
    assert distances.kolmogorov_smirnov(tables) == pytest.approx(exact)
    # the grid's tails reach to infinity, and their rows do not
    values, later = rng.normal(size=3_000), rng.normal(0.3, 1, 3_000)
    grid, ref = reference(values, "numeric")
    found = distances.wasserstein(real.tables_of(ref, [grid.count(later)]))
    expected = stats.wasserstein_distance(values, later) / values.std()
    assert found == pytest.approx(expected, rel=0.1)
