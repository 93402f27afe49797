"""Large Parquet objects, a row group at a time and of it a few rows, in bounded memory."""

import io
from collections.abc import Iterator
from dataclasses import replace

import pyarrow.parquet as pq

from app.domain.errors import Fault, Invalid, TooLarge
from app.ports.sources import Piece
from app.sources.formats import REFUSED, Limits, from_arrow, parted

ROWS = 65_536
BUFFER = 1 << 20
FOOTER = 16_000_000
ITEMS = 1_000_000
LARGEST_GROUP = 2_000_000_000
"""Bytes of one row group decoded; a piece of it holds only its share."""


def pieces(file: io.BufferedReader, parts: int, limits: Limits) -> Iterator[Piece]:
    """Yield the rows from behind the first ``parts`` row groups.

    Columns are read through a buffer of a megabyte each, so that neither the object nor a row
    group is ever in memory as a whole.
    """
    try:
        source = pq.ParquetFile(
            file,
            buffer_size=BUFFER,
            pre_buffer=False,
            thrift_string_size_limit=FOOTER,
            thrift_container_size_limit=ITEMS,
            page_checksum_verification=True,
        )
        for group in range(parts, source.num_row_groups):
            yield from _group(source, group, limits)
    except Invalid:
        raise
    except REFUSED as error:
        raise Invalid("it is not a whole and sound Parquet file", (Fault("unreadable"),)) from error


def _group(source: pq.ParquetFile, group: int, limits: Limits) -> Iterator[Piece]:
    footer = source.metadata.row_group(group)
    if footer.total_byte_size > LARGEST_GROUP:
        raise TooLarge("a row group is too large", (Fault("row group too large"),))
    flat, nested = parted(source.schema_arrow)
    left = footer.num_rows
    for batch in source.iter_batches(ROWS, row_groups=[group], columns=flat, use_threads=False):
        left -= batch.num_rows
        table = replace(from_arrow(batch, limits), nested=nested)
        last = left <= 0
        yield Piece(table, footer.total_byte_size if last else 0, group + 1 if last else None)
    if left > 0:
        raise Invalid("a row group has fewer rows than it says", (Fault("rows are missing"),))
