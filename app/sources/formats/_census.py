"""How often single bytes stand in a body, in one pass that lets other threads run."""

import numpy as np
import numpy.typing as npt
from numba import njit, types

BLOCK = 240
"""Bytes that are counted in a byte."""
_U1, _U8 = types.uint8, types.uint64


def census(body: bytes | memoryview, marks: bytes) -> list[int]:
    """Return how often each of some bytes is there."""
    memory = np.frombuffer(body, np.uint8)
    return [int(_count(memory, np.uint8(mark))) for mark in marks]


@njit([_U8(types.Array(_U1, 1, "C", readonly=True), _U1)], nogil=True, cache=True)
def _count(body: npt.NDArray[np.uint8], mark: np.uint8) -> np.uint64:
    total = np.uint64(0)
    for begin in range(0, body.size, BLOCK):
        # narrow enough for the processor to count 32 bytes at once
        found = np.uint8(0)
        for byte in body[begin : begin + BLOCK]:
            found = np.uint8(found + np.uint8(byte == mark))
        total += np.uint64(found)
    return total
