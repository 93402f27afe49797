"""Parquet: typed columns. What footer and pages claim is held before, the rest while reading."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.domain.batch import Table
from app.domain.errors import Fault, Invalid, TooLarge
from app.sources.formats._columns import plain
from app.sources.formats._pages import opened_size
from app.sources.formats._spec import COLUMNAR, MEGABYTE, Format, Limits
from app.sources.formats._text import NOT_UTF8, hold_names, hold_text, undecodable

ROWS_AT_ONCE = 65_536
SMALLEST_VALUE = 4
"""Bytes that a value takes in memory at least, nulls and repetitions included."""
FOOTER_STRINGS = 16 * MEGABYTE
FOOTER_ITEMS = 1_000_000
REFUSED = (
    pa.ArrowException,
    OSError,
    ValueError,
    IndexError,
    UnicodeDecodeError,
    pl.exceptions.PolarsError,
)
"""How the readers say that bytes are no Parquet."""


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
    source = pq.ParquetFile(
        pa.BufferReader(body),
        thrift_string_size_limit=FOOTER_STRINGS,
        thrift_container_size_limit=FOOTER_ITEMS,
        page_checksum_verification=True,
    )
    schema: pa.Schema = source.schema_arrow
    _hold_footer(source.metadata, schema, limits)
    if opened_size(body, source.metadata) > limits.decoded:
        raise _too_long(limits)
    nested = {field.name: str(field.type) for field in schema if pa.types.is_nested(field.type)}
    flat = [field for field in schema if field.name not in nested]
    rows = source.metadata.num_rows
    if flat:
        table = _gather(_batches(body, flat), pa.schema(flat), limits)
        rows = table.num_rows
        columns = {f.name: _series(f.name, table.column(f.name), limits) for f in flat}
    else:
        columns = {}
    if rows == 0:
        raise Invalid("the body holds no rows", (Fault("no rows"),))
    return Table(columns, rows, nested)


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
        raise _too_long(limits)
    _hold_names(schema, limits)


def _hold_names(schema: pa.Schema, limits: Limits) -> None:
    names = schema.names
    hold_names(names, limits.name)
    doubles = sorted({name for name in names if names.count(name) > 1}) if _twice(names) else []
    if doubles:
        faults = tuple(Fault("two columns have this name", field=name) for name in doubles)
        raise Invalid("two columns have the same name", faults)


def _twice(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def _batches(body: bytes, flat: list[pa.Field]) -> Iterator[pa.RecordBatch]:
    # text is read as a dictionary, so that repeating one costs an index and not the text
    texts = [field.name for field in flat if _is_text(field.type)]
    source = pq.ParquetFile(
        pa.BufferReader(body),
        read_dictionary=texts,
        thrift_string_size_limit=FOOTER_STRINGS,
        thrift_container_size_limit=FOOTER_ITEMS,
        page_checksum_verification=True,
    )
    names = [field.name for field in flat]
    yield from source.iter_batches(ROWS_AT_ONCE, columns=names, use_threads=False)


def _gather(batches: Iterator[pa.RecordBatch], schema: pa.Schema, limits: Limits) -> pa.Table:
    """Collect batches as long as their columns, texts spelled out, keep within the limit."""
    kept: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        size += sum(_spelled(column) for column in batch.columns)
        if size > limits.decoded:
            raise _too_long(limits)
        kept.append(_plain(batch))
    return pa.Table.from_batches(kept) if kept else schema.empty_table()


def _spelled(column: pa.Array) -> int:
    if not pa.types.is_dictionary(column.type):
        return int(column.get_total_buffer_size())
    lengths = pc.binary_length(column.dictionary)
    return 16 * len(column) + (pc.sum(pc.take(lengths, column.indices)).as_py() or 0)


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _series(name: str, column: pa.ChunkedArray, limits: Limits) -> pl.Series:
    column = plain(column)
    if _is_text(column.type):
        hold_text(column, name, limits.text)
        _hold_utf8(column, name)
    return pl.Series(name, column)


def _hold_utf8(column: pa.ChunkedArray, name: str) -> None:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        binary = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
        fault = undecodable(column.cast(binary), name)
        if fault is None:
            raise  # its very layout is damaged
        raise Invalid(f"the body cannot be read: {NOT_UTF8}", (fault,)) from None


def _too_long(limits: Limits) -> TooLarge:
    return TooLarge(
        f"the columns hold more than {limits.decoded} bytes; split the body",
        (Fault("too many bytes"),),
    )


FORMAT = Format(
    "parquet",
    ("application/vnd.apache.parquet", "application/x-parquet", "application/parquet"),
    decode,
    COLUMNAR,
    columnar=True,
)
