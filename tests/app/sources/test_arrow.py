"""Arrow bodies: typed columns in, coded text stays coded, damage and bombs refused."""

import io
import random
import struct
import tracemalloc
from collections.abc import Mapping

import polars as pl
import pyarrow as pa
import pytest

from app.domain.errors import Invalid, LeewayError, TooLarge
from app.domain.rows.flat import flat_of
from app.sources.formats import FORMATS, Limits, decode, from_arrow
from app.sources.formats._messages import claims_of
from app.sources.formats._sound import sound
from drift_core import Coded
from tests.app.sources.columns import listed, rows_of

ARROW = "application/vnd.apache.arrow.stream"
Columns = Mapping[str, object] | pa.Table


def table_of(columns: Columns) -> pa.Table:
    return columns if isinstance(columns, pa.Table) else pa.table(dict(columns))


def stream(columns: Columns, batch: int | None = None, **options: object) -> bytes:
    table, out = table_of(columns), io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=batch)
    return out.getvalue()


def file(columns: Columns, **options: object) -> bytes:
    table, out = table_of(columns), io.BytesIO()
    with pa.ipc.new_file(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return out.getvalue()


MIXED = {
    "n": [1, None, 3],
    "x": [1.5, None, -0.0],
    "t": ["a", None, "b"],
    "c": pa.array(["x", None, "x"]).dictionary_encode(),
    "b": [True, None, False],
}
EXPECTED = {
    "n": [1, None, 3],
    "x": [1.5, None, -0.0],
    "t": ["a", None, "b"],
    "c": ["x", None, "x"],
    "b": [True, None, False],
}
GOOD = stream({"a": list(range(100)), "b": [f"text {i}" for i in range(100)]})


def refused(body: bytes, limits: Limits | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        decode(body, ARROW, limits)
    assert caught.value.faults
    return caught.value


@pytest.mark.parametrize("media_type", FORMATS[ARROW].media_types)
@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
@pytest.mark.parametrize("write", [stream, file])
def test_reads_typed_columns(media_type: str, compression: str | None, write: object) -> None:
    body = write(MIXED, compression=compression)  # type: ignore[operator]
    table = decode(body, media_type)
    assert rows_of(table) == EXPECTED
    assert (table.rows, table.untyped) == (3, False)


@pytest.mark.parametrize("write", [pl.DataFrame.write_ipc, pl.DataFrame.write_ipc_stream])
@pytest.mark.parametrize("level", ["oldest", "newest"])
def test_reads_what_polars_writes(write: object, level: str) -> None:
    out = io.BytesIO()
    frame = pl.DataFrame({"t": ["a", None, "x" * 40], "n": [1, 2, None]})
    compat = getattr(pl.CompatLevel, level)()
    write(frame, out, compat_level=compat)  # type: ignore[operator]
    assert rows_of(decode(out.getvalue(), ARROW)) == frame.to_dict(as_series=False)


def test_dictionaries_stay_coded() -> None:
    column = decode(stream(MIXED), ARROW).columns["c"]
    assert isinstance(column, Coded)
    assert column.codes.tolist() == [0, -1, 0]


@pytest.mark.parametrize("index", [pa.int8(), pa.uint8(), pa.uint16(), pa.int64()])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_any_index_and_text_will_do(index: pa.DataType, kind: pa.DataType) -> None:
    codes = pa.array([2, None, 0, 1, 2], index)
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["a", None, "1.0"], kind))
    expected = ["1.0", None, "a", None, "1.0"]
    assert listed(decode(stream({"c": column}), ARROW).columns["c"]) == expected
    sliced = pa.table({"c": column}).slice(2)
    assert listed(from_arrow(sliced, Limits()).columns["c"]) == expected[2:]


def test_dictionaries_may_differ_from_batch_to_batch() -> None:
    parts = [pa.array(values).dictionary_encode() for values in (["a", "b"], ["b", "c"], ["a"])]
    column = pa.chunked_array(parts)
    body = stream(pa.table({"c": column}), emit_dictionary_deltas=False)
    assert listed(decode(body, ARROW).columns["c"]) == ["a", "b", "b", "c", "a"]


def test_other_dictionaries_are_spelled_out() -> None:
    body = stream({"c": pa.array([1.5, None, 1.5]).dictionary_encode()})
    assert listed(decode(body, ARROW).columns["c"]) == [1.5, None, 1.5]


def test_nested_and_strange_columns_are_named_and_not_read() -> None:
    columns = {
        "a": [1],
        "l": [[1, 2]],
        "s": [{"x": 1}],
        "m": pa.array([[("k", 1)]], pa.map_("string", "int64")),
        "d": pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    }
    table = decode(stream(columns), ARROW)
    assert list(table.columns) == ["a"]
    assert list(table.nested) == ["l", "s", "m", "d"]


