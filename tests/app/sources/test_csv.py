"""CSV bodies: a header, commas, UTF-8; everything else is refused with its row."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Invalid, LeewayError, TooLarge
from app.sources.formats import Limits, decode
from app.sources.formats import csv as csv_format
from tests.app.sources.columns import rows_of

CSV = "text/csv"


def columns(body: bytes) -> dict[str, list[str | None]]:
    table = decode(body, CSV)
    assert table.untyped
    return {name: column.to_list() for name, column in table.columns.items()}  # type: ignore[union-attr]


def refused(body: bytes, limits: Limits | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        decode(body, CSV, limits)
    assert caught.value.faults
    return caught.value


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a,b\n1,x\n2,y\n", {"a": ["1", "2"], "b": ["x", "y"]}),
        (b"a,b\r\n1,x\r\n2,y", {"a": ["1", "2"], "b": ["x", "y"]}),
        (b"\xef\xbb\xbfa,b\n1,x\n", {"a": ["1"], "b": ["x"]}),
        (b'a,b\n1,""\n,y\n', {"a": ["1", None], "b": [None, "y"]}),
        (b'a,b\n1,"x\ny, ""z"""\n', {"a": ["1"], "b": ['x\ny, "z"']}),
        (b"a,b\n\n1,x\n\n2,y\n\n", {"a": ["1", "2"], "b": ["x", "y"]}),
        (b"a\n1\n\n2\n", {"a": ["1", None, "2"]}),
        (b'"a b","c,d","e\nf"\n1,2,3\n', {"a b": ["1"], "c,d": ["2"], "e\nf": ["3"]}),
        (b"a,b\n007,1.0\n", {"a": ["007"], "b": ["1.0"]}),
        (b"a,b\n NaN ,null\n", {"a": [" NaN "], "b": ["null"]}),
        (b"a,b\n=cmd,'\n", {"a": ["=cmd"], "b": ["'"]}),
        ("a,\u00e9\n\u20ac,\U0001f600\n".encode(), {"a": ["\u20ac"], "\u00e9": ["\U0001f600"]}),
        (b"a,\n1,2\n", {"a": ["1"], "": ["2"]}),
    ],
)
def test_reads_text(body: bytes, expected: dict[str, list[str | None]]) -> None:
    assert columns(body) == expected


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"a,b\n1\n", [0]),
        (b"a,b\n1,2\n1,2,3\n4\n", [1, 2]),
        (b'a,b\n"1\n1",2\n\n3\n', [1]),
        (b"a,b\n" + b"1,22222\n" * 300_000 + b"1\n", [300_000]),
        (b"a;b,c\n1;2\n", [0]),
    ],
    ids=["short", "long", "after quoted newline", "far down", "semicolon"],
)
def test_ragged_rows_are_named(body: bytes, rows: list[int]) -> None:
    error = refused(body)
    assert [fault.row for fault in error.faults] == rows
    assert error.faults[0].pointer == f"/rows/{rows[0]}"


@pytest.mark.parametrize(
    ("body", "row", "field"),
    [
        (b"a,b\n1,x\n2,y\x00\n", 1, "b"),
        (b"a,b\n1,caf\xe9\n", 0, "b"),
        (b"a,b\n1,x\n2,\xc0\x80\n", 1, "b"),
        (b"a,b\n1,\xed\xa0\x80\n", 0, "b"),
        (b"a,b\n" + b"y" * 9_000 + b",1\n", 0, "a"),
    ],
    ids=["NUL", "latin 1", "overlong", "surrogate", "too long"],
)
def test_bad_text_is_named(body: bytes, row: int, field: str) -> None:
    fault = refused(body).faults[0]
    assert (fault.row, fault.field, fault.pointer) == (row, field, f"/rows/{row}/{field}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"  ",
        b"\xef\xbb\xbf",
        b"a,b",
        b"a,b\n",
        b"a,b\n\n\n",
        b"\na,b\n1,2\n",
        b'a,b\n1,"x\n',
        b'a,b\n1,x"y\n',
        b"a,b,a\n1,2,3\n",
        b"a;b\n1;2\n",
        b"a\tb\n1\t2\n",
        b"\xffa,b\n1,2\n",
        b"a\x00,b\n1,2\n",
        "a,b\n1,2\n".encode("utf-16"),
        b"x" * 9_000 + b"\n1\n",
    ],
)
def test_what_is_not_a_table_is_refused(body: bytes) -> None:
    refused(body)


@pytest.mark.parametrize("header", [b"a,b", b"a,b\n", b"a,b\r\n", b"a", b'"a\nb",c\n'])
def test_a_header_alone_holds_no_rows(header: bytes) -> None:
    assert "no rows" in str(refused(header))
    assert "JSON" not in str(refused(header))


@pytest.mark.parametrize("body", [b'[{"a": 1}]', b' {"columns": {"a": [1]}}\n'])
def test_json_sent_as_csv_is_told_its_content_type(body: bytes) -> None:
    assert "Content-Type: application/json" in str(refused(body))


