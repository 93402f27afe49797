"""Counting arrays where they lie on a GPU; CuPy is imported when the first such array comes.

Everything is written for an array module that works as numpy does, so that numpy runs the same
lines. On a device a search over a few hundred edges that stay in its cache is one kernel, where a
monotone map would be a dozen: there is one way to count here, and it is the definition itself.
"""

import importlib
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from drift_core.kernels._types import EVERY_ROW
from drift_core.types import AnyArray, BoolArray, IntArray

ROWS = 1 << 22
"""Rows of a block: what is made on the way takes at most 30 bytes for each."""


def on_device(array: object) -> bool:
    """Whether an array lies in the memory of a device that speaks CUDA."""
    return hasattr(array, "__cuda_array_interface__")


def adopt(array: object) -> AnyArray:
    """View a device's array, whoever made it, as CuPy's; nothing is copied."""
    if isinstance(array, np.ndarray):
        return array
    return cast("AnyArray", importlib.import_module("cupy").asarray(array))


def to_host(array: AnyArray) -> AnyArray:
    """Copy a device's array to main memory."""
    brought = array.get() if hasattr(array, "get") else array
    return np.asarray(brought)


def tally_sorted(values: AnyArray, edges: AnyArray, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count floats between sorted edges; the public function is `drift_core.kernels`'."""
    xp = _module_of(values)
    line = xp.asarray(edges)
    out = np.zeros(edges.size + 2, np.int64)
    for block, mask in _blocks(values, present):
        # NaN would be found above all edges
        places = (xp.searchsorted(line, block, side="right") + 1) * (block == block)  # noqa: PLR0124
        out += _counted(places, mask, out.size)
    return out


def tally_range(values: AnyArray, low: int, size: int, present: BoolArray = EVERY_ROW) -> IntArray:
    """Count integers near one another; the public function is `drift_core.kernels`'."""
    out = np.zeros(size + 1, np.int64)
    for block, mask in _blocks(values, present):
        if block.dtype == np.uint64:
            # the largest would turn negative; where they count they are all alike
            block = block.clip(0, np.iinfo(np.int64).max)  # noqa: PLW2901
        places = block.astype(np.int64).clip(low, low + size - 1) - (low - 1)
        out += _counted(places, mask, out.size)
    return out


def _module_of(array: object) -> Any:  # noqa: ANN401 - numpy, CuPy, or whatever stands in
    if isinstance(array, np.ndarray):
        return array.__array_namespace__()
    return importlib.import_module("cupy")


def _blocks(values: AnyArray, present: BoolArray) -> Iterator[tuple[AnyArray, BoolArray | None]]:
    xp = _module_of(values)
    for start in range(0, values.size, ROWS):
        rows = slice(start, start + ROWS)
        yield values[rows], xp.asarray(present[rows]) if present.size else None


def _counted(places: AnyArray, mask: BoolArray | None, size: int) -> IntArray:
    xp = _module_of(places)
    return to_host(xp.bincount(places if mask is None else places * mask, minlength=size))
