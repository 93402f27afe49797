"""Evidence for ordered cells when nearly every row is in one of them."""

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.repeats import once
from drift_core.types import FloatArray, IntArray

_LEAST_OUTSIDE = 20


def around_largest(ref: IntArray, cur: IntArray, p_value: FloatArray) -> FloatArray:
    """Put the p-value of three bins where a law of the whole line cannot hold.

    Where fewer than 20 rows of the window are expected outside the reference's largest cell,
    laws that take sums of rows for normal are wrong. What is left to be seen is how many rows
    are below that cell, in it and above it.

    Parameters
    ----------
    ref, cur
        Shape (..., cells), in the order of the line.
    p_value
        Shape (...): what holds elsewhere.
    """
    own = once(ref)
    outside = 1 - own.max(-1) / np.maximum(own.sum(-1), 1)
    few = cur.sum(-1) * outside < _LEAST_OUTSIDE
    held = np.array(p_value)
    held[few] = bins_p_value(_three(ref[few], ref[few]), _three(ref[few], cur[few]))
    return held


def _three(ref: IntArray, counts: IntArray) -> IntArray:
    # below the reference's largest cell, in it, above it
    largest = ref.argmax(-1)[..., None]
    through = np.take_along_axis(counts.cumsum(-1), largest, -1)[..., 0]
    inside = np.take_along_axis(counts, largest, -1)[..., 0]
    return np.stack((through - inside, inside, counts.sum(-1) - through), -1)
