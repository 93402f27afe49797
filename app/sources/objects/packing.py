"""Compressed objects, opened piece by piece and never beyond a sane ratio."""

import gzip
import io
import zlib
from typing import BinaryIO, cast

import zstandard

from app.domain.errors import Fault, Invalid, TooLarge

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
SUFFIXES = {".gz": GZIP, ".zst": ZSTD, ".zstd": ZSTD}
SMALL = 4_000_000
"""An object that opens to less than this may have any ratio: there is nothing to win."""
RATIO = 100
WINDOW = 1 << 27
"""Bytes that a zstd frame may ask a reader to hold."""
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)


class _Opened(io.RawIOBase):
    """What a compressed file holds, while its ratio stays sane."""

    def __init__(self, packed: BinaryIO, plain: BinaryIO) -> None:
        super().__init__()
        self._packed = packed
        self._plain = plain
        self._read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            found = self._plain.read(size)
        except DAMAGED as error:
            raise Invalid(
                "its compression is damaged, cut short, or not what its name says",
                (Fault("damaged"),),
                code="unreadable-compression",
            ) from error
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
    magic = SUFFIXES.get(suffix) or next((m for m in (GZIP, ZSTD) if start.startswith(m)), None)
    if magic == GZIP:
        return cast("BinaryIO", _Opened(file, cast("BinaryIO", gzip.GzipFile(fileobj=file))))
    if magic == ZSTD:
        reader = zstandard.ZstdDecompressor(max_window_size=WINDOW)
        plain = reader.stream_reader(file, read_across_frames=True, closefd=False)
        return cast("BinaryIO", _Opened(file, plain))
    return file
