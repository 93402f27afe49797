"""Distances that other tools and textbooks use, in arrays, each from its published formula."""

import numpy as np
from scipy.special import kolmogorov, ndtri, xlogy

from benchmarks.scorecard.tables import Tables
from drift_core.types import FloatArray, IntArray

_FLOOR = 1e-4


def shares(counts: IntArray) -> FloatArray:
    """Counts, shape (..., B), as shares of their rows."""
    return np.asarray(counts / np.maximum(counts.sum(-1, keepdims=True), 1))


def psi(ref: IntArray, cur: IntArray) -> FloatArray:
    """Population stability index with empty bins raised to 1e-4, as it is commonly computed."""
    filled = (ref + cur) > 0
    p, q = (np.maximum(shares(side), _FLOOR) for side in (ref, cur))
    return np.asarray(np.where(filled, (q - p) * np.log(q / p), 0.0).sum(-1))


def jensen_shannon(ref: IntArray, cur: IntArray) -> FloatArray:
    """Root of the Jensen-Shannon divergence in nats."""
    p, q = shares(ref), shares(cur)
    mean = np.where(p + q > 0, (p + q) / 2, 1.0)
    divergence = (xlogy(p, p / mean) + xlogy(q, q / mean)).sum(-1) / 2
    return np.asarray(np.sqrt(np.maximum(divergence, 0.0)))


def chi_squared(ref: IntArray, cur: IntArray) -> FloatArray:
    """Pearson's statistic of the 2 x B table."""
    n, m = ref.sum(-1, keepdims=True), cur.sum(-1, keepdims=True)
    rows, total = n + m, np.maximum(ref + cur, 1)
    off = (cur - (ref + cur) * (m / rows)) ** 2 / total
    return np.asarray((off * (rows / n * (rows / m))).sum(-1))


def _gaps(tables: Tables) -> tuple[FloatArray, FloatArray, FloatArray]:
    f, g = (np.cumsum(shares(side), -1) for side in (tables.ref, tables.cur))
    both = tables.ref + tables.cur
    return f - g, np.cumsum(shares(both), -1), shares(both)


def kolmogorov_smirnov(tables: Tables) -> FloatArray:
    """Largest gap of the distribution functions."""
    return np.asarray(np.abs(_gaps(tables)[0]).max(-1))


def cramer_von_mises(tables: Tables) -> FloatArray:
    """Squared gap of the distribution functions, on average over both samples."""
    gap, _, step = _gaps(tables)
    return np.asarray((gap**2 * step).sum(-1))


def anderson_darling(tables: Tables) -> FloatArray:
    """The same, each gap over its own variance."""
    gap, below, step = _gaps(tables)
    spread = below * (1 - below)
    inside = spread > 1e-12
    return np.asarray(np.where(inside, gap**2 * step / np.where(inside, spread, 1.0), 0.0).sum(-1))


def wasserstein(tables: Tables) -> FloatArray:
    """Area between the distribution functions over the reference's standard deviation."""
    gap, place = _gaps(tables)[0], tables.places
    area = (np.abs(gap[..., :-1]) * np.diff(place)).sum(-1)
    p = shares(tables.ref)
    mean = (p * place).sum(-1, keepdims=True)
    deviation = np.sqrt((p * (place - mean) ** 2).sum(-1))
    return np.asarray(area / np.maximum(deviation, 0.001))


def wasserstein_of_scores(tables: Tables) -> FloatArray:
    """The same on normal scores of both samples together, so that no tail dominates."""
    gap, below, step = _gaps(tables)
    score = ndtri(np.clip(below - step / 2, 1e-6, 1 - 1e-6))
    return np.asarray((np.abs(gap[..., :-1]) * np.diff(score, axis=-1)).sum(-1))


def textbook_ks_p(tables: Tables) -> FloatArray:
    """Kolmogorov's law, whatever the ties."""
    n, m = np.maximum(tables.ref.sum(-1), 1), np.maximum(tables.cur.sum(-1), 1)
    return np.asarray(kolmogorov(kolmogorov_smirnov(tables) * np.sqrt(n / (n + m) * m)))
