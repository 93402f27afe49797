"""The counting loops; which module's loop runs is chosen by the array handed in."""

from types import ModuleType

import numpy as np

from drift_core.errors import BadValues
from drift_core.kernels import anderson, bridge, cpu
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray


def tally_sorted(values: AnyArray, edges: AnyArray) -> IntArray:
    """Count floats between sorted edges, and NaN.

    Parameters
    ----------
    values
        Shape (rows,), float32 or float64; may be read-only and strided.
    edges
        Shape (edges,), the same type, non-decreasing, without NaN.

    Returns
    -------
    Shape (edges + 2,): NaN first, then how many values have 0, 1, ... edges at or below them,
    as ``np.searchsorted(edges, values, side="right")`` would tell.
    """
    return _loops(values).tally_sorted(values, edges)  # type: ignore[no-any-return]


def tally_codes(codes: AnyArray, levels: int) -> IntArray:
    """Count integer codes.

    Parameters
    ----------
    codes
        Shape (rows,), any integers; -1 is missing.
    levels
        Codes are below this number.

    Returns
    -------
    Shape (levels + 2,): the missing first, then each code, then whatever is out of range.
    """
    return _loops(codes).tally_codes(codes, levels)  # type: ignore[no-any-return]


def bridge_exit(limit: float, times: FloatArray, watched: IntArray, nodes: int) -> float:
    """Probability that a Brownian bridge leaves a band; see `drift_core.bridge`."""
    return bridge.exit_probability(limit, times, watched, nodes)


def anderson_rows(ref: IntArray, cur: IntArray, point: BoolArray) -> FloatArray:
    """Anderson and Darling's sums for pairs of counts; see `drift_core.anderson`."""
    return anderson.measure_rows(ref, cur, point)


def warm_up() -> None:
    """Load every compiled loop, so that the first request does not wait for it."""
    for dtype in (np.float32, np.float64):
        tally_sorted(np.zeros(1, dtype), np.zeros(1, dtype))
    tally_codes(np.zeros(1, np.int32), 1)
    bridge_exit(1.0, np.array([0.5, 1.0]), np.array([0, 0]), 16)
    pair = np.ones((1, 2), np.int64)
    anderson_rows(pair, pair, np.ones((1, 2), np.bool_))


def _loops(array: AnyArray) -> ModuleType:
    if isinstance(array, np.ndarray):
        return cpu
    raise BadValues(f"there are no counting loops for a {type(array).__name__}")


__all__ = ["anderson_rows", "bridge_exit", "tally_codes", "tally_sorted", "warm_up"]
