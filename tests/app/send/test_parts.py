"""Parts of a file, put together again, are the file."""

import csv
import gzip
import io
import json
from pathlib import Path

import msgspec
import polars as pl
import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.send.order import Stop
from app.send.part import Part
from app.send.reading import read
from app.send.text_parts import csv_parts, ndjson_parts

ROWS = [{"t": row, "x": row / 4, "c": f"level {row % 3}"} for row in range(25)]
FRAME = pl.DataFrame(ROWS)
SIZES = [10, 10, 5]


def _parts(path: Path, rows: int = 10) -> list[Part]:
    found = [part for part, _ in read(path).parts(rows)]
    assert [part.number for part in found] == list(range(len(found)))
    starts = [sum(part.rows for part in found[:number]) for number in range(len(found))]
    assert [part.first_row for part in found] == starts
    return found


def _decoded(part: Part) -> list[dict[str, object]]:
    match part.media_type:
        case "text/csv":
            return pl.read_csv(part.body).to_dicts()
        case "application/x-ndjson":
            return [json.loads(line) for line in part.body.splitlines()]
        case "application/json":
            found = json.loads(part.body)
            return found if isinstance(found, list) else pl.DataFrame(found["columns"]).to_dicts()
        case _:
            return pa.ipc.open_stream(part.body).read_all().to_pylist()


def _write(folder: Path, name: str) -> Path:
    path = folder / name
    match name.split(".")[1]:
        case "csv":
            path.write_bytes(FRAME.write_csv().encode())
        case "ndjson":
            path.write_bytes(FRAME.write_ndjson().encode())
        case "json":
            path.write_bytes(json.dumps(ROWS, indent=1).encode())
        case "parquet":
            FRAME.write_parquet(path, row_group_size=7)
        case "arrow":
            FRAME.write_ipc(path, record_batch_size=7)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    if name.endswith(".zst"):
        path.write_bytes(zstandard.compress(path.read_bytes()))
    return path


NAMES = [
    f"rows.{kind}{packed}"
    for kind in ("csv", "ndjson", "json", "parquet", "arrow")
    for packed in ("", ".gz", ".zst")
]


@pytest.mark.parametrize("name", NAMES)
def test_every_format_comes_in_parts_of_so_many_rows(tmp_path: Path, name: str) -> None:
    parts = _parts(_write(tmp_path, name))
    assert [part.rows for part in parts] == SIZES
    assert [row for part in parts for row in _decoded(part)] == ROWS


@pytest.mark.parametrize("body", [{"rows": ROWS}, {"columns": FRAME.to_dict(as_series=False)}])
def test_json_objects_of_rows_or_columns_are_cut_too(tmp_path: Path, body: object) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(msgspec.json.encode(body))
    parts = _parts(path)
    assert [part.rows for part in parts] == SIZES
    assert [row for part in parts for row in _decoded(part)] == ROWS


def test_numbers_in_json_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(b'[{"x": 0.10000000000000000555}, {"x": 1e-400}, {"x": 1.0}]')
    first, last = _parts(path, 2)
    assert first.body == b'[{"x": 0.10000000000000000555},{"x": 1e-400}]'
    assert last.body == b'[{"x": 1.0}]'


BODIES = {
    "rows.csv": b"a,b\r\n1,2\r\n",
    "rows.ndjson": b'{"a": 1}\n{"a": 2}',
    "list.json": b' [ {"a": 1} ]\n',
    "rows.json": b'{"rows": [{"a": 1}]}',
    "columns.json": b'{"columns": {"a": [1, 2]}}',
}


@pytest.mark.parametrize("name", BODIES)
def test_one_batch_of_text_is_the_file_to_the_byte(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BODIES[name])
    (part,) = _parts(tmp_path / name)
    assert part.whole
    assert part.body == BODIES[name]


def test_only_a_part_that_is_all_of_its_file_is_whole(tmp_path: Path) -> None:
    path = _write(tmp_path, "rows.csv")
    assert [part.whole for part in _parts(path, 25)] == [True]
    assert [part.whole for part in _parts(path, 24)] == [False, False]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=30), st.integers(1, 7))
def test_csv_is_cut_between_records_whatever_they_hold(
    rows: list[tuple[str, str]], most: int
) -> None:
    sink = io.StringIO(newline="")
    csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("a", "b"), *rows])
    parts = list(csv_parts(io.BytesIO(sink.getvalue().encode()), most))
    assert [part.rows for part in parts[:-1]] == [most] * (len(parts) - 1)
    read_back = []
    for part in parts:
        header, *found = csv.reader(io.StringIO(part.body.decode(), newline=""))
        assert header == ["a", "b"]
        assert len(found) == part.rows
        read_back += [tuple(row) for row in found]
    assert read_back == rows


def test_a_row_is_found_again_by_its_line_where_it_has_one() -> None:
    plain = list(csv_parts(io.BytesIO(b"a\n1\n2\n3\n"), 2))
    assert [part.place(0) for part in plain] == ["row 1 (line 2)", "row 3 (line 4)"]
    broken = list(csv_parts(io.BytesIO(b'a\n"1\n1"\n2\n3\n'), 2))
    assert [part.place(1) for part in broken][:1] == ["row 2"]
    gaps = list(ndjson_parts(io.BytesIO(b'{"a":1}\n\n{"a":2}\n'), 2))
    assert [part.place(1) for part in gaps] == ["row 2"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("rows.json", b'{"strange": 1}'),
        ("rows.json", b"[1, 2"),
        ("rows.json", b'{"columns": {"a": [1], "b": [1, 2]}}'),
        ("rows.parquet", b"PAR1 but nothing more"),
        ("rows.arrow", b"ARROW1 but nothing more"),
        ("rows.csv.gz", gzip.compress(b"a\n1\n" * 1_000, mtime=0)[:-30]),
        ("rows.ndjson.zst", zstandard.compress(b'{"a": 1}\n' * 100_000)[:-8]),
        ("rows.what", b"\xff\xfe"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, body: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(Stop, match=name):
        list(read(path).parts(10))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="nowhere"):
        read(tmp_path / "nowhere.csv")
