"""The short way through Arrow streams: what it takes it reads as the long way does."""

import io
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Invalid
from app.domain.model import Feature, Kind, Precision
from app.domain.rows.flat import Bodies, countable_of, flat_of
from app.sources.formats import Limits, from_arrow
from app.sources.formats._arrow import REFUSED
from app.sources.formats._layout import SCHEMA_BYTES, read_plain
from app.sources.formats._messages import END, LEGACY_END
from app.sources.formats._spec import COLUMNAR

TIME = pa.timestamp("us", "UTC")
KINDS = {
    **{str(kind): pa.array([1, 2, 3], kind) for kind in (pa.int8(), pa.int64(), pa.uint32())},
    **{str(kind): pa.array([0.5, -0.0, 2], kind) for kind in (pa.float32(), pa.float64())},
    "text": pa.array(["a", "", "level 3"]),
    "long text": pa.array(["a", "bc", ""], pa.large_string()),
    "time": pa.array([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)], TIME),
    "nanoseconds": pa.array([1, 1_001, 2_000], pa.timestamp("ns")),
}
PLAIN = pa.table(KINDS)


def stream(table: pa.Table, batch: int | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=batch)
    return out.getvalue()


def long_way(body: bytes) -> dict[str, object]:
    table = from_arrow(pa.ipc.open_stream(body).read_all(), COLUMNAR)
    return {name: (column.dtype, column.to_list()) for name, column in table.columns.items()}  # type: ignore[union-attr]


def short_way(body: bytes) -> dict[str, object] | None:
    table = read_plain(body, COLUMNAR)
    if table is None:
        return None
    assert len(flat_of(table.columns)) == len(table.columns)
    return {name: (column.dtype, column.to_list()) for name, column in table.columns.items()}  # type: ignore[union-attr]


@pytest.mark.parametrize("name", KINDS)
def test_each_plain_type_is_read_as_the_long_way_reads_it(name: str) -> None:
    body = stream(PLAIN.select([name]))
    found = short_way(body)
    assert found is not None
    assert found == long_way(body)


def test_columns_lie_where_the_body_has_them() -> None:
    body = stream(PLAIN)
    table = read_plain(body, COLUMNAR)
    assert table is not None
    assert table.rows == 3
    numbers = flat_of(table.columns)["double"].numbers()
    assert numbers is not None
    assert np.shares_memory(numbers.values, np.frombuffer(body, np.uint8))


@pytest.mark.parametrize("end", [END, LEGACY_END])
def test_a_stream_ends_with_its_mark(end: bytes) -> None:
    body = stream(PLAIN).removesuffix(END) + end
    assert short_way(body) == long_way(body) is not None


@pytest.mark.parametrize("end", [b"", END[:4], END[:7], END + b"\0", END + END, LEGACY_END + END])
def test_what_does_not_is_left_to_the_long_way(end: bytes) -> None:
    assert short_way(stream(PLAIN).removesuffix(END) + end) is None


OTHERS = {
    "a missing value": stream(pa.table({"n": [1, None]})),
    "two batches": stream(PLAIN, 2),
    "compression": stream(PLAIN, compression="zstd"),
    "a dictionary": stream(pa.table({"c": pa.array(["a"]).dictionary_encode()})),
    "views": stream(pa.table({"c": pa.array(["a"], pa.string_view())})),
    "truths": stream(pa.table({"b": [True]})),
    "whole seconds": stream(pa.table({"t": pa.array([1], pa.timestamp("s"))})),
    "a list": stream(pa.table({"n": [1], "l": [[1]]})),
    "other letters": stream(pa.table({"c": ["\u00fc"]})),
    "a byte of nothing": stream(pa.table({"c": ["a\0"]})),
    "a long text": stream(pa.table({"c": ["a" * 9_000]})),
    "an older version": stream(PLAIN, metadata_version=pa.ipc.MetadataVersion.V4),
    "no rows": stream(PLAIN.slice(0, 0)),
    "no columns": stream(pa.table({})),
    "names twice": stream(pa.Table.from_arrays([pa.array([1])] * 2, ["n", "n"])),
    "a long schema": stream(pa.table({f"column {i}": [1] for i in range(SCHEMA_BYTES // 40)})),
    "half": stream(PLAIN)[:-200],
    "a schema and no more": stream(PLAIN.slice(0, 0)).removesuffix(b"\xff\xff\xff\xff\0\0\0\0"),
    "no stream": b"ARROW1\0\0",
}


@pytest.mark.parametrize("what", OTHERS)
def test_whatever_else_comes_is_left_to_the_long_way(what: str) -> None:
    assert read_plain(OTHERS[what], COLUMNAR) is None


@pytest.mark.parametrize(
    "limits",
    [Limits(rows=2), Limits(decoded=100), Limits(columns=8), Limits(name=3), Limits(text=6)],
)
def test_so_is_what_is_beyond_a_limit(limits: Limits) -> None:
    assert read_plain(stream(PLAIN), limits) is None


@given(st.integers(0, len(stream(PLAIN)) - 1), st.integers(1, 255))
def test_a_wrong_byte_is_read_as_the_long_way_reads_it_or_not_at_all(at: int, change: int) -> None:
    body = bytearray(stream(PLAIN))
    body[at] ^= change
    found = short_way(bytes(body))
    try:
        expected = long_way(bytes(body))
    except (Invalid, *REFUSED):
        assert found is None
    else:
        assert found is None or repr(found) == repr(expected)


def test_columns_are_joined_end_to_end() -> None:
    once, twice = (read_plain(stream(part), COLUMNAR) for part in (PLAIN, PLAIN.slice(1)))
    assert once is not None
    assert twice is not None
    whole = pa.concat_tables([PLAIN, PLAIN.slice(1), PLAIN])
    for name in KINDS:
        first, second = flat_of(once.columns)[name], flat_of(twice.columns)[name]
        assert first.likeness() == second.likeness()
        joined = first.joined([second, first], Bodies())
        assert joined.series().to_list() == pl.Series(whole[name]).to_list()
        assert joined.series().dtype == first.series().dtype


@pytest.mark.parametrize("name", ["float", "double", "int64", "uint32", "int8"])
@pytest.mark.parametrize("precision", Precision)
def test_numbers_are_counted_as_wide_as_the_long_way_counts_them(
    name: str, precision: Precision
) -> None:
    body = stream(PLAIN.select([name]))
    feature = Feature(name, Kind.NUMERIC, precision=precision)
    long = from_arrow(pa.ipc.open_stream(body).read_all(), COLUMNAR)
    short = read_plain(body, COLUMNAR)
    assert short is not None
    found, expected = (
        countable_of(flat_of(table.columns)[name], feature) for table in (short, long)
    )
    assert found.values.dtype == expected.values.dtype  # type: ignore[union-attr]
    np.testing.assert_array_equal(found.values, expected.values)  # type: ignore[union-attr]
