"""The law of the squared distance: weights, far tails, and rates of false alarms."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from drift_core.evidence.anderson import anderson_p_value, measure
from drift_core.evidence.squares import Law, tail_of

SHAPES = {
    "continuous": np.full(100, 0.01),
    "two values": np.array([0.95, 0.05]),
    "poisson": np.array([0.368, 0.368, 0.184, 0.061, 0.015, 0.004]),
    "seven in ten are zero": np.r_[0.7, np.full(60, 0.005)],
    "a lump in the middle": np.r_[np.full(150, 0.002), 0.4, np.full(150, 0.002)],
    "two lumps": np.r_[0.3, np.full(20, 0.01), 0.2, np.full(30, 0.01)],
}


def counts(shape):
    return np.round(100_000 * SHAPES[shape] / SHAPES[shape].sum()).astype(np.int64)


def p_of(ref, cur):
    return anderson_p_value(ref, cur, cur.sum(-1), measure(ref, cur, None))


def weights(ref):
    """The law's weights as eigenvalues of the whole correlation, weighed by the shares."""
    share = ref[ref > 0] / ref.sum()
    middle = np.cumsum(share) - share / 2
    variance = middle * (1 - middle) - share / 4
    covariance = np.minimum.outer(middle, middle) - np.outer(middle, middle)
    np.fill_diagonal(covariance, variance)
    scale = np.sqrt(share / variance)
    return np.linalg.eigvalsh(covariance * np.outer(scale, scale))[::-1]


def imhof(lead, squared):
    """Probability that a weighted sum of squared normals is larger (Imhof 1961)."""

    def integrand(u):
        angle = 0.5 * np.arctan(lead * u).sum() - 0.5 * squared * u
        return np.sin(angle) / (u * np.prod((1 + (lead * u) ** 2) ** 0.25))

    return 0.5 + quad(integrand, 1e-12, 2_000, limit=6_000)[0] / np.pi


@pytest.mark.parametrize("shape", SHAPES)
def test_the_law_is_that_of_the_correlation(shape):
    ref = counts(shape)
    found, true = measure(ref, ref, None).law, weights(ref)
    assert true.sum() == pytest.approx(1.0)
    assert found.lead == pytest.approx(true[0], rel=1e-6)
    assert found.variance == pytest.approx(2 * (true**2).sum(), rel=1e-9)


@pytest.mark.parametrize("shape", ["poisson", "seven in ten are zero", "two lumps"])
@pytest.mark.parametrize("squared", [2.5, 4.0, 7.0, 12.0])
def test_tails_agree_with_numerical_inversion(shape, squared):
    ref = counts(shape)
    found = tail_of(measure(ref, ref, None).law, np.array(squared))
    assert found == pytest.approx(imhof(weights(ref), squared), rel=0.01)


def test_the_continuous_tail_is_the_one_in_the_tables():
    # the limiting law's upper points (Anderson and Darling 1954; Lewis 1961)
    law = Law(np.array(0.5), np.array(2 * (np.pi**2 / 3 - 3)))
    found = tail_of(law, np.array([1.933, 2.492, 3.857]))
    assert found == pytest.approx([0.10, 0.05, 0.01], rel=0.02)


def test_a_single_weight_is_chi_squared_however_far_out():
    squared = np.array([0.1, 1.0, 30.0, 600.0])
    found = tail_of(Law(np.array(1.0), np.array(2.0)), squared)
    assert found == pytest.approx(stats.chi2.sf(squared, 1), rel=1e-9)


def test_no_ties_give_two_weights_that_are_nearly_alike():
    # so that the gamma law of the rest never has the tail of the first
    rng = np.random.default_rng(8)
    for size in rng.integers(2, 9, 300):
        ref = rng.multinomial(10_000, rng.dirichlet(np.full(size, rng.choice([0.2, 1.0, 5.0]))))
        first, *rest = weights(ref + (ref == 0))
        assert max(rest, default=0.0) < 0.5 * first


def test_p_values_fall_and_never_reach_zero():
    squared = np.concatenate(([0.0], np.geomspace(1e-3, 1e5, 60)))
    for shape, share in SHAPES.items():
        ref = np.broadcast_to(counts(shape), (squared.size, share.size))
        found = anderson_p_value(
            ref, ref, ref.sum(-1), measure(ref, ref, None)._replace(squared=squared)
        )
        assert found[0] == pytest.approx(1.0, abs=1e-6)
        assert (np.diff(found) <= 1e-12).all()
        assert found[-1] == 1e-300


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("n", "m"), [(10_000, 1_000), (1_000, 10_000)])
def test_false_alarms_are_as_many_as_promised(shape, n, m):
    rng, draws = np.random.default_rng(5), 4_000
    share = SHAPES[shape] / SHAPES[shape].sum()
    ref, cur = rng.multinomial(n, share, draws), rng.multinomial(m, share, draws)
    found = p_of(ref, cur)
    for level in (0.05, 0.01):
        error = 4 * np.sqrt(level * (1 - level) / draws)
        assert (found <= level).mean() == pytest.approx(level, abs=error + 0.06 * level)


def test_its_mean_over_relabellings_is_one():
    rng = np.random.default_rng(6)
    pooled = np.array([40, 3, 17, 0, 25, 15])
    cur = rng.multivariate_hypergeometric(pooled, 30, 20_000)
    found = measure(pooled - cur, cur, None).squared
    assert found.mean() == pytest.approx(1.0, abs=4 * found.std() / np.sqrt(20_000))


def test_p_values_agree_with_relabelling():
    rng = np.random.default_rng(7)
    pooled = rng.multinomial(600, SHAPES["seven in ten are zero"] / 1.0)
    cur = rng.multivariate_hypergeometric(pooled, 200, 20_000)
    squared = np.sort(measure(pooled - cur, cur, None).squared)
    for level in (0.2, 0.05, 0.01):
        at = np.array(squared[-int(level * squared.size)])
        told = measure(pooled - cur[0], cur[0], None)._replace(squared=at)
        found = anderson_p_value(pooled - cur[0], cur[0], cur[0].sum(-1), told)
        assert found == pytest.approx(level, rel=0.25)


def test_an_open_cell_with_one_row_hides_nothing():
    found = measure(np.array([1, 0, 1, 0]), np.array([0, 1, 0, 1]), np.zeros(4, bool))
    assert found.lower == found.squared == found.upper


def test_one_open_cell_with_everything_hides_everything():
    found = measure(np.array([0, 30, 0]), np.array([0, 20, 0]), np.zeros(3, bool))
    assert (found.squared, found.lower) == (0.0, 0.0)
    apart = measure(np.array([30, 0]), np.array([0, 20]), None).squared
    assert apart < found.upper < np.inf


def test_a_side_without_rows_is_nan():
    ref, cur = np.array([[1, 2], [0, 0]]), np.array([[0, 0], [2, 1]])
    found = measure(ref, cur, None)
    assert np.isnan([found.squared, found.lower, found.upper]).all()
    assert np.isnan(anderson_p_value(ref, cur, cur.sum(-1), found)).all()
