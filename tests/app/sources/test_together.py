"""Bodies of one format, counted together, are what each is alone; whatever way its columns lie."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.counts.together import Uncounted, tally_together
from app.domain.model import Settings
from app.domain.rows.flat import flat_of
from app.domain.rows.profile import tally
from app.sources.formats import decode
from tests.app.domain.counts.test_together import plain
from tests.app.domain.tables import SCHEMA, envelope, reference, stored

GRIDS, PLAIN = stored(reference()), Settings()
START = datetime(2026, 1, 5, tzinfo=UTC)
COLOURS = ("red", 'say "red"', None, "a level of more than twelve bytes", "", "True", "green")


def frame(rows: int, seed: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "timestamp": [START + timedelta(minutes=4 * i + seed) for i in range(rows)],
            "amount": [None if (i + seed) % 5 == 0 else (i - seed) / 3 for i in range(rows)],
            "colour": [COLOURS[(i + seed) % len(COLOURS)] for i in range(rows)],
        },
        schema_overrides={"amount": pl.Float64, "colour": pl.String},
    )


def spelled(of: pl.DataFrame) -> pl.DataFrame:
    return of.with_columns(pl.col("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))


def json_rows(of: pl.DataFrame) -> bytes:
    return msgspec.json.encode(spelled(of).to_dicts())


def json_columns(of: pl.DataFrame) -> bytes:
    return msgspec.json.encode({"columns": spelled(of).to_dict(as_series=False)})


def csv(of: pl.DataFrame) -> bytes:
    return spelled(of).write_csv().encode()


def arrow(of: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    table = of.to_arrow()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def parquet(of: pl.DataFrame) -> bytes:
    sink = io.BytesIO()
    pq.write_table(of.to_arrow(), sink)
    return sink.getvalue()


FORMS = [
    ("application/json", json_rows),
    ("application/json", json_columns),
    ("text/csv", csv),
    ("application/vnd.apache.arrow.stream", arrow),
    ("application/vnd.apache.parquet", parquet),
]
SIZES = [(1, 0), (1, 2), (30, 1), (2, 5), (7, 3)]
LONG = [(400, 0), (350, 3)]
"""Long enough for JSON to become columns at once."""


@pytest.mark.parametrize(("media_type", "encode"), FORMS)
@pytest.mark.parametrize("sizes", [SIZES, SIZES[:2], LONG])
@pytest.mark.parametrize("gaps", [True, False])
def test_together_is_as_alone(
    media_type: str,
    encode: Callable[[pl.DataFrame], bytes],
    sizes: Sequence[tuple[int, int]],
    gaps: bool,
) -> None:
    frames = [frame(*size) for size in sizes]
    if not gaps:
        frames = [one.with_columns(pl.col("amount").fill_null(7.5)) for one in frames]
    batches = [
        Uncounted(
            decode(encode(one), media_type),
            SCHEMA,
            GRIDS,
            replace(envelope(), key=str(size)),
            PLAIN,
        )
        for size, one in zip(sizes, frames, strict=True)
    ]
    alone = [tally(b.table, b.schema, b.grids, b.envelope, b.settings) for b in batches]
    assert [plain(found) for found in tally_together(batches)] == [plain(one) for one in alone]


def test_long_json_is_flat() -> None:
    long = frame(400, 1).with_columns(pl.col("amount").fill_null(7.5))
    assert {"amount", "colour"} <= flat_of(
        decode(json_rows(long), "application/json").columns
    ).keys()


@pytest.mark.parametrize(("media_type", "encode"), FORMS[2:])
def test_columns_stay_where_they_lie(
    media_type: str, encode: Callable[[pl.DataFrame], bytes]
) -> None:
    """Were they not flat, the test above would say nothing of flat ones."""
    assert "amount" in flat_of(decode(encode(frame(3, 1)), media_type).columns)
