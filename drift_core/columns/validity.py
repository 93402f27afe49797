"""Which rows of a column have a value: masks and Arrow's bitmaps, read where they lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from drift_core.errors import BadValues
from drift_core.kernels import EVERY_ROW, adopt, on_device
from drift_core.types import AnyArray, BoolArray

_ROWS = 131_072
_DEVICE_ROWS = 1 << 22
_FULL = 255


@dataclass(frozen=True, slots=True, eq=False)
class Bitmap:
    """Arrow's validity buffer as it is: a bit a row, the least significant first, 1 for a value.

    Attributes
    ----------
    bits
        Shape (bytes,), uint8; may be read-only.
    offset
        Bits before the first row's, as a slice of an Arrow array has them.
    """

    bits: AnyArray
    offset: int = 0

    def __post_init__(self) -> None:
        if self.bits.dtype != np.uint8 or self.bits.ndim != 1 or self.offset < 0:
            raise BadValues(f"a bitmap is bytes, not {self.bits.dtype} {self.bits.shape}")

    @property
    def rows(self) -> int:
        """Most rows that it can tell of."""
        return self.bits.size * 8 - self.offset

    def read(self, start: int, stop: int) -> BoolArray:
        """Unpack some rows."""
        first, skip = divmod(self.offset + start, 8)
        rows = stop - start
        part = self.bits[first : first + (skip + rows + 7) // 8]
        return np.unpackbits(part, bitorder="little")[skip : skip + rows].view(np.bool_)

    def all(self, rows: int) -> bool:
        """Say whether each of the first rows has a value."""
        # whole bytes as they are, and the bits of the two that the rows may begin and end within
        first, last = -(-self.offset // 8), (self.offset + rows) // 8
        if first >= last:
            return bool(self.read(0, rows).all())
        edges = self.read(0, 8 * first - self.offset), self.read(8 * last - self.offset, rows)
        whole = bool((self.bits[first:last] == _FULL).all())
        return whole and all(bool(edge.all()) for edge in edges)


class Presence(NamedTuple):
    """Where a column of `rows` rows has values: all that is given has to agree."""

    rows: int
    valid: "BoolArray | Bitmap | None" = None
    missing: BoolArray | None = None
    invalid: BoolArray | None = None

    @property
    def plain(self) -> bool:
        """Whether it can be read at once: there is one mask of the right sense, or none."""
        return self.missing is self.invalid is None and not isinstance(self.valid, Bitmap)

    def check(self, values: AnyArray) -> None:
        """Refuse masks in different memories, and masks on a device for values that are not."""
        masks = (self.valid, self.missing, self.invalid)
        given = [mask.bits if isinstance(mask, Bitmap) else mask for mask in masks]
        places = {on_device(mask) for mask in given if mask is not None}
        if len(places) > 1 or (places == {True} and not on_device(values)):
            raise BadValues("masks must lie in one memory, and on a device only if the values do")

    def read(self, start: int, stop: int) -> BoolArray:
        """Tell of some rows; `EVERY_ROW` where nothing is absent anywhere."""
        absent = [mask[start:stop] for mask in (self.missing, self.invalid) if mask is not None]
        if self.valid is None:
            present = None
        elif isinstance(self.valid, Bitmap):
            present = self.valid.read(start, stop)
        else:
            present = self.valid[start:stop]
        for mask in absent:
            present = ~mask if present is None else present & ~mask
        return EVERY_ROW if present is None else present


def presence_of(
    rows: int, validity: object = None, missing: object = None, invalid: object = None
) -> Presence:
    """Check masks; those that say nothing are dropped."""
    if isinstance(validity, Bitmap):
        if validity.rows < rows:
            raise BadValues(f"a bitmap for {validity.rows} rows does not tell of {rows}")
        valid: BoolArray | Bitmap | None = validity
        if not on_device(validity.bits) and validity.all(rows):
            valid = None
    else:
        valid = None if validity is None else mask_of(validity, rows)
    return Presence(rows, valid, _telling(missing, rows), _telling(invalid, rows))


def mask_of(mask: object, rows: int) -> BoolArray:
    """Check a mask's type and length."""
    array = adopt(mask) if on_device(mask) else np.asarray(mask)
    if array.dtype != np.bool_ or array.shape != (rows,):
        raise BadValues(f"a mask of {rows} booleans is needed, not {array.dtype} {array.shape}")
    return array


def parts(
    values: AnyArray, presence: Presence, adopted: tuple[type, ...] = (np.float32, np.float64)
) -> Iterator[tuple[AnyArray, BoolArray]]:
    """Cut a column so that what has to be unpacked or converted never takes much memory.

    Types that are `adopted` are counted as they are.
    """
    presence.check(values)
    ready = values.flags.c_contiguous and values.dtype in adopted
    step = max(1, values.size) if ready and presence.plain else _ROWS
    step = _DEVICE_ROWS if on_device(values) else step
    for start in range(0, values.size, step):
        stop = min(start + step, values.size)
        yield values[start:stop], presence.read(start, stop)


def mask_part(
    mask: "BoolArray | Bitmap | None", start: int, stop: int
) -> "BoolArray | Bitmap | None":
    """Mask of some rows, without a copy."""
    if isinstance(mask, Bitmap):
        return Bitmap(mask.bits, mask.offset + start)
    return None if mask is None else mask[start:stop]


def both_masks(rows: int, one: object, other: object) -> object:
    """Join two masks of where there are values; one that is `None` says nothing."""
    if one is None or other is None:
        return other if one is None else one
    read = (presence_of(rows, mask).read(0, rows) for mask in (one, other))
    return np.logical_and(*read)


def _telling(mask: object, rows: int) -> BoolArray | None:
    if mask is None:
        return None
    array = mask_of(mask, rows)
    return array if array.any() else None