def test_a_name_that_no_database_indexes_is_refused() -> None:
    assert columns("{},b\n1,2\n".format("é" * 512).encode()).keys() == {"é" * 512, "b"}
    error = refused("{}x,b\n1,2\n".format("é" * 512).encode())
    assert isinstance(error, TooLarge)
    assert error.faults[0].field == "é" * 64


def test_doubled_columns_are_named() -> None:
    assert [fault.field for fault in refused(b"a,b,a,b,c\n1,2,3,4,5\n").faults] == ["a", "b"]


@pytest.mark.parametrize(
    "body",
    [b"a,b,c,d,e,f\n1,2,3,4,5,6\n", b"a\n" + b"1\n" * 11, b"a\n" + b"\n" * 200, b"a," + b"," * 150],
    ids=["columns", "rows", "values", "header"],
)
def test_limits_hold(body: bytes) -> None:
    with pytest.raises(TooLarge):
        decode(body, CSV, Limits(columns=5, rows=10, values=100))


def test_no_value_reaches_an_error() -> None:
    for body in (b"a,b\nhunter2\n", b"a,b\nhunter2,\xff\n", b'a,b\n"hunter2,1\n'):
        error = refused(body)
        assert "hunter2" not in str(error) + repr(error.faults)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=10)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=20))
def test_what_a_writer_wrote_comes_back(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    expected = {"a": [a or None for a, _ in rows], "b": [b or None for _, b in rows]}
    assert columns(out.getvalue().encode()) == expected


@given(st.lists(st.sampled_from([b"a", b"1", b",", b"\n", b'"', b"\r", b";", b"\xff", b"\0"])))
def test_csv_like_garbage_decodes_or_is_refused(marks: list[bytes]) -> None:
    try:
        table = decode(b"a,b\n" + b"".join(marks), CSV)
    except LeewayError:
        return
    assert table.rows > 0
    assert {len(column) for column in table.columns.values()} == {table.rows}


MARKS = [b"a", b"1", b",", b",", b"\n", b'"', b'""', b"\r\n", b"\r", "\u20ac".encode(), b"x" * 13]


@given(st.lists(st.sampled_from(MARKS), max_size=30), st.integers(1, 3))
def test_the_loop_and_the_parser_read_the_same(marks: list[bytes], width: int) -> None:
    names = ["a", "b", "c"][:width]
    body = ",".join(names).encode() + b"\n" + b"".join(marks)
    fast = csv_format._typed(body, names, Limits())
    if fast is not None:
        slow = csv_format._read(body, names)
        assert rows_of(fast) == dict(zip(names, [c.to_pylist() for c in slow.columns], strict=True))


@pytest.mark.parametrize(
    "body",
    [
        b"a,b\n1,x\n\n,\n2,\r\n",
        b'a,b\n"1","x, y"\n"","q""q"\n',
        b'"a","b\nc"\n1,' + "\u20ac".encode() * 20,
        b"a\n1\n\n2\n",
    ],
)
def test_plain_bodies_are_read_by_the_loop(body: bytes) -> None:
    names = next(csv.reader(io.StringIO(body.decode(), newline="")))
    fast = csv_format._typed(body, names, Limits())
    slow = csv_format._read(body, names)
    assert fast is not None
    assert rows_of(fast) == dict(zip(names, [c.to_pylist() for c in slow.columns], strict=True))


NAMES = [b"a", b"b", b",", b",", b"\n", b'"', b'""', b"\r\n", b"\r", "\u00e9".encode()]


@given(st.lists(st.sampled_from(NAMES), max_size=12), st.lists(st.sampled_from(MARKS), max_size=20))
def test_the_loop_begins_where_the_header_ends(header: list[bytes], marks: list[bytes]) -> None:
    body = b"a" + b"".join(header) + b"\n" + b"".join(marks)
    try:
        names = csv_format._header(body, Limits())
    except Invalid:
        return
    fast = csv_format._typed(body, names, Limits())
    if fast is not None:
        slow = csv_format._read(body, names)
        assert rows_of(fast) == dict(zip(names, [c.to_pylist() for c in slow.columns], strict=True))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a,b\r1,2\n3,4\n", {"a": ["1", "3"], "b": ["2", "4"]}),
        (b'a"b,c\n1,2\n3",4\n5,6\n', {'a"b': ["1", '3"', "5"], "c": ["2", "4", "6"]}),
        (b'a, "b\n1,2\n3,4"\n', {"a": ["1", "3"], ' "b': ["2", '4"']}),
        (b'"a\r",b\r1,2\n3,4\n', {"a\r": ["1", "3"], "b": ["2", "4"]}),
    ],
)
def test_no_row_is_taken_for_the_header(body: bytes, expected: dict[str, list[str | None]]) -> None:
    assert columns(body) == expected