def test_rows_without_a_nested_value_are_known() -> None:
    columns = {
        "l": pa.array([[1], None, [], None]),
        "s": pa.array([None, {"x": 1}, {"x": None}, None]),
        "whole": [[1]] * 4,
    }
    for body in (stream(columns), file(columns)):
        nested = decode(body, ARROW).nested
        present = {name: one.present for name, one in nested.items() if one.present is not None}
        assert {name: rows.tolist() for name, rows in present.items()} == {
            "l": [True, False, True, False],
            "s": [False, True, True, False],
        }
    batches = decode(stream(columns, batch=3), ARROW).nested["l"].present
    assert batches is not None
    assert batches.tolist() == [True, False, True, False]


def test_a_slice_is_only_its_own_rows() -> None:
    whole = pa.table({"t": ["a\0", "b", "c"], "n": [1, 2, 3]})
    assert rows_of(from_arrow(whole.slice(1), Limits())) == {"t": ["b", "c"], "n": [2, 3]}
    batch = whole.slice(1, 1).to_batches()[0]
    assert rows_of(from_arrow(batch, Limits())) == {"t": ["b"], "n": [2]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ARROW1",
        b"ARROW1\0\0",
        b"\xff\xff\xff\xff\0\0\0\0",
        GOOD[:4],
        GOOD[:200],
        GOOD[: len(GOOD) // 2],
        b"x" * 1_000,
        b"\0" * 64,
        b"\xff" * 64,
        b"PAR1PAR1",
        file({"a": [1]})[:-3],
        stream({"a": pa.array([], pa.int64())}),
        stream(pa.table({})),
    ],
)
def test_what_is_no_whole_stream_is_refused(body: bytes) -> None:
    refused(body)


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
@pytest.mark.parametrize("seed", range(60))
def test_damage_is_refused_or_harmless(seed: int, compression: str | None) -> None:
    chance = random.Random(seed)
    body = bytearray(stream({**MIXED, "l": [[1], [], None]}, compression=compression))
    for _ in range(chance.randint(1, 6)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    try:
        table = decode(bytes(body), ARROW)
    except LeewayError:
        return
    assert {len(column) for column in rows_of(table).values()} <= {table.rows}


def test_every_cut_is_refused_or_whole_batches() -> None:
    body = stream({"t": [f"x{i}" for i in range(20)]}, batch=5)
    for cut in range(len(body)):
        try:
            table = decode(body[:cut], ARROW)
        except LeewayError:
            continue
        assert table.rows in {5, 10, 15, 20}


@pytest.mark.parametrize(
    ("values", "row"), [(["x", "a\0b"], 1), (["x", "y", "z" * 9_000], 2)], ids=["NUL", "long"]
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("coded", [False, True])
def test_bad_text_is_named(values: list[str], row: int, kind: pa.DataType, coded: bool) -> None:
    array = pa.array(values, kind)
    array = pa.array(values).dictionary_encode() if coded else array
    fault = refused(stream({"t": array})).faults[0]
    assert (fault.row, fault.field, fault.pointer) == (row, "t", f"/rows/{row}/t")


@pytest.mark.parametrize(("text", "raw"), [("string", "binary"), ("large_string", "large_binary")])
@pytest.mark.parametrize("coded", [False, True])
def test_text_that_is_not_utf8_is_named(text: str, raw: str, coded: bool) -> None:
    bytes_ = pa.array([b"good", None, b"\xff"], getattr(pa, raw)())
    wrong = pa.Array.from_buffers(getattr(pa, text)(), 3, bytes_.buffers())
    if coded:
        wrong = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), wrong)
    fault = refused(stream({"a": [1, 2, 3], "t": wrong})).faults[0]
    assert (fault.row, fault.field, fault.pointer) == (2, "t", "/rows/2/t")
    assert "UTF-8" in fault.detail


@pytest.mark.parametrize("offsets", [[0, 9_999, 3], [0, -5, 3], [2, 1, 3]])
@pytest.mark.parametrize("coded", [False, True])
def test_offsets_that_lead_elsewhere_are_refused(offsets: list[int], coded: bool) -> None:
    buffers = [None, pa.py_buffer(struct.pack("<3i", *offsets)), pa.py_buffer(b"abc")]
    wrong = pa.Array.from_buffers(pa.string(), 2, buffers)
    if coded:
        wrong = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), wrong)
    with pytest.raises(Invalid):
        from_arrow(pa.table({"t": wrong}), Limits())


@pytest.mark.parametrize("codes", [[0, 2], [-1, 0], [100, 0]])
def test_codes_that_lead_elsewhere_are_refused(codes: list[int]) -> None:
    wrong = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), ["a", "b"], safe=False)
    refused(stream({"c": wrong}))


