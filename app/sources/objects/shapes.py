"""Which format an object has, told by its name, and its rows in pieces."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import BinaryIO, TypeAlias

from app.domain.batch import Table
from app.domain.errors import Fault, Invalid, NoRows, TooLarge, Unsupported
from app.domain.sources.source import AUTO, Source, Trouble
from app.ports.sources import Piece
from app.sources.files.opening import SUFFIXES
from app.sources.files.text import csv_tables, json_tables, ndjson_tables
from app.sources.formats import FORMATS as BY_TYPE
from app.sources.formats import Format, Limits
from app.sources.objects import packing, parquet
from app.sources.payloads import PAYLOADS, Columns, Payload, find_payload, reshaped

BLOCK = 16_000_000
STREAMED = 16_000_000
"""From so many bytes on a Parquet object is read by row groups."""
FORMATS = frozenset(PAYLOADS)

Tables: TypeAlias = Callable[[BinaryIO, Limits], Iterator[Table]]

TEXTS: Mapping[str, Tables] = MappingProxyType(
    {
        "csv": lambda file, limits: csv_tables(file, BLOCK, limits),
        "json": json_tables,
        "ndjson": lambda file, limits: ndjson_tables(file, BLOCK, limits),
    }
)
"""Formats that are cut into blocks of whole records; a JSON document is one."""


def named(key: str, wanted: str) -> tuple[Payload, str]:
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
        raise Unsupported(
            "its format is not known; say it with the source, or name objects after one of "
            + ", ".join(SUFFIXES),
            (Fault("unknown format"),),
            code="unknown-format",
        )
    return find_payload(found), packed


def columns_of(source: Source) -> Columns:
    """Return what the fields of a source's objects mean to its model."""
    return Columns(source.inputs, source.outputs, source.columns)


def pieces(
    file: io.BufferedReader, size: int, shape: tuple[Payload, str], columns: Columns, parts: int
) -> Iterator[Piece]:
    """Yield an object's rows; only of large Parquet can the first parts be left out.

    One that is sound and has no rows yields none: writers leave such parts behind.
    """
    payload, packed = shape
    form = BY_TYPE[payload.media_type]
    limits = payload.limits or form.limits
    plain = packing.opened(file, packed)
    try:
        for piece in _decoded(plain, size, form, limits, parts if plain is file else 0):
            yield replace(piece, table=_reshaped(payload, piece.table, columns, limits))
    except NoRows:
        return  # said before the first piece, of all that there is


def _decoded(
    file: BinaryIO, size: int, form: Format, limits: Limits, parts: int
) -> Iterator[Piece]:
    if form.name in TEXTS:
        for table in TEXTS[form.name](file, limits):
            yield Piece(table, 0)
    elif form.name == "parquet" and isinstance(file, io.BufferedReader) and size >= STREAMED:
        yield from parquet.pieces(file, parts, limits)
    else:
        yield Piece(form.decode(_all(file, limits.decoded), limits), size)


def _reshaped(payload: Payload, table: Table, columns: Columns, limits: Limits) -> Table:
    try:
        return reshaped(payload, table, columns, limits)
    except Invalid as error:
        raise Trouble("wrong-rows", error.detail, faults=error.faults, rows=table.rows) from error


def _all(file: BinaryIO, most: int) -> bytes:
    body = bytearray()
    while more := file.read(1 << 20):
        body += more
        if len(body) > most:
            raise TooLarge(f"it opens to more than {most} bytes", (Fault("too many bytes"),))
    return bytes(body)
