"""The stored form of counts: a vector of cells to bytes, and bytes added into a vector.

The first byte names the form: 1 gaps, 2 gaps through zstd, 16 + w dense with w bytes a cell
through zstd. *Gaps*: for every non-zero cell ``varint(2 * skipped + (count > 1))``, followed by
``varint(count)`` where the flag is set.
"""

import hashlib

import numba
import numpy as np
import numpy.typing as npt
import zstandard

Vector = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

GAPS = 1
GAPS_ZSTD = 2
DENSE = 16
WIDTHS = (1, 2, 4, 8)
LEVEL = 1
ZSTD_FROM = 512
WORTH = 0.9
CELL_BYTES = 14
"""A cell takes at most 5 bytes for its gap (2**31 cells) and 9 for its count (2**63)."""
SHIFT_LIMIT = 63


class DamagedCounts(ValueError):
    """Stored counts that no encoder wrote; nothing of them was added."""


def pack(vector: Vector) -> bytes:
    """Return the stored form of non-negative counts.

    Parameters
    ----------
    vector
        Counts of all cells, shape (cells,), int64.

    Raises
    ------
    ValueError
        A count is negative.
    """
    cells = np.flatnonzero(vector)
    return pack_cells(cells, vector[cells], vector.size)


def pack_cells(cells: Vector, counts: Vector, size: int) -> bytes:
    """Return the stored form of counts of which only the non-zero ones are given.

    Parameters
    ----------
    cells
        Distinct cell numbers, ascending, shape (n,), int64.
    counts
        The count of each of them, positive, shape (n,), int64.
    size
        Cells of the whole vector.

    Raises
    ------
    ValueError
        The cells are not ascending or beyond the vector, or a count is not positive.
    """
    if cells.size:
        ascending = cells.size == 1 or bool((np.diff(cells) > 0).all())
        if not ascending or cells[0] < 0 or cells[-1] >= size:
            raise ValueError("cells must ascend and lie in the vector")
        if int(counts.min()) < 1:
            raise ValueError("counts are never negative, and zeros are not listed")
    if 3 * cells.size > size:
        return _pack_dense(cells, counts, size)
    room = np.empty(cells.size * CELL_BYTES, dtype=np.uint8)
    used = int(_write_gaps(_plain(cells), _plain(counts), room))
    raw = room[:used].tobytes()
    if used > ZSTD_FROM:
        small = zstandard.ZstdCompressor(level=LEVEL).compress(raw)
        if len(small) <= WORTH * used:
            return bytes([GAPS_ZSTD]) + small
    return bytes([GAPS]) + raw


def unpack_add(data: bytes, into: Vector) -> int:
    """Add stored counts to ``into`` and return their sum.

    Parameters
    ----------
    data
        What ``pack`` returned for a vector of the same size.
    into
        The accumulator, shape (cells,), int64, contiguous and writable.

    Raises
    ------
    DamagedCounts
        The bytes cannot be counts of so many cells; ``into`` is unchanged.
    """
    if not data:
        raise DamagedCounts("there are no bytes")
    form, body = data[0], data[1:]
    if form == GAPS:
        return _add_gaps(body, into)
    if form == GAPS_ZSTD:
        return _add_gaps(_inflate(body, into.size * CELL_BYTES), into)
    width = form - DENSE
    if width not in WIDTHS:
        raise DamagedCounts(f"there is no form {form}")
    raw = _inflate(body, into.size * width)
    if len(raw) != into.size * width:
        raise DamagedCounts(f"{len(raw)} bytes are not {into.size} cells of {width}")
    cells = np.frombuffer(raw, dtype=f"<u{width}")
    if width == 8 and cells.size and int(cells.max()) >= 1 << 63:
        raise DamagedCounts("a count is out of range")
    into += cells.astype(np.int64, copy=False)
    return int(cells.sum())


def unpack(data: bytes, cells: int) -> Vector:
    """Return stored counts as a new vector of ``cells`` cells."""
    vector = np.zeros(cells, dtype=np.int64)
    unpack_add(data, vector)
    return vector


def digest(vector: Vector) -> str:
    """Return SHA-256 over the cells as little-endian 64-bit integers, in hexadecimal."""
    return hashlib.sha256(vector.astype("<i8").tobytes()).hexdigest()


def warm_up() -> None:
    """Compile or load the kernels, so that the first batch need not wait for them."""
    cells = np.array([7, 300], dtype=np.int64)
    unpack(pack_cells(cells, cells, 1_000), 1_000)


def _plain(values: Vector) -> Vector:
    """Return writable contiguous values: each other kind would be compiled for separately."""
    return np.require(values, dtype=np.int64, requirements=["C", "W"])


def _pack_dense(cells: Vector, counts: Vector, size: int) -> bytes:
    largest = int(counts.max())
    width = next(w for w in WIDTHS if largest < 1 << (8 * w))
    vector = np.zeros(size, dtype=f"<u{width}")
    vector[cells] = counts
    packed = zstandard.ZstdCompressor(level=LEVEL).compress(vector.tobytes())
    return bytes([DENSE + width]) + packed


def _inflate(body: bytes, at_most: int) -> bytes:
    """Decompress one frame that says its own size; a lying one fails before it takes memory."""
    try:
        size = zstandard.frame_content_size(body)
        if not 0 <= size <= at_most:
            raise DamagedCounts("the compressed counts are of an impossible size")
        return zstandard.ZstdDecompressor().decompress(
            body, max_output_size=at_most, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise DamagedCounts("the compressed counts cannot be read") from error


def _add_gaps(body: bytes, into: Vector) -> int:
    data = np.frombuffer(body, dtype=np.uint8)
    # looked through first and added then, so that damage adds nothing
    if _read_gaps(data, into, False) < 0:
        raise DamagedCounts("the gaps cannot be read")
    return int(_read_gaps(data, into, True))


@numba.njit(nogil=True, cache=True)
def _write_gaps(cells: Vector, counts: Vector, out: Bytes) -> int:  # pragma: no cover - compiled
    at = 0
    last = np.int64(-1)
    for index in range(cells.size):
        count = counts[index]
        at = _write_varint(out, at, 2 * (cells[index] - last - 1) + (1 if count > 1 else 0))
        if count > 1:
            at = _write_varint(out, at, count)
        last = cells[index]
    return at


@numba.njit(nogil=True, cache=True)
def _write_varint(out: Bytes, at: int, value: np.int64) -> int:  # pragma: no cover - compiled
    while value >= 128:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@numba.njit(nogil=True, cache=True)
def _read_varint(data: Bytes, at: int) -> tuple[np.int64, int]:  # pragma: no cover - compiled
    value = np.int64(0)
    shift = 0
    while at < data.size and shift < SHIFT_LIMIT:
        byte = np.int64(data[at])
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    return np.int64(-1), at


@numba.njit(nogil=True, cache=True)
def _read_gaps(data: Bytes, into: Vector, add: bool) -> np.int64:  # pragma: no cover
    """Return the sum of the counts, or -1 where the bytes are damaged."""
    at = 0
    cell = np.int64(-1)
    total = np.int64(0)
    one = np.int64(1)
    while at < data.size:
        gap, at = _read_varint(data, at)
        if gap < 0 or (gap >> 1) >= into.size:
            return np.int64(-1)
        cell += (gap >> 1) + 1
        count = one
        if gap & 1:
            count, at = _read_varint(data, at)
        if cell >= into.size or count < 1:
            return np.int64(-1)
        total += count
        if total < 0:
            return np.int64(-1)
        if add:
            into[cell] += count
    return total
