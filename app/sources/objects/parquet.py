"""Large Parquet objects, a row group at a time and of it a few rows, in bounded memory."""

import io
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.batch import Table
from app.domain.errors import Fault, Invalid, TooLarge
from app.source_ports import Piece
from app.sources.formats import Limits
from app.sources.formats._columns import plain

ROWS = 65_536
BUFFER = 1 << 20
FOOTER = 16_000_000
ITEMS = 1_000_000
LARGEST_GROUP = 2_000_000_000
"""Bytes of one row group decoded; a piece of it holds only its share."""
REFUSED = (pa.ArrowException, OSError, ValueError, IndexError, pl.exceptions.PolarsError)
"""How the readers say that bytes are no Parquet."""


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
        _hold(source.schema_arrow, limits)
        for group in range(parts, source.num_row_groups):
            yield from _group(source, group)
    except Invalid:
        raise
    except REFUSED as error:
        raise Invalid("it is not a whole and sound Parquet file", (Fault("unreadable"),)) from error


def _group(source: pq.ParquetFile, group: int) -> Iterator[Piece]:
    footer = source.metadata.row_group(group)
    if footer.total_byte_size > LARGEST_GROUP:
        raise TooLarge("a row group is too large", (Fault("row group too large"),))
    schema = source.schema_arrow
    flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
    nested = {field.name: str(field.type) for field in schema if field.name not in flat}
    left = footer.num_rows
    read = source.iter_batches(ROWS, row_groups=[group], columns=flat, use_threads=False)
    for batch in read:
        left -= batch.num_rows
        last = left <= 0
        table = _table(batch, nested)
        yield Piece(table, footer.total_byte_size if last else 0, group + 1 if last else None)
    if left > 0:
        raise Invalid("a row group has fewer rows than it says", (Fault("rows are missing"),))


def _table(batch: pa.RecordBatch, nested: dict[str, str]) -> Table:
    batch.validate(full=True)
    columns = {
        name: pl.Series(name, plain(pa.chunked_array([column])))
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    return Table(columns, batch.num_rows, nested)


def _hold(schema: pa.Schema, limits: Limits) -> None:
    names = schema.names
    if len(names) > limits.columns:
        raise TooLarge(f"it has more than {limits.columns} columns", (Fault("too many columns"),))
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        faults = tuple(Fault("two columns have this name", field=name) for name in doubles)
        raise Invalid("two columns have the same name", faults)
