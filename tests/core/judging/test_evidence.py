"""Evidence holds its level and sees; the gate of a single bin: far enough, and surely."""

import numpy as np
import pytest

from drift_core import Grid, Judge, Policy
from drift_core.judging.evidence import moved_bins


@pytest.mark.parametrize(
    ("ref", "cur", "moved"),
    [
        ([100, 9900], [50, 950], [True, False]),  # missing 1 to 5 %
        ([9800, 200], [950, 50], [False, True]),  # zeros 98 to 95 %
        ([200, 9800], [30, 970], [False, False]),  # not by a factor
        ([10, 9990], [8, 992], [False, False]),  # not by a point
        ([100, 9900], [2, 98], [False, False]),  # not surely
        ([0, 10_000], [300, 700], [True, False]),  # from nothing
        ([500, 9500], [0, 1000], [True, False]),  # to nothing
        ([0, 0], [10, 10], [False, False]),
        ([10, 10], [0, 0], [False, False]),
    ],
)
def test_gate(ref, cur, moved):
    assert moved_bins(np.array([ref]), np.array([cur]), Policy()).tolist() == [moved]


def test_a_round_threshold_is_met_exactly():
    ref, cur = np.array([[2_000, 198_000]]), np.array([[4_000, 196_000]])
    assert moved_bins(ref, cur, Policy()).tolist() == [[True, False]]


COLUMNS = {
    "continuous": lambda rng, rows: rng.normal(size=rows),
    "seven in ten are zero": lambda rng, rows: (
        rng.exponential(size=rows) * (rng.random(rows) > 0.7)
    ),
    "49 in 50 are zero": lambda rng, rows: rng.exponential(size=rows) * (rng.random(rows) > 0.98),
    "a flag": lambda rng, rows: (rng.random(rows) < 0.05) * 1.0,
    "poisson": lambda rng, rows: rng.poisson(1.0, rows) * 1.0,
    "one in twenty missing": lambda rng, rows: np.where(
        rng.random(rows) < 0.05, np.nan, rng.normal(size=rows)
    ),
}
QUICK = Policy(
    statistics={"numeric": ("psi", "ks", "anderson_darling")}, max_bracket=1.0, min_rows=1
)


def judged(column, m, policy, change=lambda values: values):
    """Judge 100 windows against each of 150 references, drawn on one grid's cells."""
    rng = np.random.default_rng(21)
    values = COLUMNS[column](rng, 50_000)
    grid = Grid.numeric(values, max_cells=64)
    truth = grid.count(values).cells / 50_000
    moved = grid.count(change(values)).cells / 50_000
    refs = rng.multinomial(10_000, truth, 150)
    bench = Judge.of({f"{i}": grid.counts_of(ref) for i, ref in enumerate(refs)}, policy)
    return bench.windows(rng.multinomial(m, moved, (100, 150)).reshape(100, -1))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("m", [100, 1_000])
def test_combined_evidence_holds_its_level(column, m):
    p = judged(column, m, QUICK).p_value
    assert not np.isnan(p).any()
    # the rows of one reference serve a hundred windows: the rates have errors of their own
    for level, most in ((0.05, 0.062), (0.01, 0.0135), (0.001, 0.0022)):
        assert (p <= level).mean() <= most
    assert (p <= 0.05).mean() >= 0.02


def test_the_smaller_of_two_would_not():
    # the control: two looks at one question, and only the better one told
    found = judged("one in twenty missing", 1_000, QUICK).estimates
    least = np.minimum(found["psi"].p_value, found["anderson_darling"].p_value)
    assert (least <= 0.05).mean() > 0.07


def test_it_sees_small_shifts_that_bins_and_ks_do_not():
    def moved(values):
        return values + 0.1

    rates = []
    for evidence in ({"numeric": ("bins", "anderson_darling")}, {"numeric": ("bins", "ks")}, {}):
        policy = Policy(evidence=evidence, max_bracket=1.0)
        rates.append((judged("continuous", 1_000, policy, moved).p_value <= 0.05).mean())
    assert rates[0] > 0.7
    assert rates[0] > rates[1] + 0.05 > rates[2] + 0.1


def test_evidence_need_not_be_shown():
    shown = judged("continuous", 100, QUICK).p_value
    hidden = judged("continuous", 100, Policy(statistics={}, max_bracket=1.0, min_rows=1))
    assert hidden.estimates == {}
    np.testing.assert_array_equal(hidden.p_value, shown)
