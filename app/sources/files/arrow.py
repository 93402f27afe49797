"""Parquet and Arrow IPC files (Feather version 2), some row groups or batches at a time."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.batch import Nested, Table
from app.domain.errors import Fault, Invalid
from app.sources.files.text import LIMITS
from app.sources.formats import REFUSED, from_arrow, parted

ROWS_AT_ONCE = 262_144


def parquet_tables(file: BinaryIO) -> Iterator[Table]:
    """Yield a Parquet file's rows, never more than one row group in memory."""
    seekable = _seekable(file)
    try:
        source = pq.ParquetFile(seekable)
        schema = source.schema_arrow
        _hold_names(schema)
        flat, nested = parted(schema)
        yield from _tables(source.iter_batches(ROWS_AT_ONCE, columns=flat), nested)
    except REFUSED as error:
        raise _refusal(error, "Parquet") from error


def feather_tables(file: BinaryIO) -> Iterator[Table]:
    """Yield an Arrow IPC file's record batches."""
    seekable = _seekable(file)
    try:
        source = pa.ipc.open_file(seekable)
        _hold_names(source.schema)
        batches = map(source.get_batch, range(source.num_record_batches))
        yield from _tables(batches, {})
    except REFUSED as error:
        raise _refusal(error, "Arrow IPC (Feather)") from error


def _tables(batches: Iterable[pa.RecordBatch], unread: Mapping[str, Nested]) -> Iterator[Table]:
    """Yield tables of batches, and of columns that they come without."""
    for batch in batches:
        if batch.num_rows:
            table = from_arrow(batch, LIMITS)
            yield replace(table, nested={**table.nested, **unread})


def _hold_names(schema: pa.Schema) -> None:
    doubles = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if doubles:
        faults = tuple(Fault("two columns have this name", field=name) for name in doubles)
        raise Invalid("two columns have the same name", faults)


def _seekable(file: BinaryIO) -> BinaryIO:
    # the tables of contents of these files are at their end, which a packed stream cannot go to
    return file if file.seekable() else io.BytesIO(file.read())


def _refusal(error: Exception, name: str) -> Invalid:
    if isinstance(error, Invalid):
        return error
    return Invalid(f"it is not a whole and sound {name} file", (Fault("unreadable"),))
