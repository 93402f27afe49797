"""Which format a file has, told by its name and first bytes, and its rows in pieces."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import pyarrow as pa

from app.domain.batch import Table
from app.domain.errors import Fault, Unsupported
from app.sources.files.arrow import feather_tables, parquet_tables
from app.sources.files.text import csv_tables, json_tables, ndjson_tables, read_packed

Read: TypeAlias = Callable[[BinaryIO], Iterator[Table]]

FORMATS: Mapping[str, Read] = {
    "csv": csv_tables,
    "json": json_tables,
    "ndjson": ndjson_tables,
    "parquet": parquet_tables,
    "arrow": feather_tables,
}
SUFFIXES = {
    ".csv": "csv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
PACKED = (".gz", ".zst", ".zstd")
MAGIC = {b"PAR1": "parquet", b"ARROW1": "arrow", b"[": "json", b"{": "json"}
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file, and how much of the file has been read with them."""

    table: Table
    done: float


@dataclass(frozen=True, slots=True)
class Source:
    """A file of rows whose format is known."""

    path: Path
    format: str

    def pieces(self) -> Iterator[Piece]:
        """Yield its rows in pieces, in order.

        Raises
        ------
        Invalid
            It is damaged or holds no rows; names row and column where there are some.
        OSError
            It cannot be read.
        """
        size = max(1, self.path.stat().st_size)
        with self.path.open("rb") as file:
            for table in FORMATS[self.format](unpacked(file)):
                yield Piece(table, min(1.0, file.tell() / size))


def open_file(path: Path) -> Source:
    """Tell a file's format by its suffix, else by its first bytes.

    Raises
    ------
    Unsupported
        Neither says a format that is read here.
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        start = read_packed(unpacked(file), 8)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    named = next((suffix for suffix in reversed(suffixes) if suffix not in PACKED), "")
    found = SUFFIXES.get(named) or next(
        (name for magic, name in MAGIC.items() if start.lstrip().startswith(magic)), None
    )
    if found is None:
        readable = ", ".join(SUFFIXES)
        raise Unsupported(
            f"its format is not known; name it after one of {readable}, with .gz or .zst behind it "
            "if it is compressed",
            (Fault("unknown format"),),
        )
    return Source(path, found)


def unpacked(file: BinaryIO) -> BinaryIO:
    """Return what a compressed file holds, told by its first bytes; others as they are.

    One that was cut short raises an ``OSError`` without a number when its end is read.
    """
    start = file.read(4)
    file.seek(0)
    packing = "gzip" if start.startswith(GZIP) else "zstd" if start == ZSTD else None
    if packing is None:
        return file
    # Python's own reader of zstd takes the end of a truncated file for the end of its rows
    return cast("BinaryIO", io.BufferedReader(pa.CompressedInputStream(file, packing)))