@pytest.mark.parametrize("length", [-1, 13, 2**31 - 1])
@pytest.mark.parametrize("kind", [pa.string_view(), pa.binary_view()])
@pytest.mark.parametrize("coded", [False, True])
def test_what_views_of_missing_texts_say_is_not_heeded(
    length: int, kind: pa.DataType, coded: bool
) -> None:
    views = struct.pack("<i12s", 1, b"b") * 2 + struct.pack("<i4sii", length, b"abcd", 7, 9)
    buffers = [pa.py_buffer(b"\x03"), pa.py_buffer(views), pa.py_buffer(b"x" * 20)]
    column = pa.Array.from_buffers(kind, 2, buffers, offset=1)
    if coded:
        column = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int8()), column, ordered=True)
    found = sound(pa.chunked_array([column])).chunk(0)
    texts = found.dictionary if coded else found
    assert found.type == column.type
    assert texts.buffers()[1].to_pybytes() == views[:32] + bytes(16)
    if not (coded and pa.types.is_binary_view(kind)):
        expected = ["b", None] if pa.types.is_string_view(kind) else [b"b", None]
        table = from_arrow(pa.table({"t": column}), Limits())
        assert listed(table.columns["t"]) == (expected[::-1] if coded else expected)


@pytest.mark.parametrize("length", [-1, -(2**63), 2**62])
def test_a_dictionary_of_no_possible_length_is_refused(length: int) -> None:
    body = stream({"c": pa.array(["x", "y", "x"]).dictionary_encode()})
    described = struct.pack("<qq", 2, 0)
    assert described in body
    wrong = body.replace(described, struct.pack("<qq", length, 0), 1)
    assert refused(wrong).faults[0].detail == "damaged columns"


@pytest.mark.parametrize("kind", [pa.float64(), pa.int32(), pa.timestamp("us"), pa.timestamp("ns")])
@pytest.mark.parametrize("more", [1, 3, 5])
def test_a_buffer_may_end_amid_an_item(kind: pa.DataType, more: int) -> None:
    data = pa.py_buffer(bytes(3 * kind.byte_width + more))
    odd = pa.Array.from_buffers(kind, 2, [None, data], offset=1)
    column = flat_of(from_arrow(pa.table({"x": odd}), Limits()).columns)["x"]
    if pa.types.is_timestamp(kind):
        found = column.micros(None)
    else:
        numbers = column.numbers()
        found = numbers and numbers.values
    assert found is not None
    assert found.tolist() == [0, 0]


@pytest.mark.parametrize(("kind", "width"), [(pa.string(), 4), (pa.large_string(), 8)])
def test_offsets_may_end_amid_one(kind: pa.DataType, width: int) -> None:
    offsets = b"".join(i.to_bytes(width, "little") for i in range(4))
    buffers = [None, pa.py_buffer(offsets + b"\0"), pa.py_buffer(b"abc")]
    odd = pa.Array.from_buffers(kind, 2, buffers, offset=1)
    assert listed(from_arrow(pa.table({"t": odd}), Limits()).columns["t"]) == ["b", "c"]


def test_names_are_held() -> None:
    assert decode(stream({"é" * 512: [1]}), ARROW).columns.keys() == {"é" * 512}
    error = refused(stream({"a": [1], "é" * 512 + "x": [1]}))
    assert isinstance(error, TooLarge)
    assert error.faults[0].field == "é" * 64
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert refused(stream(table)).faults[0].field == "a"


@pytest.mark.parametrize(
    "limits",
    [Limits(columns=1), Limits(rows=99), Limits(decoded=799), Limits(text=0), Limits(name=0)],
    ids=["columns", "rows", "bytes", "texts", "names"],
)
def test_limits_hold(limits: Limits) -> None:
    with pytest.raises(TooLarge):
        decode(GOOD, ARROW, limits)


@pytest.mark.parametrize(
    "columns",
    [
        {"t": pa.array(["x" * 8_000] * 20_000).dictionary_encode()},
        {f"c{i}": pa.nulls(1_000_000, pa.null()) for i in range(100)},
        {"t": pa.nulls(9_999_999), "u": pa.nulls(9_999_999)},
    ],
    ids=["one text", "wide", "nulls"],
)
def test_a_small_body_does_not_become_a_huge_table(columns: dict[str, object]) -> None:
    body = stream(columns)
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            decode(body, ARROW, Limits(decoded=64_000_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    assert pa.total_allocated_bytes() - before < 100_000_000


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_a_packed_buffer_opens_only_within_the_limit(compression: str) -> None:
    column = pa.array([b"\0" * 60_000_000])
    body = stream({"a": column}, compression=compression)
    del column
    assert claims_of(memoryview(body)).opened > 60_000_000
    present = pa.default_memory_pool()
    watched = pa.proxy_memory_pool(pa.system_memory_pool())
    pa.set_memory_pool(watched)
    try:
        with pytest.raises(TooLarge):
            decode(body, ARROW, Limits(decoded=30_000_000))
    finally:
        pa.set_memory_pool(present)
    assert watched.max_memory() < 10_000_000


def test_many_tiny_messages_are_refused() -> None:
    body = stream({"a": list(range(10_001))}, batch=1)
    assert "sound" in str(refused(body))


def test_claims_are_what_is_read() -> None:
    body = stream({"a": list(range(1_000)), "t": ["x" * 100] * 1_000}, batch=300)
    claims = claims_of(memoryview(body))
    table = pa.ipc.open_stream(body).read_all()
    assert claims.rows == 1_000
    assert claims.opened >= table.get_total_buffer_size()
    assert claims.opened < 1.1 * len(body)
