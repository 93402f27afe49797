"""The loop that anyone would write with scipy: ks_2samp, and chi2_contingency of level counts."""

from collections.abc import Mapping

import numpy as np
from scipy import stats

from benchmarks.contestants.plain_numpy import Numpy, level_counts


class ScipyLoop(Numpy):
    def prepare(self) -> None:
        """Keep nothing: the tests take both samples."""

    def verdict(self) -> Mapping[str, object]:
        ref, cur = self.tables
        return {name: _p_value(ref[name], cur[name]) for name in ref}


def _p_value(ref: object, cur: object) -> float:
    if isinstance(ref, np.ndarray) and isinstance(cur, np.ndarray):
        sides = (side[~np.isnan(side)] for side in (ref, cur))
        return float(stats.ks_2samp(*sides, method="asymp").pvalue)
    counts = level_counts(ref), level_counts(cur)
    levels = [level for level in {*counts[0], *counts[1]} if any(c.get(level) for c in counts)]
    table = [[side.get(level, 0) for level in levels] for side in counts]
    return float(stats.chi2_contingency(table, correction=False).pvalue)
