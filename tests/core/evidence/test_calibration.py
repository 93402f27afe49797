"""p-values that hold without drift, see drift, and stay finite far out."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from drift_core import Grid, adjust_bh, minimum_rows, reference
from drift_core.evidence.calibration import bins_p_value


def test_moments_are_those_of_all_relabellings():
    # every way to pick the window's 4 rows out of 9, by hand
    owner = np.array([0] * 4 + [1] * 3 + [2] * 2)
    total = np.bincount(owner)
    seen = []
    for rows in combinations(range(9), 4):
        cur = np.bincount(owner[list(rows)], minlength=3)
        expected = total * 4 / 9
        seen.append((81 / 20 * (cur - expected) ** 2 / total).sum())
    mean, variance = np.mean(seen), np.var(seen)
    cur = np.array([3, 1, 0])
    x2 = (81 / 20 * (cur - total * 4 / 9) ** 2 / total).sum()
    gamma = stats.gamma.sf(x2, mean**2 / variance, scale=variance / mean)
    assert bins_p_value(total - cur, cur) == pytest.approx(gamma, rel=1e-10)


def test_large_tables_agree_with_the_contingency_test():
    ref, cur = np.array([5000, 3000, 2000]), np.array([480, 330, 190])
    p = stats.chi2_contingency([ref, cur], correction=False).pvalue
    assert bins_p_value(ref, cur) == pytest.approx(p, rel=0.01)


def test_far_out_it_lies_between_two_tails():
    ref, cur = np.array([9700, 200, 100]), np.array([70, 20, 10])
    x2 = stats.chi2_contingency([ref, cur], correction=False).pvalue
    g = stats.chi2_contingency([ref, cur], correction=False, lambda_="log-likelihood").pvalue
    assert 100 * x2 < bins_p_value(ref, cur) < g / 100


def test_two_bins_are_told_exactly():
    # all that could have been drawn: as far from the expected number or further, ties by half
    ref, cur = np.array([9800, 200]), np.array([92, 8])
    law = stats.hypergeom(10_100, 208, 100)
    number = np.arange(101)
    off, own = abs(number - 208 / 101), abs(8 - 208 / 101)
    exact = law.pmf(number)[off > own + 1e-9].sum() + law.pmf(8) / 2
    assert bins_p_value(ref, cur) == pytest.approx(exact, rel=1e-9)
    assert bins_p_value(ref[::-1], cur[::-1]) == pytest.approx(exact, rel=1e-9)


SPARSE = {
    "twenty levels": (1 / np.arange(1, 21), 10_000, 100),
    "five levels": (1 / np.arange(1, 6), 10_000, 50),
    "one in a hundred missing": (np.array([0.01] + [0.099] * 10), 10_000, 100),
    "mostly zeros": (np.array([0.98, 0.01, 0.01]), 10_000, 1_000),
}


@pytest.mark.parametrize("column", SPARSE)
def test_sparse_bins_hold_their_level_far_out(column):
    masses, n, m = SPARSE[column]
    rng, found = np.random.default_rng(6), []
    for _ in range(4):
        ref, cur = (rng.multinomial(rows, masses / masses.sum(), 50_000) for rows in (n, m))
        found.append(bins_p_value(ref, cur))
    p = np.concatenate(found)
    for level in (1e-2, 1e-3):
        assert level / 2 <= (p <= level).mean() <= 1.5 * level
    assert (p <= 1e-4).mean() <= 2.5e-4


@pytest.mark.parametrize(
    ("ref", "cur", "p"),
    [
        ([5, 0], [7, 0], 1.0),
        ([0, 0], [7, 0], None),
        ([5, 0], [0, 0], None),
        ([1, 0], [0, 1], 1.0),
        ([1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], 1.0),
        ([10**9, 0], [0, 10**9], 1e-300),
    ],
)
def test_edges(ref, cur, p):
    found = bins_p_value(np.array(ref), np.array(cur))
    assert np.isnan(found) if p is None else found == p


def test_leading_axes_and_padding_change_nothing():
    rng = np.random.default_rng(1)
    ref, cur = rng.poisson(20, (3, 4, 6)), rng.poisson(5, (3, 4, 6))
    found = bins_p_value(ref, cur)
    assert found.shape == (3, 4)
    padded = bins_p_value(
        np.pad(ref, ((0, 0), (0, 0), (2, 3))), np.pad(cur, ((0, 0), (0, 0), (2, 3)))
    )
    np.testing.assert_allclose(padded, found, rtol=1e-12)
    assert found[1, 2] == pytest.approx(bins_p_value(ref[1, 2], cur[1, 2]), rel=1e-12)


@pytest.mark.parametrize(
    ("pooled", "near"),
    [
        ([120] * 10, 0.12),
        ([800, 90, 60, 50], 0.12),
        ([40, 400, 300, 200, 100, 60, 40, 30, 20, 10], 0.12),
        ([1400, 30, 30], 0.3),  # two bins expect few rows: the exact law has steps
    ],
)
@pytest.mark.parametrize("m", [120, 400])
def test_p_values_agree_with_relabelling(pooled, near, m):
    # the permutation test itself: all that could have been drawn from these rows
    pooled = np.array(pooled)
    cur = np.random.default_rng(3).multivariate_hypergeometric(pooled, m, 40_000)
    found = bins_p_value(pooled - cur, cur)
    expected = pooled * m / pooled.sum()
    x2 = ((cur - expected) ** 2 / expected).sum(-1)
    for level in (0.5, 0.2, 0.05, 0.02):
        at = np.argsort(x2)[-int(level * x2.size)]
        # tables as extreme as this one, ties among them
        true = (x2 >= x2[at] * (1 - 1e-9)).mean()
        assert found[at] == pytest.approx(true, rel=near)


def tables(rng, share, n, m, draws):
    """2 x 2 tables without drift: each that occurs once, and how often."""
    seen, times = np.unique(
        rng.binomial(n, share, draws) * (m + 1) + rng.binomial(m, share, draws), return_counts=True
    )
    some, rare = np.divmod(seen, m + 1)
    return np.stack((n - some, some), -1), np.stack((m - rare, rare), -1), times


@pytest.mark.parametrize(
    ("share", "n", "m"),
    [(0.05, 10_000, 1_000), (0.02, 10_000, 1_000), (0.02, 1_000, 1_000), (0.3, 1_000, 10_000)],
)
def test_rare_values_hold_their_level_far_out(share, n, m):
    draws = 1_000_000
    ref, cur, times = tables(np.random.default_rng(4), share, n, m, draws)
    p = bins_p_value(ref, cur)
    for level in (1e-3, 1e-4):
        rate = times[p <= level].sum() / draws
        assert rate <= 1.3 * level + 4 * np.sqrt(level / draws)
        assert rate >= 0.3 * level


def test_pearsons_law_alone_would_not():
    # the control: sparse bins have a heavier tail than chi-squared
    draws = 500_000
    ref, cur, times = tables(np.random.default_rng(5), 0.02, 10_000, 100, draws)
    expected = (ref + cur) * 100 / 10_100
    x2 = ((cur - expected) ** 2 / expected * 10_100 / 10_000).sum(-1)
    assert times[stats.chi2.sf(x2, 1) <= 1e-4].sum() / draws > 3e-4


def rejected(p_values, level=0.05):
    return float((np.array(p_values) <= level).mean())


def decile_counts(rng, n, m, shift=0.0):
    values = rng.normal(size=n)
    grid = Grid.numeric(values)
    ref = grid.count(values)
    bins = grid.bins(ref)
    cur = grid.count(rng.normal(shift, 1, m))
    return bins.coarsen(ref.cells), bins.coarsen(cur.cells)


def test_without_drift_deciles_reject_at_their_level():
    rng = np.random.default_rng(7)
    tables = [decile_counts(rng, 10_000, 1_000) for _ in range(2_000)]
    p = bins_p_value(*(np.stack(side) for side in zip(*tables, strict=True)))
    assert 0.035 <= rejected(p) <= 0.065
    assert rejected(p, 0.001) <= 0.005


def test_a_small_drift_is_seen():
    rng = np.random.default_rng(8)
    tables = [decile_counts(rng, 10_000, 1_000, shift=0.2) for _ in range(50)]
    p = bins_p_value(*(np.stack(side) for side in zip(*tables, strict=True)))
    assert rejected(p) >= 0.9


def zipf_columns(rng, levels, n, m):
    weights = 1 / np.arange(1, levels + 1)
    draw = [rng.choice(levels, size, p=weights / weights.sum()) for size in (n, m)]
    names = [f"v{i}" for i in range(levels)]
    return [names[i] for i in draw[0]], draw[1], names


def test_levels_chosen_on_the_pilot_reject_at_their_level():
    rng, found = np.random.default_rng(9), []
    for _ in range(600):
        values, cur, names = zipf_columns(rng, 100, 2_000, 10_000)
        grid, ref = reference(values, "categorical")
        bins = grid.bins(ref)
        window = grid.count_codes(cur, names)
        found.append(bins_p_value(bins.coarsen(ref.cells), bins.coarsen(window.cells)))
    assert 0.025 <= rejected(found) <= 0.08


def test_levels_chosen_on_the_counted_rows_do_not():
    # the control: this is the mistake that the pilot avoids
    rng, found = np.random.default_rng(10), []
    for _ in range(100):
        values, cur, names = zipf_columns(rng, 1_000, 2_000, 10_000)
        grid = Grid.categorical(values, max_bins=1_000, min_bin_share=0.0)
        ref, window = grid.count(values), grid.count_codes(cur, names)
        bins = grid.bins(ref)
        found.append(bins_p_value(bins.coarsen(ref.cells), bins.coarsen(window.cells)))
    assert rejected(found) >= 0.5


def test_benjamini_hochberg_by_hand():
    # five features: 5*.001, 5/2*.008, 5/3*.039, 5/4*.041, 5/5*.9 and running minima from the right
    p = np.array([0.041, 0.001, np.nan, 0.9, 0.008, 0.039])
    expected = [0.05125, 0.005, np.nan, 0.9, 0.02, 0.05125]
    np.testing.assert_allclose(adjust_bh(p), expected, rtol=1e-12)
    assert adjust_bh(np.array([])).shape == (0,)


def test_benjamini_hochberg_agrees_with_scipy():
    p = np.random.default_rng(1).random(50) ** 3
    np.testing.assert_allclose(adjust_bh(p), stats.false_discovery_control(p), rtol=1e-12)


def test_benjamini_hochberg_takes_each_row_for_itself():
    p = np.random.default_rng(2).random((3, 4, 7)) ** 2
    p[0, 1, :3] = p[2, 2] = np.nan
    found = adjust_bh(p)
    for at in np.ndindex(3, 4):
        np.testing.assert_array_equal(found[at], adjust_bh(p[at]))


@pytest.mark.parametrize(
    ("threshold", "bins", "n_ref", "rows"),
    [(0.2, 10, 10_000, 91), (0.2, 10, 1_000, 99), (0.2, 2, 10_000, 11), (0.1, 10, 10_000, 184),
     (0.2, 50, 10_000, 516), (0.2, 1, 10_000, 11)],
)  # fmt: skip
def test_minimum_rows(threshold, bins, n_ref, rows):
    assert abs(minimum_rows(threshold, bins, n_ref) - rows) <= 1


@pytest.mark.parametrize(("threshold", "bins", "n_ref"), [(0.1, 50, 500), (0.2, 10, 0)])
def test_a_reference_can_be_too_small(threshold, bins, n_ref):
    assert minimum_rows(threshold, bins, n_ref) is None
