"""A batch as bytes, in every format that the service takes."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from tests.chaos.plan import LARGEST, PANE, SPARE, Batch, Kind, Shape

Columns = Mapping[str, list[Any]]
GOLDEN = 0.6180339887498949
"""Multiples of it fill the unit interval evenly, from wherever they begin."""
FEWEST = 40
"""Rows of a level in the reference: enough for its grid to keep a cell for it."""
SCHEMA = [
    {"name": "t", "kind": "ignored", "role": "timestamp", "time_unit": "s"},
    {"name": "code", "kind": "numeric"},
    {"name": "tag", "kind": "categorical"},
    {"name": "x", "kind": "numeric"},
]


def tag(level: int) -> str:
    return f"b{level:03d}"


ID: Mapping[str, str] = {"name": "id", "kind": "ignored", "role": "id"}
"""The column that only rows with ids have."""


def columns_of(batch: Batch) -> dict[str, list[Any]]:
    """Return a batch's rows; the same ones each time."""
    if batch.whole is not None:
        rows = slice(batch.begin, batch.begin + batch.rows)
        return {name: values[rows] for name, values in columns_of(batch.whole).items()}
    times = [pane + index % PANE for pane, rows in batch.parts for index in range(rows)]
    shift = 1.5 if batch.moved else 0.0
    values = [(batch.level * 0.37 + index * GOLDEN) % 1.0 + shift for index in range(len(times))]
    table = _table(times, [batch.level] * len(times), values)
    ids = [f"{batch.name}-{index}" for index in range(len(times))]
    return table | {"id": ids} if batch.ids else table


def reference(shape: Shape) -> dict[str, list[Any]]:
    """Return rows in which every level has its share."""
    levels: list[int] = []
    for level in range(shape.levels + SPARE):
        rows = 4 * shape.rows(level) if level < shape.levels else 0
        levels += [level] * max(rows, FEWEST)
    values = [(index * GOLDEN) % 1.0 for index in range(len(levels))]
    return _table([shape.origin - PANE] * len(levels), levels, values)


def _table(times: list[int], levels: list[int], values: list[float]) -> dict[str, list[Any]]:
    return {"t": times, "code": levels, "tag": [tag(level) for level in levels], "x": values}


def rows_of(columns: Columns) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _json(columns: Columns) -> bytes:
    return json.dumps(rows_of(columns)).encode()


def _columns(columns: Columns) -> bytes:
    return json.dumps({"columns": columns}).encode()


def _ndjson(columns: Columns) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows_of(columns)).encode()


def _csv(columns: Columns) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def _parquet(columns: Columns) -> bytes:
    sink = io.BytesIO()
    pa.parquet.write_table(pa.table(dict(columns)), sink)
    return sink.getvalue()


def _arrow(columns: Columns) -> bytes:
    sink = io.BytesIO()
    table = pa.table(dict(columns))
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


ENCODERS: Mapping[str, tuple[str, Callable[[Columns], bytes]]] = {
    "json": ("application/json", _json),
    "columns": ("application/json", _columns),
    "csv": ("text/csv", _csv),
    "parquet": ("application/vnd.apache.parquet", _parquet),
    "ndjson": ("application/x-ndjson", _ndjson),
    "arrow": ("application/vnd.apache.arrow.stream", _arrow),
}
"""Media type and encoder by name."""


def encode(batch: Batch) -> tuple[bytes, dict[str, str]]:
    """Return body and headers; equal bytes each time, since they may be what identifies it."""
    columns = columns_of(batch)
    if batch.kind is Kind.BAD:
        columns["t"][-1] = "soon"
    media, encoder = ENCODERS[batch.form]
    body, headers = encoder(columns), {"Content-Type": media}
    if batch.zipped:
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if batch.kind is Kind.BROKEN:
        body = body[: len(body) // 2]
    if batch.kind is not Kind.KEYLESS:
        headers["Idempotency-Key"] = batch.name
    return body, headers


def object_key(batch: Batch) -> str:
    """Return where an object lies; keys do not come in the order of their names."""
    mark = zlib.crc32(batch.name.encode())
    packed = ".gz" if batch.zipped else ""
    return f"{batch.model}/{mark:08x}-{batch.name}.{batch.form}{packed}"


def known_forms(media_types: set[str]) -> tuple[str, ...]:
    """Return the formats of ours that a service takes."""
    return tuple(name for name, (media, _) in ENCODERS.items() if media in media_types)


__all__ = [
    "ENCODERS",
    "LARGEST",
    "SCHEMA",
    "columns_of",
    "encode",
    "known_forms",
    "reference",
    "tag",
]
