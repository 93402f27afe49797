"""Which rows of a reference are the pilot: a keyed, repeatable fifth."""

import hashlib

import numpy as np

from drift_core.types import BoolArray

_BLOCK = 1 << 15
_FIFTH = 5
_INVERSE = np.uint32(pow(_FIFTH, -1, 1 << 32))
_MOST = np.uint32((1 << 32) // _FIFTH)
"""``x % 5 == 0`` without a division: times the inverse of five, in 32 bits, x is at most that."""


def pilot_rows(n: int, key: bytes, start: int = 0) -> BoolArray:
    """Say for each of `n` rows whether it belongs to the pilot.

    The pilot chooses a categorical grid's levels, the other rows are the reference's counts:
    a level chosen because of the rows that are then counted would not be exchangeable with
    the same level of a window.

    Parameters
    ----------
    n
        Number of rows.
    key
        Any bytes; the same key gives the same split, so that a re-sent reference agrees.
    start
        Number of the first of the rows, where they are a part of a column.

    Returns
    -------
    Shape (n,), about a fifth of it true: SplitMix64 (Steele, Lea and Flood 2014) of the row
    number, keyed by a hash of `key`.
    """
    seed = np.uint64(int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little"))
    chosen = np.empty(n, np.bool_)
    # block by block, so that what is in between stays in the cache
    for begin in range(0, n, _BLOCK):
        end = min(begin + _BLOCK, n)
        mixed = _splitmix64(np.arange(start + begin, start + end, dtype=np.uint64) + seed)
        # the high bits are the best mixed ones; multiples of five times the inverse are the least
        high = (mixed >> np.uint64(32)).astype(np.uint32)
        np.less_equal(high * _INVERSE, _MOST, out=chosen[begin:end])
    return chosen


def _splitmix64(
    state: np.ndarray[tuple[int, ...], np.dtype[np.uint64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    z = state * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
