"""Arrays that repeat themselves: what one reference has in common with many windows, kept once."""

import numpy as np

from drift_core.types import AnyArray, BoolArray, IntArray


def once(array: AnyArray) -> AnyArray:
    """Cut an array of shape (..., W, B), broadcast along W, down to (..., 1, B).

    `np.broadcast_to` repeats by a stride of zero, so that the rows are known to be the same. Any
    other array is returned as it is.
    """
    return array[..., :1, :] if _repeats(array) else array


def rows_of(counts: IntArray) -> IntArray:
    """Sum counts of shape (..., cells) to rows of shape (...), those that repeat once."""
    summed: IntArray = once(counts).sum(-1)
    return np.broadcast_to(summed, counts.shape[:-1])


def by_reference(
    ref: IntArray, cur: IntArray, point: BoolArray | None
) -> tuple[IntArray, IntArray, BoolArray]:
    """Bring counts of one shape (..., cells) to (R, cells) references, (R, W, cells) windows.

    W is the length of the last leading axis where the reference was broadcast along it, else 1.
    Which cells hold single values is answered in the references' shape, or in one row for all.
    """
    cells = cur.shape[-1]
    points = np.ones((1, cells), np.bool_) if point is None else point
    if _repeats(ref) and (point is None or _repeats(points)):
        windows = cur.shape[-2]
        ref, points = ref[..., 0, :], points if point is None else points[..., 0, :]
    else:
        windows = 1
    return ref.reshape(-1, cells), cur.reshape(-1, windows, cells), points.reshape(-1, cells)


def _repeats(array: AnyArray) -> bool:
    # the stride of an axis of length one means nothing
    return array.ndim > 1 and array.shape[-2] > 1 and array.strides[-2] == 0
