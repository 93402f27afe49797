"""Other tools' rules, re-coded from their published formulas; each says which columns drifted."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from scipy.special import gammaincc, gammainccinv, ndtr

from benchmarks.scorecard import distances as d
from benchmarks.scorecard.tables import Tables
from drift_core.types import BoolArray, FloatArray, IntArray

_FEW_ROWS = 1_000
_FEW_VALUES = 5
_CHUNKS = 10
Rule = Callable[[Tables, np.random.Generator], BoolArray]


def psi_above(limit: float) -> Rule:
    """PSI on ten bins against a fixed threshold: 0.1, 0.2 or 0.25 by custom."""
    return lambda tables, _: d.psi(tables.ref_bins, tables.cur_bins) > limit


def one_sample_psi(tables: Tables, _: np.random.Generator) -> BoolArray:
    """PSI against a chi-squared quantile over the window's rows, the reference taken as truth."""
    freedom = np.maximum(np.count_nonzero(tables.ref_bins, axis=-1) - 1, 1)
    quantile = 2 * gammainccinv(freedom / 2, 0.05)
    psi = d.psi(tables.ref_bins, tables.cur_bins)
    return np.asarray(psi > quantile / np.maximum(tables.m, 1))


def ks_test(tables: Tables, _: np.random.Generator) -> BoolArray:
    """Kolmogorov-Smirnov at 5 % for numbers, goodness of fit at 5 % for levels."""
    if tables.kind == "categorical":
        return goodness_of_fit_p(tables.ref, tables.cur) < 0.05
    return d.textbook_ks_p(tables) < 0.05


def goodness_of_fit_p(ref: IntArray, cur: IntArray) -> FloatArray:
    """Chi-squared goodness of fit: the reference's shares taken as the truth."""
    m = cur.sum(-1, keepdims=True)
    expected = d.shares(ref) * m
    off = np.where(expected > 0, (cur - expected) ** 2 / np.where(expected > 0, expected, 1), 0.0)
    impossible = ((expected == 0) & (cur > 0)).any(-1)
    freedom = np.maximum(((ref + cur) > 0).sum(-1) - 1, 1)
    return np.where(impossible, 0.0, gammaincc(freedom / 2, off.sum(-1) / 2))


def _two_shares_p(ref: IntArray, cur: IntArray) -> FloatArray:
    n, m = np.maximum(ref.sum(-1), 1), np.maximum(cur.sum(-1), 1)
    p, q, pooled = ref[..., 0] / n, cur[..., 0] / m, (ref[..., 0] + cur[..., 0]) / (n + m)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = np.where(spread > 0, np.abs(p - q) / np.where(spread > 0, spread, 1.0), 0.0)
    return np.asarray(2 * ndtr(-z))


def by_size_and_kind(tables: Tables, _: np.random.Generator) -> BoolArray:
    """Evidently's default choice of a test for a column.

    Up to 1,000 rows of reference: Kolmogorov-Smirnov, goodness of fit, or for two values the
    z-test of two shares, each at 5 %. Above: Wasserstein over the reference's deviation, or for
    levels and few values the Jensen-Shannon distance, each at 0.1. Missing values are dropped.
    """
    ref, cur, values = tables.ref, tables.cur, tables.points.size
    few = tables.kind == "categorical" or (tables.points.all() and values <= _FEW_VALUES)
    if int(tables.n.max()) > _FEW_ROWS:
        return np.asarray((d.jensen_shannon(ref, cur) if few else d.wasserstein(tables)) >= 0.1)
    if not few:
        return d.textbook_ks_p(tables) < 0.05
    p = _two_shares_p(ref, cur) if values <= 2 else goodness_of_fit_p(ref, cur)
    return np.asarray(p < 0.05)


def three_sigma(tables: Tables, rng: np.random.Generator) -> BoolArray:
    """NannyML's threshold: mean plus three deviations over ten chunks of the reference.

    The distance is Jensen-Shannon's, here on our bins; each chunk is compared with the whole
    reference, which holds it.
    """
    left = np.array(tables.ref_bins)
    seen = []
    rows = left.sum(-1) // _CHUNKS
    for _ in range(_CHUNKS):
        chunk = _taken(left, rows, rng)
        left -= chunk
        seen.append(d.jensen_shannon(tables.ref_bins, chunk))
    found = d.jensen_shannon(tables.ref_bins, tables.cur_bins)
    return np.asarray(found > np.mean(seen, 0) + 3 * np.std(seen, 0))


def _taken(counts: IntArray, rows: IntArray, rng: np.random.Generator) -> IntArray:
    # rows drawn without replacement, bin by bin
    chunk = np.zeros_like(counts)
    wanted, others = np.array(rows), counts.sum(-1)
    for at in range(counts.shape[-1]):
        others = others - counts[..., at]
        chunk[..., at] = rng.hypergeometric(counts[..., at], others, wanted)
        wanted = wanted - chunk[..., at]
    return chunk


def always(tables: Tables, _: np.random.Generator) -> BoolArray:
    return np.ones(tables.m.shape, np.bool_)


def never(tables: Tables, _: np.random.Generator) -> BoolArray:
    return np.zeros(tables.m.shape, np.bool_)


ANY: Mapping[str, Rule] = MappingProxyType({
    "always fire": always,
    "never fire": never,
    "PSI > 0.1": psi_above(0.1),
    "PSI > 0.2": psi_above(0.2),
    "PSI > 0.25": psi_above(0.25),
    "one-sample PSI quantile": one_sample_psi,
    "K-S or goodness of fit, p < 0.05": ks_test,
    "3 sigma of reference chunks": three_sigma,
    "evidently's choice": by_size_and_kind,
})  # fmt: skip
"""Rules that call a window drifted when any column is."""

HALF = "evidently's choice"
"""The one whose tool asks for half of the columns."""
