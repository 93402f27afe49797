"""Counting loops for arrays in main memory, compiled without the interpreter's lock.

Never ``parallel=True``: two threads that call such a loop can abort the process.
"""

import numpy as np
from numba import njit, types

from drift_core.types import AnyArray, IntArray

_BLOCK = 256
_STEPS = 8192
_DEEPEST = 4
_WORTH_STEPS = 20_000
_INT = types.int64
_OUT = types.Array(types.int64, 1, "C")
_CODES = (types.int32, types.int64, types.uint32)


def tally_sorted(values: AnyArray, edges: AnyArray) -> IntArray:
    """Count floats between sorted edges; the public function is `drift_core.kernels`'."""
    column, padded = np.ascontiguousarray(values), _padded(edges)
    out = np.zeros(edges.size + 2, np.int64)
    steps = _steps(edges) if column.size >= _WORTH_STEPS else None
    if steps is None:
        _tally_sorted(column, padded, out)
    else:
        _tally_stepped(column, padded, *steps, out)
    return out


def tally_codes(codes: AnyArray, levels: int) -> IntArray:
    """Count integer codes; the public function is `drift_core.kernels`'."""
    known = codes if codes.dtype in (np.int32, np.int64, np.uint32) else codes.astype(np.int64)
    out = np.zeros(levels + 2, np.int64)
    _tally_codes(np.ascontiguousarray(known), out)
    return out


def _steps(edges: AnyArray) -> "tuple[AnyArray, IntArray, int] | None":
    """Cut the line into equal steps, so that a value's step tells its cell but for a few edges.

    Answers the first step's start and the steps in a unit, the number of edges below each step,
    and the most edges inside one; `None` where the edges lie too unevenly for that.
    """
    trim = edges.size // 32
    if edges.size < 2:
        return None
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        low, high = edges[trim], edges[-1 - trim]
        line = np.array([low, (_STEPS - 2) / (high - low)], edges.dtype)
    if not np.isfinite(line).all() or line[1] <= 0:
        return None
    places = np.empty(edges.size, np.int64)
    _place(_read_only(edges), line, places)
    inside = np.bincount(places, minlength=_STEPS)
    deepest = int(inside[1:-1].max())
    # what lies below a step is what lies in the steps before it
    return (line, np.cumsum(inside) - inside, deepest) if deepest <= _DEEPEST else None


def _padded(edges: AnyArray) -> AnyArray:
    # a search tree without branches needs 2**k - 1 edges; no value is at or above a NaN
    size = (1 << int(edges.size + _DEEPEST).bit_length()) - 1
    padded = np.full(size, np.nan, edges.dtype)
    padded[: edges.size] = edges
    return padded


def _read_only(array: AnyArray) -> AnyArray:
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _arrays(dtype: types.Type) -> tuple[types.Type, types.Type]:
    return types.Array(dtype, 1, "C"), types.Array(dtype, 1, "C", readonly=True)


@njit(
    [
        types.void(array, types.Array(dtype, 1, "C"), _OUT)
        for dtype in (types.float32, types.float64)
        for array in _arrays(dtype)
    ],
    nogil=True,
    cache=True,
)
def _tally_sorted(values: AnyArray, padded: AnyArray, out: IntArray) -> None:
    found = np.empty(_BLOCK, np.int64)
    for start in range(0, values.size, _BLOCK):
        block = values[start : start + _BLOCK]
        found[: block.size] = 0
        # one level of the search for the whole block at a time: the searches do not wait
        # for one another
        step = (padded.size + 1) >> 1
        while step > 0:
            for i in range(block.size):
                found[i] += step * (padded[found[i] + step - 1] <= block[i])
            step >>= 1
        for i in range(block.size):
            out[(found[i] + 1) * (block[i] == block[i])] += 1


@njit(
    [types.int64(dtype, dtype, dtype) for dtype in (types.float32, types.float64)],
    nogil=True,
    cache=True,
    inline="always",
)
def _step(value: float, low: float, scale: float) -> int:
    # subtracting and multiplying round monotonely, so that a smaller value is never in a later
    # step; below, above and NaN go to the ends
    x = (value - low) * scale
    if not x >= 0:
        return 0
    return int(x) + 1 if x < _STEPS - 2 else _STEPS - 1


@njit(
    [
        types.void(types.Array(dtype, 1, "C", readonly=True), types.Array(dtype, 1, "C"), _OUT)
        for dtype in (types.float32, types.float64)
    ],
    nogil=True,
    cache=True,
)
def _place(edges: AnyArray, line: AnyArray, places: IntArray) -> None:
    for i in range(edges.size):
        places[i] = _step(edges[i], line[0], line[1])


@njit(
    [
        types.void(array, types.Array(dtype, 1, "C"), types.Array(dtype, 1, "C"), _OUT, _INT, _OUT)
        for dtype in (types.float32, types.float64)
        for array in _arrays(dtype)
    ],
    nogil=True,
    cache=True,
)
def _tally_stepped(
    values: AnyArray, padded: AnyArray, line: AnyArray, below: IntArray, deepest: int, out: IntArray
) -> None:
    low, scale, middle = line[0], line[1], (padded.size + 1) >> 1
    for i in range(values.size):
        value = values[i]
        place = _step(value, low, scale)
        found = 0
        if 0 < place < _STEPS - 1:
            # edges of later steps are above the value: looking at a few of them does no harm
            found = below[place]
            for k in range(below[place], below[place] + deepest):
                found += padded[k] <= value
        else:
            step = middle
            while step > 0:
                found += step * (padded[found + step - 1] <= value)
                step >>= 1
        # NaN found nothing, and is counted first
        out[0 if np.isnan(value) else found + 1] += 1


@njit(
    [types.void(array, _OUT) for dtype in _CODES for array in _arrays(dtype)],
    nogil=True,
    cache=True,
)
def _tally_codes(codes: AnyArray, out: IntArray) -> None:
    levels = out.size - 2
    for i in range(codes.size):
        code = np.int64(codes[i])
        # compared before anything is added: the largest code plus one would wrap around
        out[code + 1 if -1 <= code < levels else levels + 1] += 1
