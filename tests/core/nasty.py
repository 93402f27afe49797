"""Grids and columns that tend to break counting, and the search that they are compared with."""

import numpy as np

from drift_core import NumericGrid

CONTINUOUS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "shifted": lambda rng, n: 1e6 + rng.normal(size=n) * 0.01,
    "lognormal": lambda rng, n: rng.lognormal(0, 2, n),
    "negative lognormal": lambda rng, n: -rng.lognormal(0, 1, n),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.7, 0.0, rng.normal(size=n)),
    "capped": lambda rng, n: np.minimum(rng.exponential(size=n), 2.0),
    "uniform": lambda rng, n: rng.random(n),
    "beta": lambda rng, n: rng.beta(2, 5, n),
    "cents": lambda rng, n: np.round(rng.normal(size=n), 3),
    "student": lambda rng, n: rng.standard_t(2, n),
    "times": lambda rng, n: 1.7e9 + rng.random(n) * 86_400 * 90,
}
AWKWARD = {
    "counts": lambda rng, n: rng.poisson(4, n).astype(np.float64),
    "zipf": lambda rng, n: rng.zipf(1.3, n).astype(np.float64),
    "two far clusters": lambda rng, n: rng.normal(size=n) + 1e9 * rng.integers(0, 2, n),
    "u-shaped": lambda rng, n: rng.beta(0.2, 0.2, n),
    "one outlier": lambda rng, n: np.append(rng.normal(size=n - 1), 1e300),
    "huge": lambda rng, n: rng.normal(size=n) * 1e307,
    "tiny": lambda rng, n: rng.normal(size=n) * 1e-310,
    "infinite": lambda rng, n: np.append(rng.normal(size=n - 40), [np.inf, -np.inf] * 20),
    "large integers": lambda rng, n: 1e15 + rng.integers(0, 5_000, n).astype(np.float64),
}
SHAPES = CONTINUOUS | AWKWARD


def _clusters(*at, width=1e-3):
    return lambda rng, n: np.array(at)[rng.integers(0, len(at), n)] + width * rng.normal(size=n)


def _powers(base):
    """A Cantor set: clusters of clusters, twelve times over."""
    digits = base ** -np.arange(1.0, 13.0)
    return lambda rng, n: (rng.integers(0, 2, (n, 12)) * digits).sum(axis=1)


def _any_bits(rng, n):
    found = rng.integers(0, 2**64 - 1, n, dtype=np.uint64).view(np.float64)
    return found[np.isfinite(found)]


# knots that no single map tells apart
FAR_APART = {
    "0 and 1e12": _clusters(0.0, 1e12),
    "0 and 1e9": _clusters(0.0, 1e9),
    "five clusters": _clusters(0.0, 1e3, 1e6, -1e4, 1e9),
    "twenty clusters": _clusters(*np.arange(-10, 10) * 1e5),
    "two hundred clusters": _clusters(*np.arange(200.0), width=1e-9),
    "steep poles": lambda rng, n: rng.beta(0.05, 0.05, n),
    "four poles": lambda rng, n: rng.integers(0, 4, n) + 10 ** rng.uniform(-14, -1, n),
    "subnormal integers": lambda rng, n: rng.integers(-3_000, 3_000, n) * 5e-324,
    "consecutive large": lambda rng, n: 1e15 + rng.integers(0, 2_000, n).astype(np.float64),
    "any bits": _any_bits,
    "neighbours": lambda rng, n: 1.0 + rng.integers(-500, 500, n) * 2.0**-53,
    "cantor set": _powers(3.0),
    "cantor set, thin": _powers(1000.0),
    "both ends": lambda rng, n: rng.choice([-1.7e308, 1.7e308, 0.0, 1.0], n) * rng.random(n),
}
# no single map suits these columns, but a sum of some does
SUMMED = {
    "u-shaped": AWKWARD["u-shaped"],
    "steep poles": FAR_APART["steep poles"],
    "four poles": FAR_APART["four poles"],
    "0 and 1e9": FAR_APART["0 and 1e9"],
    "five clusters": FAR_APART["five clusters"],
    "two far clusters": AWKWARD["two far clusters"],
    "tiny": AWKWARD["tiny"],
}
ODD = [
    np.nan,
    np.inf,
    -np.inf,
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    2.2e-308,
    1.8e308,
    -1.8e308,
    1e-45,
    3e38,
]


def nasty_column(grid: NumericGrid, bulk, dtype):
    """Every edge and both its neighbours, odd values, random bit patterns and a bulk, shuffled."""
    rng = np.random.default_rng(7)
    words = {np.float32: np.uint32, np.float64: np.uint64}[dtype]
    with np.errstate(all="ignore"):
        edges = grid.edges(dtype)
        beside = [np.nextafter(edges, dtype(side)) for side in (-np.inf, np.inf)]
        wide = np.nextafter(grid.knots, -np.inf).astype(dtype)
        bits = rng.integers(0, np.iinfo(words).max, 3_000, words, endpoint=True).view(dtype)
        parts = [edges, *beside, wide, np.array(ODD).astype(dtype), bits, bulk.astype(dtype)]
    return rng.permutation(np.concatenate(parts))


def by_search(grid: NumericGrid, column):
    """What counting has to equal: a search over the edges."""
    cells = np.zeros(grid.size, np.int64)
    nan = np.isnan(column)
    cells[0] = nan.sum()
    found = np.searchsorted(grid.edges(column.dtype.type), column[~nan], side="right")
    cells[2:] = np.bincount(found, minlength=grid.size - 2)
    return cells
