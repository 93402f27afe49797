"""The counting loops; which module's loop runs is chosen by the array handed in."""

from types import ModuleType

import numpy as np

from drift_core.errors import BadValues
from drift_core.kernels import anderson, bridge, cpu
from drift_core.kernels import crowding as _crowding
from drift_core.kernels._types import EVERY_ROW, Shape, read_only
from drift_core.kernels.cpu import CODES
from drift_core.kernels.keys import Table
from drift_core.kernels.lookup import move_slots, place_integers, place_offsets, place_views
from drift_core.kernels.search import padded
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray


def tally_sorted(values: AnyArray, edges: AnyArray, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count floats between sorted edges, and NaN, by search.

    Parameters
    ----------
    values
        Shape (rows,), float32 or float64; may be read-only and strided.
    edges
        Shape (edges,), the same type, non-decreasing, without NaN.
    present
        Shape (rows,): false where there is no value, whatever stands there.

    Returns
    -------
    Shape (edges + 2,): NaN and absent values first, then how many values have 0, 1, ... edges at
    or below them, as ``np.searchsorted(edges, values, side="right")`` would tell.
    """
    return _loops(values).tally_sorted(values, edges, present)  # type: ignore[no-any-return]


def tally_padded(
    values: AnyArray, tree: AnyArray, edges: int, present: BoolArray = EVERY_ROW
) -> IntArray:
    """Count as `tally_sorted`, with the edges already `padded`; `edges` says how many they are."""
    return _loops(values).tally_padded(values, tree, edges, present)  # type: ignore[no-any-return]


def tally_mapped(
    values: AnyArray, shape: Shape, size: int, steps: AnyArray, present: BoolArray = EVERY_ROW
) -> IntArray:
    """Count floats by the bucket that a monotone map sends them to.

    Parameters
    ----------
    values, present
        As for `tally_sorted`.
    shape, size
        The map, and its number of buckets; see `drift_core.symlog`.
    steps
        Shape (steps,), an even number, of the values' type: each that is at or below a value
        moves it on by one. NaN moves nothing.

    Returns
    -------
    Shape (size + steps,): NaN and absent values first.
    """
    return _loops(values).tally_mapped(values, shape, size, steps, present)  # type: ignore[no-any-return]


def tally_knotted(
    values: AnyArray,
    shape: Shape,
    table: tuple[AnyArray, AnyArray, IntArray],
    present: BoolArray = EVERY_ROW,
) -> IntArray:
    """Count floats equal to knots and between them, for knots that lie anywhere.

    Parameters
    ----------
    values, present, shape
        As for `tally_mapped`.
    table
        Knots by bucket; see `drift_core.plans`.

    Returns
    -------
    Shape (2 * knots + 2,): NaN and absent values, below the first knot, equal to it, between it
    and the next, and so on.
    """
    return _loops(values).tally_knotted(values, shape, table, present)  # type: ignore[no-any-return]


def tally_range(values: AnyArray, low: int, size: int, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count integers near one another.

    Parameters
    ----------
    values
        Shape (rows,), any integers or booleans.
    low, size
        The range: ``low`` and the ``size - 1`` integers above it.
    present
        As for `tally_sorted`.

    Returns
    -------
    Shape (size + 1,): absent values, then each integer of the range, those below with the first
    and those above with the last.
    """
    return _loops(values).tally_range(values, low, size, present)  # type: ignore[no-any-return]


def tally_codes(codes: AnyArray, levels: int, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count dictionary codes.

    Parameters
    ----------
    codes
        Shape (rows,), any integers; -1 is missing.
    levels
        Codes are below this number.
    present
        As for `tally_sorted`.

    Returns
    -------
    Shape (levels + 2,): the missing first, then each code, then whatever is out of range.
    """
    # one more on either side for what is out of range
    found = tally_range(codes, -2, levels + 3, present)
    found[2] += found[0]
    found[-1] += found[1]
    return found[2:]


def place(values: AnyArray, shape: Shape) -> IntArray:
    """Bucket of each value, shape (rows,); 0 for NaN alone."""
    return _loops(values).place(values, shape)  # type: ignore[no-any-return]


def crowding(
    values: FloatArray, centre: float, scale: float, bits: IntArray, buckets: int, trim: int
) -> tuple[list[int], list[int], list[int]]:
    """Try maps of several resolutions on sorted values; see `drift_core.lines`.

    Returns
    -------
    For each of `bits` the number of the first bucket; the most values in one, or 0 where more than
    `trim` values on a side would not fit; and how many values share theirs.
    """
    found = np.zeros((3, bits.size), np.int64)
    _crowding.crowding(read_only(values), centre, scale, read_only(bits), buckets, trim, found)
    first, largest, shared = found.tolist()
    return first, largest, shared


def bridge_exit(limit: float, times: FloatArray, watched: IntArray, nodes: int) -> float:
    """Probability that a Brownian bridge leaves a band; see `drift_core.bridge`."""
    return bridge.exit_probability(limit, times, watched, nodes)


def anderson_rows(ref: IntArray, cur: IntArray, point: BoolArray) -> FloatArray:
    """Anderson and Darling's sums for pairs of counts; see `drift_core.anderson`."""
    return anderson.measure_rows(ref, cur, point)


def warm_up() -> None:
    """Load every compiled loop, so that the first request does not wait for it.

    Each is compiled for all the types it takes when its module is imported, or read from the
    cache; this runs each once.
    """
    shape: Shape = (-1.0, 1.0, 0.0, 1.0, 50, 4)
    for dtype in (np.float32, np.float64):
        one = np.zeros(1, dtype)
        table = (read_only(one), read_only(np.zeros(16, dtype)), read_only(np.ones(17, np.int32)))
        tally_sorted(one, one)
        tally_mapped(one, shape, 16, np.zeros(0, dtype))
        tally_knotted(one, shape, table)
        place(one, shape)
    for kind in (np.int8, np.int32, np.int64, np.uint32):
        tally_codes(np.zeros(1, kind), 1)
    _warm_up_tables()
    crowding(np.zeros(1), 0.0, 1.0, np.ones(1, np.int64), 16, 0)
    bridge_exit(1.0, np.array([0.5, 1.0]), np.array([0, 0]), 16)
    pair = np.ones((1, 2), np.int64)
    anderson_rows(pair, pair, np.ones((1, 2), np.bool_))


def _warm_up_tables() -> None:
    slots, none, out = np.zeros(16, np.uint64), np.zeros(0, np.int64), np.zeros(1, np.int32)
    table: Table = (slots, np.uint64(1), np.uint64(62), np.uint64(0), 1)
    data = read_only(np.zeros(16, np.uint8))
    for kind in (np.int32, np.int64):
        offsets = read_only(np.zeros(2, kind))
        place_offsets(offsets, data, EVERY_ROW, table, 0, none, out)
    place_views(data, read_only(np.zeros(0, np.uint64)), EVERY_ROW, table, 0, none, out)
    place_integers(read_only(np.zeros(1, np.int64)), EVERY_ROW, table, 0, none, out)
    move_slots(slots, np.zeros(32, np.uint64), np.uint64(61))


def _loops(array: AnyArray) -> ModuleType:
    if isinstance(array, np.ndarray):
        return cpu
    raise BadValues(f"there are no counting loops for a {type(array).__name__}")


__all__ = [
    "CODES",
    "EVERY_ROW",
    "Shape",
    "Table",
    "anderson_rows",
    "bridge_exit",
    "crowding",
    "move_slots",
    "padded",
    "place",
    "place_integers",
    "place_offsets",
    "place_views",
    "read_only",
    "tally_codes",
    "tally_knotted",
    "tally_mapped",
    "tally_padded",
    "tally_range",
    "tally_sorted",
    "warm_up",
]
