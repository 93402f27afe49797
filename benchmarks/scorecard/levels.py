"""Columns with many levels, whose bins a pilot fifth of the reference chooses."""

from dataclasses import dataclass

import numpy as np

from benchmarks.scorecard.changes import NONE, Change
from benchmarks.scorecard.tables import Tables
from drift_core.types import BoolArray, IntArray

_OWN = 0.01


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels with shares in proportion to 1, 1/2, 1/3, ... (Zipf's law)."""

    name: str
    count: int


def draw_levels(
    levels: Levels, n: int, m: int, runs: int, rng: np.random.Generator, change: Change = NONE
) -> Tables:
    """Draw references and one window for each; a change of `shift` bends the law's exponent."""
    rank = np.arange(1, levels.count + 1)
    shares, moved = 1.0 / rank, 1.0 / rank ** (1.0 - change.shift)
    shares, moved = shares / shares.sum(), moved / moved.sum()
    pilot = rng.multinomial(n // 5, shares, runs)
    ref = rng.multinomial(n - n // 5, shares, runs)
    cur = rng.multinomial(m, moved, runs)
    own = pilot >= _OWN * (n // 5)
    place = rank.astype(np.float64)
    points = np.ones(levels.count, np.bool_)
    ref_bins = _pooled(ref, own)
    aside = np.arange(ref_bins.shape[-1]) == ref_bins.shape[-1] - 1
    return Tables(
        "categorical",
        ref,
        cur,
        ref_bins,
        _pooled(cur, own),
        aside,
        points,
        place,
        place,
        place,
    )


def _pooled(counts: IntArray, own: BoolArray) -> IntArray:
    kept = np.where(own, counts, 0)
    rest = counts.sum(-1, keepdims=True) - kept.sum(-1, keepdims=True)
    # levels that no pilot chose are empty bins everywhere
    return np.concatenate((kept[:, own.any(0)], rest), -1)
