"""Parquet: typed columns. What footer and pages claim is held before, the rest while reading."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.batch import Table
from app.domain.errors import Fault, Invalid, NoRows, TooLarge
from app.sources.formats._arrow import (
    REFUSED,
    SMALLEST_VALUE,
    from_arrow,
    hold_schema,
    parted,
    spelled_size,
    too_long,
)
from app.sources.formats._footer import chunks_of
from app.sources.formats._pages import opened_size
from app.sources.formats._sound import is_text
from app.sources.formats._spec import COLUMNAR, MEGABYTE, Format, Limits

ROWS_AT_ONCE = 65_536
FOOTER_STRINGS = 16 * MEGABYTE
FOOTER_ITEMS = 1_000_000


def decode(body: bytes, limits: Limits) -> Table:
    """Return the columns of a Parquet body; nested ones are named, but not read."""
    if not body:
        raise Invalid("the body is empty", (Fault("empty body"),))
    try:
        return _decode(body, limits)
    except Invalid:
        raise
    except REFUSED as error:
        raise Invalid(
            "the body is not a whole and sound Parquet file", (Fault("unreadable Parquet"),)
        ) from error


def _decode(body: bytes, limits: Limits) -> Table:
    chunks = chunks_of(body)
    source = _opened(body)
    schema: pa.Schema = source.schema_arrow
    _hold_footer(source.metadata, schema, limits)
    if opened_size(body, chunks) > limits.decoded:
        raise too_long(limits)
    texts = [name for name, kind in zip(schema.names, schema.types, strict=True) if is_text(kind)]
    if texts:
        # text is read as a dictionary, so that repeating one costs an index and not the text
        source = _opened(body, source.metadata, texts)
    flat, nested = parted(schema)
    rows = source.metadata.num_rows
    if rows == 0:
        raise NoRows("the body holds no rows", (Fault("no rows"),))
    if not flat:
        return Table({}, rows, nested)
    found = _gather(source, flat, limits)
    if found.num_rows != rows:
        raise ValueError("the footer says that there are more rows, or fewer")
    return replace(from_arrow(found, limits), nested=nested)


def _opened(
    body: bytes, footer: pq.FileMetaData | None = None, coded: Sequence[str] = ()
) -> pq.ParquetFile:
    return pq.ParquetFile(
        pa.BufferReader(body),
        metadata=footer,
        read_dictionary=list(coded),
        thrift_string_size_limit=FOOTER_STRINGS,
        thrift_container_size_limit=FOOTER_ITEMS,
        page_checksum_verification=True,
    )


def _hold_footer(footer: pq.FileMetaData, schema: pa.Schema, limits: Limits) -> None:
    groups = (footer.row_group(i) for i in range(footer.num_row_groups))
    claimed = sum(group.total_byte_size for group in groups)
    values = footer.num_rows * footer.num_columns
    if footer.num_rows > limits.rows:
        raise TooLarge(f"the body holds more than {limits.rows} rows", (Fault("too many rows"),))
    if footer.num_columns > limits.columns:
        raise TooLarge(
            f"the body has more than {limits.columns} columns", (Fault("too many columns"),)
        )
    if max(claimed, SMALLEST_VALUE * values) > limits.decoded:
        raise too_long(limits)
    hold_schema(schema, limits)


def _gather(source: pq.ParquetFile, flat: list[str], limits: Limits) -> pa.Table:
    """Collect batches as long as their columns, texts spelled out, keep within the limit."""
    if source.metadata.num_rows <= ROWS_AT_ONCE:
        # one batch, whose size whoever takes it looks at
        return source.read(flat, use_threads=False)
    kept: list[pa.RecordBatch] = []
    size = 0
    for batch in source.iter_batches(ROWS_AT_ONCE, columns=flat, use_threads=False):
        size += sum(spelled_size(column) for column in batch.columns)
        if size > limits.decoded:
            raise too_long(limits)
        kept.append(batch)
    return pa.Table.from_batches(kept)


FORMAT = Format(
    "parquet",
    ("application/vnd.apache.parquet", "application/x-parquet", "application/parquet"),
    decode,
    COLUMNAR,
    columnar=True,
)
