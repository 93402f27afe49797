"""Parquet bodies: typed columns in, nested ones named, damage and bombs refused."""

import datetime as dt
import decimal
import io
import math
import random
import tracemalloc
from collections.abc import Mapping

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.errors import Invalid, LeewayError, TooLarge
from app.sources.formats import FORMATS, Limits, decode
from app.sources.formats._footer import chunks_of
from app.sources.formats._pages import opened_size
from tests.app.sources.columns import listed, rows_of, typed

PARQUET = "application/vnd.apache.parquet"


def written(columns: Mapping[str, object] | pa.Table, **options: object) -> bytes:
    table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


GOOD = written({"a": list(range(100)), "b": [f"text {i}" for i in range(100)]})


def refused(body: bytes, limits: Limits | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        decode(body, PARQUET, limits)
    assert caught.value.faults
    return caught.value


@pytest.mark.parametrize("media_type", FORMATS["application/vnd.apache.parquet"].media_types)
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd"])
def test_reads_typed_columns(media_type: str, compression: str) -> None:
    body = written({"a": [1, None], "b": ["x", None], "c": [True, None]}, compression=compression)
    table = decode(body, media_type)
    assert rows_of(table) == {
        "a": [1, None],
        "b": ["x", None],
        "c": [True, None],
    }
    assert (table.rows, table.untyped) == (2, False)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([1], pa.uint8()), pl.UInt8),
        (pa.array([1.5], pa.float32()), pl.Float32),
        (pa.array([1.5], pa.float16()), pl.Float32),
        (pa.array([decimal.Decimal("1.5")]), pl.Float64),
        (pa.array(["x"]).dictionary_encode(), pl.String),
        (pa.array(["x"], pa.large_string()), pl.String),
        (pa.array([dt.date(2020, 1, 1)]), pl.Date),
        (pa.array([dt.datetime(2020, 1, 1)], pa.timestamp("ns")), pl.Datetime("ns")),  # noqa: DTZ001
        (pa.array([b"x"]), pl.Binary),
        (pa.nulls(1), pl.Null),
    ],
)
def test_keeps_types(column: pa.Array, kind: pl.DataType) -> None:
    table = decode(written({"a": column}), PARQUET)
    assert typed(table.columns["a"]).dtype == kind


def test_nested_columns_are_named_and_not_read() -> None:
    body = written(
        {
            "a": [1],
            "l": [[1, 2]],
            "s": [{"x": 1}],
            "m": pa.array([[("k", 1)]], pa.map_("string", "int64")),
        }
    )
    table = decode(body, PARQUET)
    assert list(table.columns) == ["a"]
    assert table.nested.keys() == {"l", "s", "m"}
    assert table.nested["l"].kind.startswith("list")
    only = decode(written({"l": [[1], [2]]}), PARQUET)
    assert (only.rows, list(only.nested)) == (2, ["l"])


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "+05:30", "-00:00", "Mars/Phobos"])
def test_an_instant_is_the_same_in_every_zone(zone: str) -> None:
    instant = dt.datetime(2024, 3, 4, 1, 2, 3, 456789, tzinfo=dt.UTC)
    table = decode(written({"t": pa.array([instant, None], pa.timestamp("us", zone))}), PARQUET)
    assert listed(table.columns["t"]) == [instant, None]


def test_many_row_groups_stay_in_order() -> None:
    body = written({"a": list(range(1_000)), "b": [str(i) for i in range(1_000)]}, row_group_size=7)
    table = decode(body, PARQUET)
    assert listed(table.columns["b"]) == [str(i) for i in range(1_000)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PAR1",
        b"PAR1PAR1",
        b"PAR1" * 10,
        b"a,b\n1,2\n",
        GOOD[:-1],
        GOOD[:-8],
        GOOD[1:],
        GOOD[: len(GOOD) // 2],
        GOOD + b"x",
        GOOD[:-8] + b"\xff\xff\xff\x7fPAR1",
        written({"a": pa.array([], pa.int64())}),
        written(pa.table({})),
    ],
)
def test_what_is_no_whole_file_is_refused(body: bytes) -> None:
    refused(body)


