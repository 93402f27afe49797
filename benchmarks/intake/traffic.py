"""Rows as clients send them: an id, a time, 16 numbers and 4 texts; and their bodies."""

import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

NUMBERS, LEVELS = 16, (3, 12, 40, 200)
FEATURES = (
    *(f"n{place:02}" for place in range(NUMBERS)),
    *(f"c{place}" for place in range(len(LEVELS))),
)
SPAN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write rows, and what a request says of it."""

    name: str
    media_type: str
    encode: Callable[[pl.DataFrame], bytes]
    encoding: str | None = None

    @property
    def path(self) -> str:
        """A route's name."""
        return self.name.lower().replace(", ", "-").replace(" ", "-")


def make(rows: int, seed: int, begin: datetime | None = None) -> pl.DataFrame:
    """Draw rows whose times lie within ten minutes of one pane, half an hour ago by default."""
    rng = np.random.default_rng(seed)
    scales = np.linspace(0, 2, NUMBERS)
    numbers = {
        name: np.exp(rng.normal(size=rows) * scale) if scale > 1 else rng.normal(size=rows)
        for name, scale in zip(FEATURES[:NUMBERS], scales, strict=True)
    }
    texts = {
        name: np.array([f"level {level}" for level in range(levels)])[
            rng.integers(levels, size=rows)
        ]
        for name, levels in zip(FEATURES[NUMBERS:], LEVELS, strict=True)
    }
    first = begin or half_an_hour_ago()
    times = np.datetime64(first.replace(tzinfo=None), "us") + np.linspace(
        0, SPAN.total_seconds() * 1e6, rows, endpoint=False
    ).astype("timedelta64[us]")
    return pl.DataFrame(
        {"id": np.arange(rows) + seed * 10_000_000, "timestamp": times} | numbers | texts
    ).with_columns(pl.col("timestamp").dt.replace_time_zone("UTC"))


def half_an_hour_ago() -> datetime:
    now = datetime.now(UTC)
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) - timedelta(
        minutes=30
    )


def _spelled(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))


def json_rows(frame: pl.DataFrame) -> bytes:
    return msgspec.json.encode(_spelled(frame).to_dicts())


def json_columns(frame: pl.DataFrame) -> bytes:
    return msgspec.json.encode({"columns": _spelled(frame).to_dict(as_series=False)})


def ndjson(frame: pl.DataFrame) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in _spelled(frame).to_dicts())


def csv(frame: pl.DataFrame) -> bytes:
    return _spelled(frame).write_csv().encode()


def parquet(frame: pl.DataFrame) -> bytes:
    """Return plain Parquet: no dictionaries, no compression, so that a time can be put in place."""
    sink = io.BytesIO()
    plain = {"use_dictionary": list(FEATURES[NUMBERS:]), "compression": "none"}
    pq.write_table(arrow_table(frame), sink, write_statistics=False, **plain)
    return sink.getvalue()


def arrow_stream(frame: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    table = arrow_table(frame)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def arrow_table(frame: pl.DataFrame) -> pa.Table:
    table = frame.to_arrow()
    texts = {name: pa.string() for name in FEATURES[NUMBERS:]}
    return table.cast(pa.schema([(f.name, texts.get(f.name, f.type)) for f in table.schema]))


def zipped(frame: pl.DataFrame) -> bytes:
    return gzip.compress(json_rows(frame), 6)


FORMATS = (
    Format("JSON rows", "application/json", json_rows),
    Format("JSON columns", "application/json", json_columns),
    Format("NDJSON", "application/x-ndjson", ndjson),
    Format("CSV", "text/csv", csv),
    Format("Parquet", "application/vnd.apache.parquet", parquet),
    Format("Arrow stream", "application/vnd.apache.arrow.stream", arrow_stream),
    Format("JSON rows, gzip", "application/json", zipped, "gzip"),
)
BY_PATH: Mapping[str, Format] = {each.path: each for each in FORMATS}
