"""Which format an object has, told by its name, and its rows in pieces."""

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import BinaryIO, TypeAlias

from app.domain.batch import Table
from app.domain.errors import Fault, TooLarge, Unsupported
from app.domain.source import AUTO
from app.source_ports import Piece
from app.sources import formats
from app.sources.files.opening import SUFFIXES
from app.sources.files.text import csv_tables, json_tables, ndjson_tables
from app.sources.formats import Format, Limits
from app.sources.objects import packing, parquet

BLOCK = 16_000_000
STREAMED = 16_000_000
"""From so many bytes on a Parquet object is read by row groups."""
LIMITS = Limits()

Tables: TypeAlias = Callable[[BinaryIO], Iterator[Table]]

TEXTS: Mapping[str, Tables] = MappingProxyType(
    {
        "csv": lambda file: csv_tables(file, BLOCK, LIMITS),
        "json": lambda file: json_tables(file, LIMITS),
        "ndjson": lambda file: ndjson_tables(file, BLOCK, LIMITS),
    }
)
WHOLE: Mapping[str, Format] = MappingProxyType(
    {form.name: form for form in formats.FORMATS.values() if form.name not in TEXTS}
)
"""Formats that are decoded at once, by name: whatever the open folder holds."""
FORMATS = frozenset(TEXTS) | frozenset(WHOLE)


def named(key: str, wanted: str) -> tuple[str, str]:
    """Return the format of an object and the suffix of its compression, by its key.

    Raises
    ------
    Unsupported
        Its name does not say its format.
    """
    suffixes = [suffix.lower() for suffix in PurePosixPath(key).suffixes]
    packed = suffixes.pop() if suffixes and suffixes[-1] in packing.SUFFIXES else ""
    found = SUFFIXES.get(suffixes[-1] if suffixes else "") if wanted == AUTO else wanted
    if found is None or found not in FORMATS:
        readable = ", ".join(s for s, name in SUFFIXES.items() if name in FORMATS)
        raise Unsupported(
            f"its format is not known; say it with the source, or name objects after {readable}",
            (Fault("unknown format"),),
            code="unknown-format",
        )
    return found, packed


def pieces(
    file: io.BufferedReader, size: int, form: str, packed: str, parts: int
) -> Iterator[Piece]:
    """Yield an object's rows; only of large Parquet can the first parts be left out."""
    plain = packing.opened(file, packed)
    if form in TEXTS:
        for table in TEXTS[form](plain):
            yield Piece(table, 0)
    elif form == "parquet" and plain is file and size >= STREAMED:
        yield from parquet.pieces(file, parts, WHOLE[form].limits)
    else:
        whole = WHOLE[form]
        yield Piece(whole.decode(_all(plain, whole.limits.decoded), whole.limits), size)


def _all(file: BinaryIO, most: int) -> bytes:
    body = bytearray()
    while more := file.read(1 << 20):
        body += more
        if len(body) > most:
            raise TooLarge(f"it opens to more than {most} bytes", (Fault("too many bytes"),))
    return bytes(body)
