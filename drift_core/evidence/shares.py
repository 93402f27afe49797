"""Shares: two count arrays as parts of one, and what chance alone does to them."""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from drift_core.types import BoolArray, FloatArray, IntArray


class Shares(NamedTuple):
    """Two count arrays of shape (..., B) as shares.

    Attributes
    ----------
    n, m
        Shape (...): rows of the reference and of the window.
    p, q
        Shape (..., B): their shares, zero where a side has no rows.
    bins
        Shape (...): how many bins are filled on either side.
    noise
        Shape (...): ``1/n + 1/m``, the variance of a difference of shares ``h`` without drift
        being ``h (1 - h)`` times that.
    defined
        Shape (...): both sides have rows.
    """

    n: IntArray
    m: IntArray
    p: FloatArray
    q: FloatArray
    bins: IntArray
    noise: FloatArray
    defined: BoolArray

    def pooled(self) -> FloatArray:
        """Shape (..., B): each bin's share of the rows of both sides."""
        rows = np.maximum(self.n + self.m, 1)
        mixed: FloatArray = (
            self.p * (self.n / rows)[..., None] + self.q * (self.m / rows)[..., None]
        )
        return mixed

    def only_defined(self, values: FloatArray) -> FloatArray:
        """NaN where a side has no rows."""
        return np.where(self.defined, values, np.nan)


def shares_of(ref: IntArray, cur: IntArray) -> Shares:
    """Turn counts of shape (..., B) into shares, without smoothing: an empty bin has none."""
    n, m = ref.sum(-1), cur.sum(-1)
    safe_n, safe_m = np.maximum(n, 1), np.maximum(m, 1)
    return Shares(
        n=n,
        m=m,
        p=ref / safe_n[..., None],
        q=cur / safe_m[..., None],
        bins=((ref + cur) > 0).sum(-1),
        noise=1 / safe_n + 1 / safe_m,
        defined=(n > 0) & (m > 0),
    )


def chi_mean(freedom: IntArray) -> FloatArray:
    """Mean of a chi variable: the root of a chi-squared one with `freedom` degrees, 0 of none."""
    some = np.maximum(freedom, 1)
    mean = np.sqrt(2.0) * np.exp(gammaln((some + 1) / 2) - gammaln(some / 2))
    return np.where(freedom > 0, mean, 0.0)
