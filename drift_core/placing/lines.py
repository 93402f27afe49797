"""Which symmetric logarithm suits given values: one whose buckets hold few of them each."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from drift_core.errors import BadGrid
from drift_core.kernels import crowding
from drift_core.placing.symlog import Symlog
from drift_core.types import FloatArray

_CENTRES = (0.0, 0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995, 1.0)
_OCTAVES = 20


class Fit(NamedTuple):
    """A map that was tried, and how it holds the values."""

    centre: float
    scale: float
    bits: int
    first: int
    largest: int
    """Most values in one bucket."""

    def symlog(self, buckets: int) -> Symlog | None:
        """Build the map; `None` where it would leave the floats' range."""
        try:
            return Symlog(self.centre, self.scale, self.bits, self.first, buckets)
        except BadGrid:
            return None


def fits(sample: FloatArray, buckets: int, bits: range, trim: int = 0) -> Iterator[Fit]:
    """Try maps on a sample.

    Centres lie at its quantiles, scales go down from four times the inner half's spread in octaves.

    Parameters
    ----------
    sample
        Shape (values,), sorted, without NaN.
    buckets
        How many the map may have.
    bits
        Resolutions to try, see `Symlog`.
    trim
        At most so many values on either side may fall beyond the map.
    """
    finite = sample[np.isfinite(sample)]
    if not finite.size:
        return
    inner = finite[finite.size // 4 : finite.size - finite.size // 4]
    spread = float(inner[-1] / 2 - inner[0] / 2)
    top = math.frexp(spread or float(inner[0]) or 1.0)[1] + 3
    exponents = range(min(top, 1023), top - _OCTAVES, -1)
    scales = [scale for scale in (math.ldexp(1.0, exponent) for exponent in exponents) if scale]
    pairs = [(centre, scale) for scale in scales for centre in _centres(finite, scale)]
    centres, widths = np.array(pairs, np.float64).reshape(-1, 2).T
    found = crowding(sample, centres, widths, np.array(bits, np.int64), buckets, trim).tolist()
    for pair, row in zip(pairs, found, strict=True):
        for bit, (first, largest) in zip(bits, row, strict=True):
            if largest:
                yield Fit(*pair, bit, first, largest)


def _centres(finite: FloatArray, scale: float) -> list[float]:
    quantiles = finite[[int(q * (finite.size - 1)) for q in _CENTRES]]
    centres = rounded(quantiles, scale)
    return sorted({*centres[np.isfinite(centres)].tolist()})


def rounded(centres: FloatArray, scales: FloatArray | float) -> FloatArray:
    """Move centres to multiples of their scales, or to infinity where these are no floats.

    They have few digits, so that the buckets' edges are floats of any width.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        moved: FloatArray = np.round(centres / scales) * scales + 0.0
    return moved
