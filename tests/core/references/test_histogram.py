"""Another tool's histogram as a reference: what it tells, and what it hides."""

import numpy as np
import pytest

from drift_core import (
    STATISTICS,
    BadCounts,
    BadGrid,
    Policy,
    State,
    from_histogram,
    judge,
)


def exported(bins, seed=1, rows=20_000):
    values = np.random.default_rng(seed).normal(size=rows)
    counts, edges = np.histogram(values, bins)
    return values, edges, counts


@pytest.mark.parametrize("bins", [1, 10, 300])
def test_numpys_histogram_is_counted_back(bins):
    values, edges, counts = exported(bins)
    grid, found = from_histogram(edges, counts, missing=7, invalid=2)
    again = grid.count(values)
    assert np.array_equal(again.values, found.values)
    assert (found.missing, found.invalid, found.rows) == (7, 2, values.size + 9)


def test_bins_closed_on_the_right():
    grid, found = from_histogram([0, 1, 2], [3, 4], closed="right")
    assert np.array_equal(grid.count([0, 0.5, 1, 1.5, 2, 2, 1.1]).values, found.values)
    assert grid.count([-0.1, 2.1]).values.tolist() == [1, 0, 0, 1]


def test_infinite_ends_and_values_beyond():
    grid, found = from_histogram([-np.inf, 0.0, np.inf], [5, 6])
    assert np.array_equal(grid.count([-np.inf, *[-1.0] * 4, *[0.0] * 5, np.inf]).cells, found.cells)


def test_wide_bins_are_not_judged_by_ks_and_fine_ones_are():
    rng = np.random.default_rng(2)
    for bins, reason in ((10, "grid"), (400, None)):
        _, edges, counts = exported(bins)
        grid, ref = from_histogram(edges, counts)
        verdict = judge({"x": ref}, {"x": grid.count(rng.normal(1, 1, 2_000))}).features["x"]
        assert verdict.reason == reason
        assert verdict.state is (State.INSUFFICIENT_DATA if reason else State.DRIFT)


def test_wide_bins_serve_statistics_that_read_bins():
    _, edges, counts = exported(10)
    grid, ref = from_histogram(edges, counts)
    policy = Policy(statistics={"numeric": ("psi",)})
    rng = np.random.default_rng(3)
    for shift, state in ((0, State.OK), (1, State.DRIFT)):
        cur = grid.count(rng.normal(shift, 1, 2_000))
        assert judge({"x": ref}, {"x": cur}, policy).features["x"].state is state
    assert STATISTICS["psi"](ref, cur).value > 0.5


@pytest.mark.parametrize(
    ("edges", "counts", "error"),
    [
        ([0, 1], [1, 2], BadGrid),
        ([0], [], BadGrid),
        ([0, 0, 1], [1, 2], BadGrid),
        ([0, np.nan, 1], [1, 2], BadGrid),
        ([0, 1], [0.5], BadCounts),
        ([0, 1], [-1], BadCounts),
    ],
)
def test_what_is_no_histogram_is_refused(edges, counts, error):
    with pytest.raises(error):
        from_histogram(edges, counts)
