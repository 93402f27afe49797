"""Files of every kind read to the same columns, in pieces that add up to the whole."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from app.domain.batch import Table
from app.domain.errors import Invalid, Unsupported
from app.domain.rows.joining import joined
from app.sources.files import open_file
from app.sources.files.text import csv_tables, ndjson_tables
from tests.app.sources.columns import rows_of, typed

FRAME = pl.DataFrame(
    {"size": [1.5, None, 3.0, 4.25], "colour": ["red", "a,b", None, 'say "hi"\nthere']}
)
ROWS = [{k: v for k, v in row.items() if v is not None} for row in FRAME.to_dicts()]


def parquet(path: Path) -> None:
    FRAME.write_parquet(path, row_group_size=2)


def ndjson(path: Path) -> None:
    path.write_text("\n\n".join(json.dumps(row) for row in ROWS))


WRITERS: dict[str, Callable[[Path], object]] = {
    "rows.csv": FRAME.write_csv,
    "rows.parquet": parquet,
    "rows.feather": FRAME.write_ipc,
    "rows.json": lambda path: path.write_text(json.dumps(FRAME.to_dicts())),
    "columns.json": lambda path: path.write_text(
        json.dumps({"columns": FRAME.to_dict(as_series=False)})
    ),
    "rows.ndjson": ndjson,
}


def read(path: Path) -> Table:
    return joined([piece.table for piece in open_file(path).pieces()])


def plain(table: Table) -> dict[str, list[object]]:
    columns = rows_of(table)
    if table.untyped:
        columns["size"] = [x and float(str(x)) for x in columns["size"]]
    return columns


@pytest.fixture(params=WRITERS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    WRITERS[request.param](path)
    return path


def test_every_format_gives_the_same_columns(written: Path) -> None:
    assert plain(read(written)) == FRAME.to_dict(as_series=False)


@pytest.mark.parametrize("packed", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_packed_files_are_told_by_their_content(
    written: Path, packed: Callable[[bytes], bytes]
) -> None:
    written.write_bytes(packed(written.read_bytes()))
    assert plain(read(written)) == FRAME.to_dict(as_series=False)


@pytest.mark.parametrize("name", ["rows.parquet", "rows.feather", "rows.json"])
def test_without_a_suffix_the_first_bytes_tell(tmp_path: Path, name: str) -> None:
    path = tmp_path / "rows"
    WRITERS[name](path)
    assert plain(read(path)) == FRAME.to_dict(as_series=False)


def test_an_unknown_format_says_which_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(b"PK\3\4")
    with pytest.raises(Unsupported, match=r"\.parquet"):
        open_file(path)


@pytest.mark.parametrize("block", [1, 7, 40, 10_000])
def test_csv_is_cut_between_records_and_never_inside_of_quotes(block: int) -> None:
    text = FRAME.write_csv() + '5,"one\ntwo\n""three"""\n6,end'
    whole = joined(list(csv_tables(io.BytesIO(text.encode()), 1 << 20)))
    cut = joined(list(csv_tables(io.BytesIO(text.encode()), block)))
    assert plain(cut) == plain(whole)
    assert cut.rows == 6


def test_a_header_may_hold_line_ends() -> None:
    text = b'"a\nb",c\n1,2\n3,4\n'
    tables = list(csv_tables(io.BytesIO(text), 4))
    assert [list(table.columns) for table in tables] == [["a\nb", "c"]] * len(tables)
    assert joined(tables).rows == 2


@pytest.mark.parametrize("block", [1, 7, 10_000])
@pytest.mark.parametrize(
    "text",
    [
        b"a,b\r1,2\n3,4\n5,6\n",
        b"a,b\r1,2\r3,4\r5,6\r",
        b'a"b,c"\n1,2\n3,4\n5,6\n',
        b'a,"b\r\n"\r\n1,2\r\n3,4\r\n5,6',
    ],
)
def test_no_row_is_lost_to_a_header(text: bytes, block: int) -> None:
    assert joined(list(csv_tables(io.BytesIO(text), block))).rows == 3


def test_a_quote_inside_of_a_header_cuts_no_record_in_two() -> None:
    with pytest.raises(Invalid, match="a quote is not closed"):
        list(csv_tables(io.BytesIO(b'a"b\n"1\n2"\n'), 1))


@pytest.mark.parametrize("block", [1, 2, 5, 100])
def test_blank_lines_are_no_rows_wherever_a_block_is_cut(block: int) -> None:
    tables = list(csv_tables(io.BytesIO(b"a,b\n1,2\n\n\n\n\n3,4\n\n\n"), block))
    assert joined(tables).rows == 2


def test_columns_that_a_piece_lacks_are_missing_there() -> None:
    lines = b'{"a": 1}\n{"a": 2, "b": "x"}\n{"b": "y"}\n'
    tables = list(ndjson_tables(io.BytesIO(lines), 1))
    assert len(tables) == 3
    found = joined(tables)
    assert found.columns == {"a": [1, 2, None], "b": [None, "x", "y"]}


@pytest.mark.parametrize("read_lines", [csv_tables, ndjson_tables])
def test_faults_count_rows_from_the_start_of_the_file(read_lines: Callable[..., object]) -> None:
    good, bad = (b"1,2\n", b"1,2,3\n") if read_lines is csv_tables else (b"{}\n", b"[]\n")
    head = b"a,b\n" if read_lines is csv_tables else b""
    file = io.BytesIO(head + good * 50 + bad + good * 50)
    with pytest.raises(Invalid) as refused:
        list(read_lines(file, 16))  # type: ignore[call-overload]
    assert [fault.row for fault in refused.value.faults] == [50]


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.ndjson", "a.parquet", "a.arrow"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00nonsense\x00"])
def test_nothing_and_nonsense_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid):
        list(open_file(path).pieces())


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("cut", [2, 8, 20])
def test_a_cut_packed_file_is_refused(
    tmp_path: Path, pack: Callable[[bytes], bytes], cut: int
) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(pack(FRAME.write_csv().encode())[:-cut])
    with pytest.raises(Invalid, match="cut short"):
        list(open_file(path).pieces())


@pytest.mark.parametrize("name", ["rows.parquet", "rows.feather"])
def test_damage_inside_is_refused_or_leaves_the_rows_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    sound = path.read_bytes()
    refused = 0
    for at in range(8, len(sound), 7):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :])
        try:
            read(path)
        except Invalid:
            refused += 1
    assert refused > 10


def test_odd_arrow_types_become_plain_ones_and_nested_ones_are_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.parquet"
    columns = {
        "level": pa.array(["a", "b", "a"]).dictionary_encode(),
        "price": pa.array([1, 2, 3]).cast(pa.decimal128(25, 2)),
        "when": pa.array([1, 2, 3], pa.timestamp("us", "+02:00")),
        "tags": pa.array([[1], [], None], pa.list_(pa.int8())),
    }
    pq.write_table(pa.table(columns), path)
    found = read(path)
    kinds = {n: typed(c).dtype for n, c in found.columns.items()}
    assert kinds["level"] == pl.String
    assert kinds["price"] == pl.Float64
    assert kinds["when"] == pl.Datetime("us", "UTC")
    assert list(found.nested) == ["tags"]


def test_doubled_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.arrow"
    table = pa.table([pa.array([1]), pa.array([2])], names=["x", "x"])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(Invalid, match="same name"):
        read(path)


def test_how_far_it_has_been_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    FRAME.write_csv(path)
    assert [piece.done for piece in open_file(path).pieces()] == [1.0]
