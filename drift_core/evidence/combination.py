"""Several p-values of one question as one, whatever their dependence."""

import numpy as np

from drift_core.evidence.calibration import LEAST_P
from drift_core.types import FloatArray

_MOST = 0.9


def combine(p_values: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Combine p-values by their weighted mean as Cauchy variables (Liu and Xie 2020).

    ``cot(pi p)`` is a standard Cauchy variable without drift, and so is any mean of them if they
    are independent or all the same; under other dependence the mean's far tail is still Cauchy's.
    Near 0 it is ``1 / (pi p)``: the smallest p-value decides, at the price of the share that its
    weight has of all.

    A p-value near one, as counts that happen to agree give it, would pull the mean down without
    bound and hide the others, so that none counts for more than 0.9 (Fang et al. 2023).

    Parameters
    ----------
    p_values
        Shape (..., pieces). NaN is no piece.
    weights
        Shape (pieces,), above zero; all alike by default.

    Returns
    -------
    Shape (...): never below the least of the pieces, and equal to it where there is only one.
    NaN where there is none.
    """
    is_piece = ~np.isnan(p_values)
    pieces = np.count_nonzero(is_piece, axis=-1)
    shown = np.where(is_piece, p_values, 1.0)
    least = shown.min(-1)
    weight = is_piece * (1.0 if weights is None else weights)
    cauchy = weight / np.tan(np.pi * np.clip(shown, LEAST_P, _MOST))
    mean = cauchy.sum(-1) / np.where(pieces > 0, weight.sum(-1), 1.0)
    # the angle keeps its precision on both sides, where a difference from one half would not
    together = np.maximum(np.arctan2(1.0, mean) / np.pi, least)
    return np.where(pieces > 1, together, np.where(pieces > 0, least, np.nan))
