"""Kolmogorov-Smirnov distance."""

import numpy as np

from drift_core.evidence.bridge import bridge_p_value
from drift_core.evidence.largest import around_largest
from drift_core.evidence.repeats import by_reference, rows_of
from drift_core.kernels import distances
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import FloatArray, IntArray


@statistic(
    "ks",
    reads="cells",
    kinds=("numeric",),
    range=(0.0, 1.0),
    symmetric=True,
    f_divergence=False,
    effect="the distance itself",
    warning=None,
    drift=0.1,
)
def ks(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:
    """Largest distance ``sup |F - G|`` of the distribution functions of present values.

    The value is the largest distance at the cells' edges; where every distinct value is a cell
    of its own that is the distance itself. Inside an open cell F rises from F0 to F1 and G from
    G0 to G1, in an order that the counts do not tell, so that the distance may reach
    ``max(|F1 - G0|, |G1 - F0|)`` if both rise: `upper` allows for that.

    Parameters
    ----------
    ref, cur
        Shape (..., cells), in the order of the line.
    axis
        Which cells are single values.

    Returns
    -------
    Distances with the p-value of a Brownian bridge at the reference's cells. Where fewer than
    20 rows of the window are expected outside the reference's largest cell, the p-value is
    that of the bins below it, it, and above it.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.numeric([1.0, 2.0, 3.0, 4.0])
    >>> ref, cur = grid.count([1.0, 2.0, 3.0, 4.0]), grid.count([3.0, 4.0, 4.0])
    >>> STATISTICS["ks"](ref, cur).value
    0.5
    """
    distance, upper = distances(*by_reference(ref, cur, axis.point)).reshape(2, *ref.shape[:-1])
    n, m = rows_of(ref), cur.sum(-1)
    return Estimates(
        value=distance,
        lower=distance,
        upper=upper,
        effect=distance,
        p_value=_p_value(ref, cur, (n, m), distance),
        n_ref=n,
        n_cur=m,
    )


def _p_value(
    ref: IntArray, cur: IntArray, rows: tuple[IntArray, IntArray], distance: FloatArray
) -> FloatArray:
    n, m = (np.maximum(side, 1) for side in rows)
    by_bridge = bridge_p_value(ref, np.nan_to_num(distance) * np.sqrt(n / (n + m) * m))
    return np.where(np.isnan(distance), np.nan, around_largest(ref, cur, rows[1], by_bridge))
