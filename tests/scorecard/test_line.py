"""Streams: counts drawn without values have the law of counted values."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.scorecard.changes import Change, warp
from benchmarks.scorecard.distances import chi_squared
from benchmarks.scorecard.levels import draw_levels
from benchmarks.scorecard.line import known
from benchmarks.scorecard.streams import (
    CONTINUOUS,
    FEWER_ZEROS,
    MANY,
    MISSING,
    MORE_MISSING,
    NEW_LEVEL,
    POISSON,
    SOME_MISSING,
    STREAMS,
    TWENTY,
    ZEROS_98,
    tables,
)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize("stream", [*STREAMS, TWENTY, SOME_MISSING], ids=lambda one: one.name)
def test_every_row_is_in_one_bin_and_present_ones_in_one_cell(stream, rng):
    drawn = tables(stream, 1_000, 77, 20, rng)
    pilot = 200 if stream is MANY else 0
    assert (drawn.n == 1_000 - pilot).all()
    assert (drawn.m == 77).all()
    lost = 0 if stream is MANY else drawn.cur_bins[:, 0]
    assert (drawn.cur.sum(-1) == 77 - lost).all()
    assert drawn.points.shape == drawn.places.shape == (drawn.ref.shape[-1],)
    assert (np.diff(drawn.places) > 0).all()
    assert ((drawn.lower <= drawn.places) & (drawn.places <= drawn.upper)).all()


def deciles_of_values(rng, n, m, shift, runs):
    """The long way round: values, the reference's own deciles, counts."""
    ref = np.sort(rng.normal(size=(runs, n)), -1)
    edges = ref[:, n // 10 - 1 :: n // 10][:, :9]
    cur = rng.normal(shift, 1, (runs, m))
    place = (cur[:, :, None] > edges[:, None]).sum(-1)
    counts = np.stack([(place == k).sum(-1) for k in range(10)], -1)
    return np.full((runs, 10), n // 10), counts


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_drawn_counts_have_the_law_of_counted_values(shift, rng):
    runs = 3_000
    short = tables(CONTINUOUS, 200, 100, runs, rng, Change(shift=shift))
    long = chi_squared(*deciles_of_values(rng, 200, 100, shift, runs))
    # two samples of one statistic by two ways; a false alarm in a million
    found = stats.ks_2samp(chi_squared(short.ref_bins, short.cur_bins), long)
    assert found.pvalue > 1e-6


def test_drawn_counts_of_a_truth_taken_for_granted_do_not(rng):
    # the control: with fixed edges instead of the reference's own the law is another one
    wrong = rng.multinomial(100, np.full(10, 0.1), 3_000)
    right = chi_squared(*deciles_of_values(rng, 200, 100, 0.0, 3_000))
    assert stats.ks_2samp(chi_squared(np.full((3_000, 10), 20), wrong), right).pvalue < 1e-6


@pytest.mark.parametrize(("shift", "scale"), [(0.2, 1.0), (0.0, 1.2), (-0.5, 0.9)])
def test_a_change_moves_the_normal_score(shift, scale, rng):
    u = np.arange(1, 10) / 10
    expected = stats.norm.cdf(stats.norm.ppf(u), shift, scale)
    assert warp(u, Change(shift=shift, scale=scale)) == pytest.approx(expected)
    share = known(CONTINUOUS, 1_000_000, 1, rng, fine=1).shares(Change(shift=shift, scale=scale))
    assert np.cumsum(share[0, 1:])[:-1] == pytest.approx(expected, abs=0.003)


def test_a_pile_lies_in_the_lowest_hundredth():
    u = np.array([0.0, 0.005, 0.01, 0.5, 1.0])
    expected = 0.98 * u + np.array([0.0, 0.01, 0.02, 0.02, 0.02])
    assert warp(u, Change(pile=0.02)) == pytest.approx(expected)


def test_shares_of_parts_and_of_missing_rows_change_as_asked(rng):
    zeros = known(ZEROS_98, 1_000, 3, rng).shares(FEWER_ZEROS)
    assert zeros[:, 1] == pytest.approx(0.95)
    lost = known(MISSING, 1_000, 3, rng).shares()
    assert lost[:, 0] == pytest.approx(0.05)
    assert known(SOME_MISSING, 1_000, 3, rng).shares(MORE_MISSING)[:, 0] == pytest.approx(0.05)
    levels = known(TWENTY, 1_000, 1, rng)
    assert levels.ref[0, -1] == 0
    # one row in 10,000 is of a level that the reference does not have
    assert levels.shares()[0, -1] == pytest.approx(1 / 10_001)
    assert levels.shares(NEW_LEVEL)[0, -1] == pytest.approx(0.02, rel=2e-4)


def test_few_values_keep_their_law_and_move_with_the_score(rng):
    share = known(POISSON, 100, 1, rng).shares()[0, 1:]
    assert share[:6] == pytest.approx(stats.poisson.pmf(np.arange(6), 1.0))
    moved = known(POISSON, 100, 1, rng).shares(Change(shift=0.1))[0, 1:]
    assert moved[0] == pytest.approx(stats.norm.cdf(stats.norm.ppf(np.exp(-1)) - 0.1))


def test_the_pilot_chooses_levels_and_the_others_are_pooled(rng):
    drawn = draw_levels(MANY, 10_000, 500, 30, rng)
    own = (drawn.ref_bins[:, :-1] > 0).sum(-1)
    # 1/k over 7.49 is a hundredth at k = 13
    assert ((own >= 8) & (own <= 20)).all()
    assert (drawn.cur_bins.sum(-1) == 500).all()
