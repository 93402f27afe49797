"""Reading the files, and adopting Arrow's buffers as columns without a copy."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from drift_core import Bitmap, Column, Texts


def read(folder: Path, side: str, form: str) -> Mapping[str, pa.Array]:
    """Read one table, texts as plain strings or dictionary-coded."""
    path = folder / f"{side}.parquet"
    schema = pq.read_schema(path)
    texts = [f.name for f in schema if pa.types.is_string(f.type)] if form == "coded" else None
    table = pq.read_table(path, read_dictionary=texts)
    return {name: _whole(table[name]) for name in table.column_names}


def column(array: pa.Array) -> Column:
    """Adopt an array: numbers, plain texts, or codes into texts."""
    if pa.types.is_string(array.type):
        return Column(_texts(array))
    if pa.types.is_dictionary(array.type):
        return Column(_numbers(array.indices), _texts(array.dictionary), _bitmap(array.indices))
    return Column(_numbers(array), None, _bitmap(array))


def _texts(array: pa.Array) -> Texts:
    offsets, data = (np.frombuffer(held or b"", kind) for held, kind in _buffers(array))
    return Texts(offsets[array.offset : array.offset + len(array) + 1], data, _bitmap(array))


def _buffers(array: pa.Array) -> tuple[tuple[pa.Buffer, type], ...]:
    _, offsets, data = array.buffers()
    return (offsets, np.int32), (data, np.uint8)


def _whole(chunks: pa.ChunkedArray) -> pa.Array:
    return chunks.chunk(0) if chunks.num_chunks == 1 else chunks.combine_chunks()


def _numbers(array: pa.Array) -> np.ndarray:
    dtype = array.type.to_pandas_dtype()
    return np.frombuffer(
        array.buffers()[1], dtype, len(array), array.offset * np.dtype(dtype).itemsize
    )


def _bitmap(array: pa.Array) -> Bitmap | None:
    held = array.buffers()[0]
    return None if held is None else Bitmap(np.frombuffer(held, np.uint8), array.offset)
