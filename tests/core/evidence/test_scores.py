"""Level and spread: rank tests that hold their level, and see what they are for."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from drift_core.evidence.scores import scores_of, scores_p_values


def test_a_cell_counts_for_the_mean_of_a_normal_variable_in_it():
    found = scores_of(np.array([10] * 10))
    edges = stats.norm.ppf(np.linspace(0, 1, 11))
    law = [stats.truncnorm(a, b) for a, b in pairwise(edges)]
    np.testing.assert_allclose(found.level, [one.mean() for one in law], atol=1e-6)
    np.testing.assert_allclose(found.spread, [one.moment(2) - 1 for one in law], atol=1e-6)


def test_empty_cells_count_as_their_place_and_outer_ones_as_the_outermost():
    found = scores_of(np.array([0, 5, 0, 5, 0, 0]))
    assert found.level[0] == found.level[1] == -found.level[3] == -found.level[5]
    assert found.level[2] == 0


def test_scores_tell_nothing_of_the_reference_itself():
    ref = np.random.default_rng(1).poisson(3, (50, 30))
    level, spread = scores_of(ref)
    for scores in (level, spread, level * spread):
        np.testing.assert_allclose((ref * scores).sum(-1), 0, atol=1e-8)


SHAPES = {
    "even": np.full(40, 1 / 40),
    "zeros": np.concatenate(([0.7], np.full(20, 0.3 / 20))),
    "counts": stats.poisson(1).pmf(np.arange(7)) / stats.poisson(1).cdf(6),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("n", "m"), [(10_000, 100), (1_000, 1_000), (1_000, 10_000)])
def test_p_values_hold_their_level(shape, n, m):
    rng = np.random.default_rng(11)
    ref, cur = (rng.multinomial(rows, SHAPES[shape], 40_000) for rows in (n, m))
    for p in scores_p_values(ref, cur):
        for level, most in ((0.05, 0.1), (0.01, 0.25), (0.001, 0.7)):
            assert (p <= level).mean() == pytest.approx(level, rel=most)


def moved(rng, shift, scale):
    edges = stats.norm.ppf(np.linspace(0, 1, 41))
    shares = np.diff(stats.norm.cdf((edges - shift) / scale))
    ref = rng.multinomial(10_000, np.full(40, 1 / 40), 500)
    return scores_p_values(ref, rng.multinomial(1_000, shares, 500))


def test_each_finds_its_own_and_not_the_other():
    rng = np.random.default_rng(12)
    shifted, wider = moved(rng, 0.1, 1.0), moved(rng, 0.0, 1.1)
    # what theory gives the strongest test of either: 85 % and 98 %
    assert (shifted.level <= 0.05).mean() > 0.8
    assert (wider.spread <= 0.05).mean() > 0.95
    assert (shifted.spread <= 0.05).mean() < 0.1
    assert (wider.level <= 0.05).mean() < 0.12


def test_a_mirror_changes_nothing():
    ref, cur = np.array([10, 30, 60, 100]), np.array([20, 15, 30, 35])
    for one, other in zip(
        scores_p_values(ref, cur), scores_p_values(ref[::-1], cur[::-1]), strict=True
    ):
        assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize(
    ("ref", "cur"),
    [
        ([0, 0, 0], [5, 5, 5]),
        ([50, 50, 50], [0, 0, 0]),
        ([0, 500, 0], [0, 100, 0]),  # constant
        ([10, 980, 10], [1, 98, 1]),  # hardly anything outside one cell
        ([1, 1, 0], [0, 0, 1]),
    ],
)
def test_there_may_be_nothing_to_say(ref, cur):
    for p in scores_p_values(np.array(ref), np.array(cur)):
        assert np.isnan(p)


def test_one_reference_serves_many_windows():
    rng = np.random.default_rng(13)
    ref, cur = rng.poisson(50, (3, 1, 20)), rng.poisson(9, (3, 4, 20))
    together = scores_p_values(np.broadcast_to(ref, cur.shape), cur)
    for at in np.ndindex(3, 4):
        alone = scores_p_values(ref[at[0], 0], cur[at])
        assert together.level[at] == pytest.approx(alone.level, rel=1e-12)
        assert together.spread[at] == pytest.approx(alone.spread, rel=1e-12)
