"""Anderson-Darling distance."""

import numpy as np

from drift_core.evidence.anderson import anderson_p_value, measure
from drift_core.evidence.repeats import rows_of
from drift_core.stats._spec import Axis, Estimates, statistic
from drift_core.types import IntArray


@statistic(
    "anderson_darling",
    reads="cells",
    kinds=("numeric",),
    range=(0.0, float("inf")),
    symmetric=True,
    f_divergence=False,
    effect="root mean squared gap of the distribution functions, each in standard deviations",
    warning=None,
    drift=None,
)
def anderson_darling(ref: IntArray, cur: IntArray, axis: Axis) -> Estimates:
    """Squared distance ``A2 = nm/N sum h (F - G)**2 / (H (1 - H))`` of present values.

    F and G are the distribution functions, H that of both samples together and h its steps:
    the midrank form of the two-sample statistic, which takes ties into account (Anderson and
    Darling 1954; Pettitt 1976; Scholz and Stephens 1987, eq. 7). It reads the cells as ties. A
    cell that is empty on both sides takes no part, one that is empty on one side needs no
    smoothing. Where every distinct value has its cell the value is exact; inside an open cell
    the order of the rows is unknown, and `lower` and `upper` allow for every order.

    Its mean without drift is exactly one. The effect ``sqrt(max(A2 - 1, 0) N / nm)`` does not
    grow with the rows: 0.25 standard deviations of a normal column's mean, where KS reaches
    0.1, come to about 0.17. More drift is a larger value.

    Parameters
    ----------
    ref, cur
        Shape (..., cells), in the order of the line.
    axis
        Which cells are single values.

    Returns
    -------
    Values with a p-value of their own: a weighted sum of squared normals whose weights are
    those of the cells' own ties; see `drift_core.anderson`.

    Examples
    --------
    >>> from drift_core import STATISTICS, Grid
    >>> grid = Grid.numeric([1.0, 2.0, 3.0, 4.0])
    >>> ref, cur = grid.count([1.0, 2.0, 3.0, 4.0]), grid.count([3.0, 4.0, 4.0])
    >>> round(STATISTICS["anderson_darling"](ref, cur).value, 3)
    1.285
    """
    n, m = rows_of(ref), cur.sum(-1)
    found = measure(ref, cur, axis.point)
    noise = 1 / np.maximum(n, 1) + 1 / np.maximum(m, 1)
    return Estimates(
        value=found.squared,
        lower=found.lower,
        upper=found.upper,
        effect=np.sqrt(np.maximum(found.squared - 1, 0.0) * noise),
        p_value=anderson_p_value(ref, cur, m, found),
        n_ref=n,
        n_cur=m,
        null_mean=np.where(np.isnan(found.squared), np.nan, 1.0),
    )
