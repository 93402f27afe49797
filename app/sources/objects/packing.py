"""Compressed objects, opened piece by piece and never beyond a sane ratio."""

import io
from typing import BinaryIO, cast

import pyarrow as pa

from app.domain.errors import Fault, Invalid, TooLarge

MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}
SMALL = 4_000_000
"""An object that opens to less than this may have any ratio: there is nothing to win."""
RATIO = 100


DAMAGED = "its compression is damaged, cut short, or not what its name says"


class _Opened(io.RawIOBase):
    """What a compressed file holds, while its ratio stays sane."""

    def __init__(self, packed: BinaryIO, codec: str) -> None:
        super().__init__()
        self._packed = packed
        # Python's own reader of zstd takes the end of a truncated file for the end of its rows
        self._plain = pa.CompressedInputStream(packed, codec)
        self._read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            found: bytes = self._plain.read(size)
        except (OSError, pa.ArrowException) as error:
            raise _damaged() from error
        self._read += len(found)
        if self._read > SMALL and self._read > RATIO * max(1, self._packed.tell()):
            raise TooLarge(
                f"it grows to more than {RATIO} times its size when decompressed",
                (Fault("compression ratio too high"),),
            )
        return found


def opened(file: io.BufferedReader, suffix: str) -> BinaryIO:
    """Return what an object holds: packed where its suffix says so, or else its first bytes."""
    start = file.peek(4)[:4]
    found = next((codec for magic, codec in MAGIC.items() if start.startswith(magic)), None)
    codec = SUFFIXES.get(suffix) or found
    if codec and not start:
        raise _damaged()  # even nothing has some bytes once it is compressed
    return file if codec is None else cast("BinaryIO", _Opened(file, codec))


def _damaged() -> Invalid:
    return Invalid(DAMAGED, (Fault("damaged"),), code="unreadable-compression")
