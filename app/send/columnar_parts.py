"""Parquet and Arrow files in parts of so many rows, sent as Arrow streams."""

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from app.send.order import Stop
from app.send.part import Part

ARROW = "application/vnd.apache.arrow.stream"
REFUSED = (pa.ArrowException, OSError, ValueError)


def parquet_parts(file: BinaryIO, rows: int) -> Iterator[Part]:
    """Yield parts of a Parquet file; memory goes by its row groups."""
    try:
        source = pq.ParquetFile(_seekable(file))
        yield from _parts(source.iter_batches(rows), rows)
    except REFUSED as error:
        raise Stop(f"it is not a whole and sound Parquet file: {error}") from None


def arrow_parts(file: BinaryIO, rows: int) -> Iterator[Part]:
    """Yield parts of an Arrow IPC file (Feather version 2)."""
    try:
        source = pa.ipc.open_file(_seekable(file))
        yield from _parts(map(source.get_batch, range(source.num_record_batches)), rows)
    except REFUSED as error:
        raise Stop(f"it is not a whole and sound Arrow file: {error}") from None


def _parts(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[Part]:
    number = first = 0
    for cut in _evenly(batches, rows):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, cut.schema) as writer:
            writer.write_table(cut)
        yield Part(number, first, cut.num_rows, sink.getvalue(), ARROW)
        number, first = number + 1, first + cut.num_rows


def _evenly(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Yield tables of ``rows`` rows each, the last of what is left, wherever batches end."""
    kept: list[pa.RecordBatch] = []
    height = 0
    for batch in batches:
        start = 0
        while start < batch.num_rows:
            taken = batch.slice(start, rows - height)
            kept.append(taken)
            start, height = start + taken.num_rows, height + taken.num_rows
            if height == rows:
                yield pa.Table.from_batches(kept)
                kept, height = [], 0
    if kept:
        yield pa.Table.from_batches(kept)


def _seekable(file: BinaryIO) -> BinaryIO:
    # the tables of contents of these files are at their end, which a packed stream cannot go to
    return file if file.seekable() else io.BytesIO(file.read())
