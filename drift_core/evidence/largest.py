"""Evidence for ordered cells when nearly every row is in one of them."""

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.evidence.repeats import once
from drift_core.evidence.two_bins import two_bins_p_value
from drift_core.types import BoolArray, FloatArray, IntArray

_LEAST_OUTSIDE = 20
_MOST = 0.5


def is_nearly_all(ref: IntArray, m: IntArray) -> BoolArray:
    """Say where fewer than 20 of a window's `m` rows are expected outside the largest cell.

    Laws that take sums of rows for normal are wrong there. `ref` has shape (..., cells), and the
    largest cell is its own; `m` and it broadcast to (...).
    """
    own = once(ref)
    outside = 1 - own.max(-1) / np.maximum(own.sum(-1), 1)
    return np.asarray(m * outside < _LEAST_OUTSIDE)


def around_largest(ref: IntArray, cur: IntArray, m: IntArray, p_value: FloatArray) -> FloatArray:
    """Put the p-value of three bins where a law of the whole line cannot hold.

    Where the largest cell is nearly all what is left to be seen is how many rows are below it,
    in it and above it.

    Parameters
    ----------
    ref, cur
        Shape (..., cells), in the order of the line.
    m
        Shape (...): the window's rows.
    p_value
        Shape (...): what holds elsewhere.
    """
    few = is_nearly_all(ref, m)
    held = np.array(p_value)
    if not few.any():
        return held
    held[few] = bins_p_value(_three(ref[few], ref[few]), _three(ref[few], cur[few]))
    return held


def largest_p_value(ref: IntArray, cur: IntArray) -> FloatArray:
    """p-value of the share of the largest cell, where it holds at least half of the reference.

    Zeros are what many columns mostly consist of: a change of their share is a question of its
    own. Shape (...), from counts of shape (..., cells); NaN where no cell is that large.
    """
    own = once(ref)
    n, most = own.sum(-1), own.max(-1)
    lumpy = np.broadcast_to((most >= _MOST * n) & (n > 0), cur.shape[:-1])
    at = np.broadcast_to(own.argmax(-1), cur.shape[:-1])[lumpy]
    inside = np.take_along_axis(cur[lumpy], at[:, None], -1)[:, 0]
    n, most = (np.broadcast_to(part, cur.shape[:-1])[lumpy] for part in (n, most))
    found = np.full(cur.shape[:-1], np.nan)
    found[lumpy] = two_bins_p_value(most, inside, n, cur[lumpy].sum(-1))
    return found


def _three(ref: IntArray, counts: IntArray) -> IntArray:
    # below the reference's largest cell, in it, above it
    largest = ref.argmax(-1)[..., None]
    through = np.take_along_axis(counts.cumsum(-1), largest, -1)[..., 0]
    inside = np.take_along_axis(counts, largest, -1)[..., 0]
    return np.stack((through - inside, inside, counts.sum(-1) - through), -1)
