"""Other tools' distances and rules against scipy and against numbers worked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.spatial import distance

from benchmarks.scorecard import distances as d
from benchmarks.scorecard import others
from benchmarks.scorecard.streams import BERNOULLI, CONTINUOUS, FIVE, TWENTY, tables
from benchmarks.scorecard.tables import Tables

PLACES = np.array([0.0, 1.0, 2.5, 4.0, 9.0])
REF = np.array([[50, 30, 15, 5, 0]])
CUR = np.array([[8, 7, 3, 1, 1]])


def of(ref, cur, kind="numeric"):
    points, places = np.ones(ref.shape[-1], bool), PLACES[: ref.shape[-1]]
    return Tables(kind, ref, cur, ref, cur, ~points, points, places, places, places)


def values(counts):
    return np.repeat(PLACES, counts[0])


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_psi_by_hand():
    # shares .5 .5 and .25 .75: -.25 ln .5 + .25 ln 1.5
    found = d.psi(np.array([[10, 10]]), np.array([[5, 15]]))
    assert found[0] == pytest.approx(0.25 * np.log(2) + 0.25 * np.log(1.5))
    # an empty bin counts as 1e-4, one that is empty on both sides as nothing
    found = d.psi(np.array([[10, 0, 0]]), np.array([[9, 1, 0]]))
    by_hand = -0.1 * np.log(0.9) + (0.1 - 1e-4) * np.log(0.1 / 1e-4)
    assert found[0] == pytest.approx(by_hand)


def test_distances_agree_with_scipy():
    table = of(REF, CUR)
    p, q = REF[0] / 100, CUR[0] / 20
    assert d.jensen_shannon(REF, CUR)[0] == pytest.approx(distance.jensenshannon(p, q))
    assert d.kolmogorov_smirnov(table)[0] == pytest.approx(
        stats.ks_2samp(values(REF), values(CUR)).statistic
    )
    assert d.wasserstein(table)[0] == pytest.approx(
        stats.wasserstein_distance(values(REF), values(CUR)) / values(REF).std()
    )
    assert d.chi_squared(REF, CUR)[0] == pytest.approx(
        stats.chi2_contingency(np.vstack((REF, CUR)), correction=False).statistic
    )
    both = of(REF[:, :4], CUR[:, :4])
    assert d.textbook_ks_p(both)[0] == pytest.approx(
        stats.kstwobign.sf(d.kolmogorov_smirnov(both)[0] * np.sqrt(100 * 19 / 119))
    )


def test_distances_without_ties_agree_with_scipy(rng):
    x, y = rng.normal(size=40), rng.normal(0.4, 1, 25)
    order = np.argsort(np.concatenate((x, y)))
    first = (order < 40).astype(int)[None]
    table = replace(of(REF, CUR), ref=first, cur=1 - first)
    t = stats.cramervonmises_2samp(x, y).statistic
    # scipy's T is the sum of squared gaps over all rows, times nm/N^2
    assert d.cramer_von_mises(table)[0] * 40 * 25 / 65 == pytest.approx(t, abs=0.01)
    n, m = 40, 25
    gaps = (np.cumsum(first[0]) / n - np.cumsum(1 - first[0]) / m)[:-1]
    below = np.arange(1, n + m) / (n + m)
    by_hand = (gaps**2 / (below * (1 - below))).sum() / (n + m)
    assert d.anderson_darling(table)[0] == pytest.approx(by_hand)


def test_goodness_of_fit_takes_the_reference_for_the_truth():
    found = others.goodness_of_fit_p(REF[:, :4], CUR[:, :4])
    expected = stats.chisquare(CUR[0, :4], REF[0, :4] / 100 * 19).pvalue
    assert found[0] == pytest.approx(expected)
    # one row of an unseen level is certain drift
    assert others.goodness_of_fit_p(REF, CUR)[0] == 0.0


def test_two_shares_are_compared_by_their_z(rng):
    ref, cur = np.array([[900, 100]]), np.array([[160, 40]])
    pooled = 140 / 1_200
    z = (0.2 - 0.1) / np.sqrt(pooled * (1 - pooled) * (1 / 1_000 + 1 / 200))
    p = 2 * stats.norm.sf(z)
    assert others._two_shares_p(ref, cur)[0] == pytest.approx(p)
    assert others.by_size_and_kind(of(ref, cur), rng)[0]


def test_the_choice_turns_at_a_thousand_rows_of_reference(rng):
    # a tenth of a standard deviation is below Wasserstein's limit, and beyond K-S's at once
    before = tables(CONTINUOUS, 1_000, 100_000, 20, rng)
    after = tables(CONTINUOUS, 1_001, 100_000, 20, rng)
    few = others.by_size_and_kind(before, rng)
    assert few.tolist() == (d.textbook_ks_p(before) < 0.05).tolist()
    assert others.by_size_and_kind(after, rng).tolist() == (d.wasserstein(after) >= 0.1).tolist()
    for stream in (FIVE, BERNOULLI, TWENTY):
        many = tables(stream, 10_000, 300, 20, rng)
        far = d.jensen_shannon(many.ref, many.cur) >= 0.1
        assert others.by_size_and_kind(many, rng).tolist() == far.tolist()


def test_the_one_sample_quantile_forgets_the_reference(rng):
    drawn = tables(CONTINUOUS, 1_000, 500, 50, rng)
    limit = stats.chi2.ppf(0.95, 9) / 500
    expected = d.psi(drawn.ref_bins, drawn.cur_bins) > limit
    assert others.one_sample_psi(drawn, rng).tolist() == expected.tolist()


def test_chunks_are_drawn_from_the_reference_without_replacement(rng):
    counts = np.broadcast_to(REF, (4_000, 5))
    rows = np.full(4_000, 30)
    found = others._taken(np.array(counts), rows, rng)
    assert (found.sum(-1) == 30).all()
    assert ((found >= 0) & (found <= counts)).all()
    assert found.mean(0) == pytest.approx(30 * REF[0] / 100, abs=0.25)
    variance = 30 * 0.5 * 0.5 * 70 / 99
    assert found[:, 0].var() == pytest.approx(variance, rel=0.15)


def test_always_and_never_are_what_they_say(rng):
    table = of(REF, CUR)
    assert others.always(table, rng).tolist() == [True]
    assert others.never(table, rng).tolist() == [False]
