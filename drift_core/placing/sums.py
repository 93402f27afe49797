"""Sums of maps whose buckets hold few values each, for columns that no single map suits."""

from collections.abc import Iterator

import numpy as np

from drift_core.placing.spread import share_out
from drift_core.placing.symlogs import Symlogs
from drift_core.types import FloatArray, IntArray

MARKS = 2
"""Marks among as many rows as a bucket may hold."""
_OVERFULL = MARKS + 2
"""Marks in a bucket that is sure to hold more."""
_BUCKETS = (4_096, 6_144)
"""Two 16-bit counters for each leave room in a 32 KiB L1 cache; fewer take less time to empty."""
_TAIL_BUCKETS = 256
_MOST_MAPS = 9
"""Each takes half a pass of `np.sum`; with more of them knots anywhere are no slower."""
_HOPELESS = 0.05


def sums_for(marks: FloatArray, tail: FloatArray, splits: int) -> Iterator[Symlogs]:
    """Offer sums of maps that may suit a column, those that take the least time first.

    Parameters
    ----------
    marks
        Quantiles, strictly increasing and finite.
    tail
        Knots beyond the values; a map of their own takes less time than a step for each.
    splits
        How many buckets may hold too many rows.
    """
    beyond = share_out(tail, 1, _TAIL_BUCKETS)
    for maps in range(2, _MOST_MAPS + 1):
        for buckets in _BUCKETS:
            line = share_out(marks, maps, buckets)
            if line is None:
                return
            if np.count_nonzero(_marks_in(line, marks) >= _OVERFULL) <= splits:
                yield line if beyond is None else Symlogs((*line.parts, *beyond.parts))
        if maps == 2 and _hopeless(marks):
            return


def _marks_in(line: Symlogs, marks: FloatArray) -> IntArray:
    return np.bincount(line.place(marks))


def _hopeless(marks: FloatArray) -> bool:
    # as many maps as there may be leave whole clusters together
    line = share_out(marks, _MOST_MAPS, _BUCKETS[-1])
    if line is None:
        return True
    held = _marks_in(line, marks)
    return bool(held[held >= _OVERFULL].sum() > _HOPELESS * marks.size)
