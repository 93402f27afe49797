"""PSI of two sides' counts by bin, as everybody who writes it computes it."""

from collections.abc import Mapping

import numpy as np

_ABSENT = 0.5
DECILES = np.linspace(0, 1, 11)[1:-1]


def psi(ref: Mapping[object, int], cur: Mapping[object, int]) -> float:
    """Compare counts by bin or level; an empty one counts half a row."""
    levels = {*ref, *cur}
    p, q = (np.array([side.get(level, 0) + _ABSENT for level in levels]) for side in (ref, cur))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())
