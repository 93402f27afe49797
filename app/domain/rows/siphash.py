"""SipHash-2-4 of many texts: without its key nobody can make two of them collide."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit, types

Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
T = TypeVar("T", Words, Bytes, Integers)

KEY_BYTES = 16
_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_INTEGERS = types.Array(types.int64, 1, "C", readonly=True)
_WORDS = types.Array(types.uint64, 1, "C")
_READ_WORDS = types.Array(types.uint64, 1, "C", readonly=True)
_FIXED = types.uint64


def hash_texts(key: bytes, prefix: int, numbers: Integers, text: Bytes, ends: Integers) -> Words:
    """Return SipHash-2-4 of prefix, number and text of each row; shape (rows,).

    Parameters
    ----------
    key
        Sixteen bytes.
    prefix
        Hashed before every row, as eight bytes; not negative.
    numbers
        One of each row, shape (rows,), hashed as eight bytes before its text.
    text
        All texts end to end, as UTF-8.
    ends
        Where each text begins and the last one ends, shape (rows + 1,).
    """
    made = np.empty(numbers.size, np.uint64)
    keys = np.frombuffer(key, "<u8").astype(np.uint64)
    _hash_all(
        _sealed(keys), np.uint64(prefix), _sealed(numbers), _sealed(text), _sealed(ends), made
    )
    return made


def warm_up() -> None:
    """Load the compiled loop, so that no batch waits for it."""
    nothing = np.zeros(0, np.int64)
    hash_texts(bytes(KEY_BYTES), 0, nothing, np.zeros(0, np.uint8), np.zeros(1, np.int64))


def _sealed(values: T) -> T:
    """Return a view that cannot be written: what is compiled takes no other kind."""
    view = np.ascontiguousarray(values).view()
    view.setflags(write=False)
    return view


@njit(nogil=True, cache=True, inline="always")
def _rotated(value: np.uint64, by: int) -> np.uint64:  # pragma: no cover - compiled
    return (value << np.uint64(by)) | (value >> np.uint64(64 - by))


@njit(nogil=True, cache=True)
def _mixed(  # pragma: no cover - compiled
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, rounds: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    for _ in range(rounds):
        a += b
        b = _rotated(b, 13) ^ a
        a = _rotated(a, 32)
        c += d
        d = _rotated(d, 16) ^ c
        a += d
        d = _rotated(d, 21) ^ a
        c += b
        b = _rotated(b, 17) ^ c
        c = _rotated(c, 32)
    return a, b, c, d


@njit(nogil=True, cache=True)
def _with_word(  # pragma: no cover - compiled
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, word: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    a, b, c, d = _mixed(a, b, c, d ^ word, 2)
    return a ^ word, b, c, d


@njit(types.void(_READ_WORDS, _FIXED, _INTEGERS, _BYTES, _INTEGERS, _WORDS), nogil=True, cache=True)
def _hash_all(  # pragma: no cover - compiled
    key: Words, prefix: np.uint64, numbers: Integers, text: Bytes, ends: Integers, out: Words
) -> None:
    for row in range(numbers.size):
        a = key[0] ^ np.uint64(0x736F6D6570736575)
        b = key[1] ^ np.uint64(0x646F72616E646F6D)
        c = key[0] ^ np.uint64(0x6C7967656E657261)
        d = key[1] ^ np.uint64(0x7465646279746573)
        a, b, c, d = _with_word(a, b, c, d, prefix)
        a, b, c, d = _with_word(a, b, c, d, np.uint64(numbers[row]))
        begin, end = ends[row], ends[row + 1]
        whole = begin + (end - begin) // 8 * 8
        for at in range(begin, whole, 8):
            word = np.uint64(0)
            for place in range(8):
                word |= np.uint64(text[at + place]) << np.uint64(8 * place)
            a, b, c, d = _with_word(a, b, c, d, word)
        last = np.uint64((end - begin + 16) & 255) << np.uint64(56)
        for at in range(whole, end):
            last |= np.uint64(text[at]) << np.uint64(8 * (at - whole))
        a, b, c, d = _with_word(a, b, c, d, last)
        a, b, c, d = _mixed(a, b, c ^ np.uint64(0xFF), d, 4)
        out[row] = a ^ b ^ c ^ d
