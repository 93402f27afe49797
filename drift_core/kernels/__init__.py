"""The counting loops; which module's loop runs is chosen by the array handed in."""

from types import ModuleType

import numpy as np

from drift_core.errors import BadValues
from drift_core.kernels import anderson, bridge, cpu, cuda, distance, layout
from drift_core.kernels import crowding as _crowding
from drift_core.kernels import distinct as _distinct
from drift_core.kernels import sharing as _sharing
from drift_core.kernels._types import EVERY_ROW, Shape, Table, read_only
from drift_core.kernels.cpu import CODES
from drift_core.kernels.cuda import adopt, on_device, to_host
from drift_core.kernels.keys import HashTable
from drift_core.kernels.lookup import move_slots, place_integers, place_offsets, place_views
from drift_core.kernels.search import padded
from drift_core.kernels.short_texts import Known, Tables, tally_spans, tally_views
from drift_core.kernels.stacked import Stack, tally_stacked
from drift_core.types import AnyArray, BoolArray, FloatArray, IntArray


def tally_sorted(values: AnyArray, edges: AnyArray, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count floats between sorted edges, and NaN, by search.

    Parameters
    ----------
    values
        Shape (rows,), float32 or float64; may be read-only and strided, and on a GPU.
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
    return cpu.tally_padded(_at_home(values), tree, edges, present)


def tally_mapped(
    values: AnyArray, shape: Shape, size: int, steps: AnyArray, present: BoolArray = EVERY_ROW
) -> IntArray:
    """Count floats in main memory by the bucket that a monotone map sends them to.

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
    return cpu.tally_mapped(_at_home(values), shape, size, steps, present)


def tally_knotted(
    values: AnyArray,
    shape: Shape,
    table: Table,
    present: BoolArray = EVERY_ROW,
) -> IntArray:
    """Count floats in main memory equal to knots and between them, wherever these lie.

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
    return cpu.tally_knotted(_at_home(values), shape, table, present)


def tally_range(values: AnyArray, low: int, size: int, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count integers near one another.

    Parameters
    ----------
    values
        Shape (rows,), any integers or booleans, in main memory or on a GPU.
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
        Shape (rows,), any integers, in main memory or on a GPU; -1 is missing.
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
    return cpu.place(_at_home(values), shape)


def crowding(
    values: FloatArray,
    centres: FloatArray,
    scales: FloatArray,
    bits: IntArray,
    buckets: int,
    trim: int,
) -> IntArray:
    """Try maps of many centres, scales and resolutions on sorted values; see `drift_core.lines`.

    Returns
    -------
    Shape (centres, bits, 2): the number of the first bucket, and the most values in one, or 0
    where more than `trim` values on a side would not fit.
    """
    found = np.zeros((centres.size, bits.size, 2), np.int64)
    line, centres, scales = read_only(values), read_only(centres), read_only(scales)
    _crowding.crowding(line, centres, scales, read_only(bits), buckets, trim, found)
    return found


def sharing(
    values: FloatArray, centres: FloatArray, scales: FloatArray, buckets: int, trim: int
) -> IntArray:
    """Try maps of many centres and scales on sorted values; see `drift_core.spread`.

    Returns
    -------
    Shape (4, centres): of the best resolution for each the bits, the first bucket's number, how
    many buckets there are, and how many values share one.
    """
    found = np.zeros((4, centres.size), np.int64)
    line, centres, scales = read_only(values), read_only(centres), read_only(scales)
    _sharing.sharing(line, centres, scales, buckets, trim, found)
    return found


def distinct(values: AnyArray) -> tuple[FloatArray, IntArray]:
    """Find the distinct values of floats of shape (rows,), in order, and how often each occurs.

    NaN is left out, and -0.0 is 0.0; both have shape (distinct,).
    """
    line = np.sort(values).astype(np.float64, copy=False)
    # NaN is sorted last
    line = read_only(line[: np.searchsorted(line, np.nan)])
    found, counts = np.empty(line.size), np.empty(line.size, np.int64)
    size = _distinct.distinct(line, found, counts)
    return found[:size], counts[:size]


def spread_of(values: FloatArray, counts: IntArray) -> float:
    """Mean absolute distance from the median of finite values in order; halved, to be a float."""
    return _distinct.spread(read_only(values), read_only(counts))


def join(
    rows: FloatArray, weights: FloatArray, widths: FloatArray, most: float, area: float
) -> IntArray:
    """Join neighbours that hold few rows and little weight times width; say where groups begin.

    Parameters
    ----------
    rows, weights, widths
        Shape (neighbours,).
    most, area
        What a group of several may come to: its rows, and its weight times its width.
    """
    begins = np.empty(max(1, rows.size), np.int64)
    given = read_only(rows), read_only(weights), read_only(widths)
    return begins[: _distinct.join(*given, most, area, begins)]


def bridge_exit(limit: float, times: FloatArray, watched: IntArray, nodes: int) -> float:
    """Probability that a Brownian bridge leaves a band; see `drift_core.bridge`."""
    return bridge.exit_probability(limit, times, watched, nodes)


def anderson_rows(ref: IntArray, cur: IntArray, point: BoolArray) -> FloatArray:
    """Anderson and Darling's sums for references and windows; see `drift_core.anderson`."""
    return anderson.measure_rows(ref, cur, point)


def distances(ref: IntArray, cur: IntArray, point: BoolArray) -> FloatArray:
    """Largest distances of distribution functions, and what open cells may hide of them."""
    return distance.distances(ref, cur, point)


def lay_out(
    vectors: IntArray, starts: IntArray, sizes: IntArray, index: IntArray, bins: int
) -> tuple[IntArray, IntArray]:
    """Read some features' cells out of vectors, and merge them into bins; see `layout`."""
    return layout.lay_out(vectors, starts, sizes, index, bins)


def warm_up() -> None:
    """Load every compiled loop, so that the first request does not wait for it.

    Each is compiled for all the types it takes when its module is imported, or read from the
    cache; this runs each once.
    """
    line = read_only(np.array([[-1.0, 1.0, 0.0, 1.0]]))
    shape: Shape = (line, read_only(np.array([[50, 4]], np.int64)))
    none = read_only(np.zeros(0, np.int64))
    for dtype in (np.float32, np.float64):
        one = np.zeros(1, dtype)
        cells = read_only(np.ones(16, np.int32))
        inner = read_only(np.zeros((0, 2), np.int64))
        table = Table(1, read_only(one), read_only(np.zeros(16, dtype)), cells, cells, 1, inner)
        tally_sorted(one, one)
        tally_mapped(one, shape, 16, np.zeros(0, dtype))
        tally_knotted(one, shape, table)
        place(one, shape)
        stack = Stack(*shape, read_only(one[:0]), none, read_only(np.zeros((1, 8), np.int64)))
        tally_stacked(read_only(np.zeros(1, np.uint64)), 0, none, stack, np.zeros(2, np.int64))
    for kind in (np.int8, np.int32, np.int64, np.uint32):
        tally_codes(np.zeros(1, kind), 1)
    _warm_up_tables()
    crowding(np.zeros(1), np.zeros(1), np.ones(1), np.ones(1, np.int64), 16, 0)
    sharing(np.zeros(1), np.zeros(1), np.ones(1), 16, 0)
    distinct(np.zeros(1))
    spread_of(np.zeros(1), np.ones(1, np.int64))
    join(np.zeros(1), np.zeros(1), np.zeros(1), 1.0, 1.0)
    bridge_exit(1.0, np.array([0.5, 1.0]), np.array([0, 0]), 16)
    pair = np.ones((1, 2), np.int64)
    anderson_rows(pair, pair[None], np.ones((1, 2), np.bool_))
    distances(pair, pair[None], np.ones((1, 2), np.bool_))
    nothing = np.zeros(1, np.int64)
    lay_out(pair, nothing, nothing, pair, 2)


def _warm_up_tables() -> None:
    slots, none, out = np.zeros(16, np.uint64), np.zeros(0, np.int64), np.zeros(1, np.int32)
    table: HashTable = (slots, np.uint64(1), np.uint64(62), np.uint64(0), 1)
    data = read_only(np.zeros(16, np.uint8))
    words = np.zeros(256, np.uint16), np.zeros(4, np.uint64), np.zeros(1, np.int64)
    both = Known(*words, np.uint64(1), np.uint64(1), np.uint64(56)), table
    for kind in (np.int32, np.int64):
        offsets = read_only(np.zeros(2, kind))
        place_offsets(offsets, data, EVERY_ROW, table, 0, none, out)
        tally_spans(offsets, data, EVERY_ROW, both, np.zeros(2, np.int64))
    buffers = read_only(np.zeros(0, np.uint64))
    place_views(data, buffers, EVERY_ROW, table, 0, none, out)
    tally_views(data, buffers, EVERY_ROW, both, np.zeros(2, np.int64))
    place_integers(read_only(np.zeros(1, np.int64)), EVERY_ROW, table, 0, none, out)
    move_slots(slots, np.zeros(32, np.uint64), np.uint64(61))


def _loops(array: AnyArray) -> ModuleType:
    if on_device(array):
        return cuda
    if isinstance(array, np.ndarray):
        return cpu
    raise BadValues(f"there are no counting loops for a {type(array).__name__}")


def _at_home(array: AnyArray) -> AnyArray:
    if on_device(array) or not isinstance(array, np.ndarray):
        raise BadValues(f"this way of counting knows main memory only, no {type(array).__name__}")
    return array


__all__ = [
    "CODES",
    "EVERY_ROW",
    "HashTable",
    "Known",
    "Shape",
    "Stack",
    "Table",
    "Tables",
    "adopt",
    "anderson_rows",
    "bridge_exit",
    "crowding",
    "distances",
    "distinct",
    "join",
    "lay_out",
    "move_slots",
    "on_device",
    "padded",
    "place",
    "place_integers",
    "place_offsets",
    "place_views",
    "read_only",
    "sharing",
    "spread_of",
    "tally_codes",
    "tally_knotted",
    "tally_mapped",
    "tally_padded",
    "tally_range",
    "tally_sorted",
    "tally_spans",
    "tally_stacked",
    "tally_views",
    "to_host",
    "warm_up",
]