@pytest.mark.parametrize("seed", range(60))
def test_damage_is_refused_or_harmless(seed: int) -> None:
    chance = random.Random(seed)
    body = bytearray(GOOD)
    for _ in range(chance.randint(1, 6)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    try:
        table = decode(bytes(body), PARQUET)
    except LeewayError:
        return
    assert {len(column) for column in rows_of(table).values()} <= {table.rows}


@pytest.mark.parametrize(
    ("values", "row"), [(["x", "a\0b"], 1), (["x", "y", "z" * 9_000], 2)], ids=["NUL", "long"]
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_bad_text_is_named(values: list[str], row: int, kind: pa.DataType) -> None:
    fault = refused(written({"t": pa.array(values, kind)})).faults[0]
    assert (fault.row, fault.field, fault.pointer) == (row, "t", f"/rows/{row}/t")


@pytest.mark.parametrize(("text", "raw"), [("string", "binary"), ("large_string", "large_binary")])
def test_text_that_is_not_utf8_is_named(text: str, raw: str) -> None:
    bytes_ = pa.array([b"good", None, b"\xff"], getattr(pa, raw)())
    wrong = pa.Array.from_buffers(getattr(pa, text)(), 3, bytes_.buffers())
    fault = refused(written({"a": [1, 2, 3], "t": wrong})).faults[0]
    assert (fault.row, fault.field, fault.pointer) == (2, "t", "/rows/2/t")
    assert "UTF-8" in fault.detail


def test_a_name_that_no_database_keeps_is_refused() -> None:
    assert decode(written({"é" * 512: [1]}), PARQUET).columns.keys() == {"é" * 512}
    error = refused(written({"a": [1], "é" * 512 + "x": [1]}))
    assert isinstance(error, TooLarge)
    assert error.faults[0].field == "é" * 64
    error = refused(written({"a": [1], "b\0c": [1]}))
    assert error.faults[0].field == "b\N{SYMBOL FOR NULL}c"
    refused(written({"a": [1], "b\0c": [[1]]}))


def test_an_empty_row_group_is_no_damage() -> None:
    full = pa.table({"a": [1.0, 2.0], "b": ["x", "y"]})
    out = io.BytesIO()
    with pq.ParquetWriter(out, full.schema) as writer:
        for part in (full.slice(0, 0), full, full.slice(0, 0)):
            writer.write_table(part)
    table = decode(out.getvalue(), PARQUET)
    assert listed(table.columns["b"]) == ["x", "y"]


@pytest.mark.parametrize("table", [pa.table({"a": pa.array([], pa.int64())}), pa.table({})])
def test_a_file_without_rows_is_said_to_have_none(table: pa.Table) -> None:
    assert "no rows" in str(refused(written(table)))


def with_rows(body: bytes, rows: int, claimed: int) -> bytes:
    """The same file, whose footer claims another number of rows."""
    begin = len(body) - 8 - int.from_bytes(body[-8:-4], "little")
    told = b"\x16" + varint(2 * rows) + b"\x19"
    assert body[begin:].count(told) == 1
    return body[:begin] + body[begin:].replace(told, b"\x16" + varint(2 * claimed) + b"\x19")


@pytest.mark.parametrize(("rows", "claimed"), [(0, 5), (3, 5), (5, 3)])
def test_a_footer_that_lies_about_rows_is_refused(rows: int, claimed: int) -> None:
    columns = pa.table({"a": pa.array([1.0] * rows, pa.float64())})
    lying = with_rows(written(columns, store_schema=False), rows, claimed)
    assert "sound" in str(refused(lying))


def test_doubled_names_are_refused() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert refused(written(table)).faults[0].field == "a"


@pytest.mark.parametrize(
    "limits",
    [Limits(columns=1), Limits(rows=99), Limits(decoded=799), Limits(text=0), Limits(name=0)],
    ids=["columns", "rows", "bytes", "texts", "names"],
)
def test_limits_hold(limits: Limits) -> None:
    with pytest.raises(TooLarge):
        decode(GOOD, PARQUET, limits)


@pytest.mark.parametrize(
    "columns",
    [
        {"t": pa.array(["x" * 8_000] * 20_000).dictionary_encode()},
        {f"c{i}": pa.array([0.5] * 100_000) for i in range(300)},
        {"t": pa.nulls(9_000_000, pa.int64()), "u": pa.nulls(9_000_000, pa.string())},
    ],
    ids=["one text", "wide", "nulls"],
)
def test_a_small_body_does_not_become_a_huge_table(columns: dict[str, object]) -> None:
    body = written(columns)
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            decode(body, PARQUET, Limits(decoded=64_000_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    assert pa.total_allocated_bytes() - before < 100_000_000


def test_nan_and_infinity_are_values_of_a_float_column() -> None:
    column = decode(written({"a": [math.nan, math.inf, None]}), PARQUET).columns["a"]
    assert repr(listed(column)) == "[nan, inf, None]"


def test_rows_are_numbered_through_all_parts() -> None:
    texts = ["x"] * 70_000
    texts[69_999] = "a\0b"
    assert refused(written({"t": texts})).faults[0].row == 69_999


def test_names_with_dots_are_names() -> None:
    body = written({"a.b": [1], "a": [2], "l": [{"x": 3}], "l.x": [4]})
    table = decode(body, PARQUET)
    assert rows_of(table) == {
        "a.b": [1],
        "a": [2],
        "l.x": [4],
    }


def varint(number: int, width: int = 1) -> bytes:
    """A number as Thrift writes it, padded to a width."""
    out = bytearray()
    while number or len(out) < width:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out[-1] &= 0x7F
    return bytes(out)


def with_lying_footer(body: bytes) -> bytes:
    """The same file, whose footer says that its columns open to a thousand bytes."""
    footer = pq.ParquetFile(pa.BufferReader(body)).metadata
    size = varint(2 * footer.row_group(0).total_byte_size)
    start = len(body) - 8 - int.from_bytes(body[-8:-4], "little")
    assert body[start:].count(size) == 2
    return body[:start] + body[start:].replace(size, varint(2_000, len(size)))


def test_a_footer_that_lies_about_sizes_does_not_buy_memory() -> None:
    column = pa.array([b"\0" * 60_000_000])
    plain = {"compression": "zstd", "use_dictionary": False, "write_statistics": False}
    body = with_lying_footer(written({"a": column}, **plain))
    del column
    assert pq.ParquetFile(pa.BufferReader(body)).metadata.row_group(0).total_byte_size == 1_000
    present = pa.default_memory_pool()
    watched = pa.proxy_memory_pool(pa.system_memory_pool())
    pa.set_memory_pool(watched)
    try:
        with pytest.raises(TooLarge):
            decode(body, PARQUET, Limits(decoded=30_000_000))
    finally:
        pa.set_memory_pool(present)
    assert watched.max_memory() < 10_000_000


@pytest.mark.parametrize("options", [{}, {"data_page_version": "2.0"}, {"data_page_size": 64}])
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "lz4", "brotli"])
def test_pages_say_what_the_footer_says(compression: str, options: dict[str, object]) -> None:
    columns = {
        "a": list(range(5_000)),
        "b": [str(i % 99) for i in range(5_000)],
        "c": pa.nulls(5_000),
    }
    body = written(columns, compression=compression, row_group_size=1_700, **options)
    footer = pq.ParquetFile(pa.BufferReader(body)).metadata
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    claimed = sum(group.total_byte_size for group in groups)
    assert 0 < opened_size(body, chunks_of(body)) <= claimed
    assert opened_size(body, chunks_of(body)) > 0.5 * claimed or options.get("data_page_size")
    assert decode(body, PARQUET).rows == 5_000
