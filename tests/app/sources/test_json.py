"""JSON bodies: what is refused and where, what is let through, and what it becomes."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import Layout
from app.domain.errors import Invalid, LeewayError, TooLarge
from app.sources.formats import Limits, decode
from app.sources.formats._uniform import uniform
from app.sources.formats.scan import scan
from tests.app.sources.columns import listed

JSON = "application/json"
SMALL = Limits(values=100, columns=5, rows=10, text=50)

Where = tuple[str, int | None, str | None]


def refused(body: bytes, limits: Limits | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        decode(body, JSON, limits)
    return caught.value


def where(error: Invalid) -> Where:
    fault = error.faults[0]
    return fault.pointer, fault.row, fault.field


BAD_VALUES = {
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "minus infinity": b"-Infinity",
    "1e400": b"1e400",
    "minus 1e400": b"-1e400",
    "400 digits": b"9" * 400,
    "5000 digits": b"9" * 5_000,
    "400 digits and a fraction": b"9" * 400 + b".5",
    "leading zero": b"01",
    "plus": b"+1",
    "hex": b"0x1f",
    "comma decimal": b"1.,5",
    "bare word": b"nan",
    "single quotes": b"'a'",
    "high surrogate": b'"\\ud800"',
    "low surrogate": b'"\\udc00"',
    "surrogates swapped": b'"\\udc00\\ud800"',
    "escaped NUL": b'"a\\u0000b"',
    "raw NUL": b'"a\x00b"',
    "raw control character": b'"a\x01b"',
    "overlong UTF-8": b'"\xc0\x80"',
    "UTF-8 cut short": b'"\xe2\x82"',
    "latin 1": b'"caf\xe9"',
    "encoded surrogate": b'"\xed\xa0\x80"',
    "bad escape": b'"\\x41"',
    "open string": b'"abc',
    "text too long": b'"' + b"x" * 9_000 + b'"',
    "1 MB of text": b'"' + b"x" * 1_000_000 + b'"',
    "nothing": b"",
    "comment": b"1 /* one */",
    "tab in number": b"1\t2",
}


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES.keys())
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b'[{"a":1,"b":2},{"b":3,"a":', b"}]", ("/1/a", 1, "a")),
        (b'{"rows":[{"b":2},{"b":3},{"a":', b"}]}", ("/rows/2/a", 2, "a")),
        (b'{"columns":{"b":[1,2],"a":[5,', b"]}}", ("/columns/a/1", 1, "a")),
        (b'[{"a/b~c":', b"}]", ("/0/a~1b~0c", 0, "a/b~c")),
    ],
    ids=["array", "rows", "columns", "escaped name"],
)
def test_a_bad_value_is_named_by_row_field_and_pointer(
    before: bytes, value: bytes, after: bytes, expected: Where
) -> None:
    error = refused(before + value + after)
    assert where(error) == expected
    assert len(error.faults) == 1


@pytest.mark.parametrize("rows", [1, 2_000], ids=["slow way", "fast way"])
@pytest.mark.parametrize("body", ["[%s]", '{"rows":[%s]}'], ids=["array", "rows"])
def test_a_name_that_no_database_indexes_is_refused(body: str, rows: int) -> None:
    good, long = "é" * 512, "é" * 512 + "x"
    row = '{"a":1,"%s":2}'
    assert good in decode((body % ",".join([row % good] * rows)).encode(), JSON).columns
    error = refused((body % ",".join([row % long] * rows)).encode())
    assert isinstance(error, TooLarge)
    assert error.faults[0].field == "é" * 64
    refused(json.dumps({"columns": {long: [1]}}).encode())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'[{"a":1,"a":2}]', ("/0/a", 0, "a")),
        (b'[{"a":1,"a":1}]', ("/0/a", 0, "a")),
        (b'[{"a":1},{"b":1,"a":2,"b":3}]', ("/1/b", 1, "b")),
        (b'[{"a":1},{"a":2,"\\u0061":3}]', ("/1/a", 1, "a")),
        (b'{"rows":[{"a":1,"a":2}]}', ("/rows/0/a", 0, "a")),
        (b'{"rows":[{"a":{"x":1,"x":2}}]}', ("/rows/0/a/x", 0, "a")),
        (b'{"columns":{"a":[1],"b":[2],"a":[3]}}', ("/columns/a", None, "a")),
        (b'{"rows":[],"rows":[{}]}', ("/rows", None, None)),
    ],
)
def test_a_doubled_name_is_refused(body: bytes, expected: Where) -> None:
    error = refused(body)
    assert where(error) == expected
    assert "twice" in error.faults[0].detail


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \r\n ",
        b"[",
        b"{",
        b"]",
        b"[{}",
        b'[{"a":1}',
        b'[{"a":1},]',
        b'[{"a":1,}]',
        b'[{"a" 1}]',
        b"[{a:1}]",
        b"[{1:1}]",
        b'[{"a":1}] x',
        b'[{"a":1}][{"a":1}]',
        b'[{"a":1}]\n[{"a":2}]',
        b'{"a":1}\n{"a":2}',
        b'{"a":1}\n{"a":',
        b'// rows\n[{"a":1}]',
        '[{"a":1}]'.encode("utf-16"),
        '[{"a":1}]'.encode("utf-32"),
        b'"text"',
        b"1",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'{"rows":[]}',
        b'{"rows":{}}',
        b'{"rows":null}',
        b'{"columns":[]}',
        b'{"columns":{}}',
        b'{"columns":{"a":[]}}',
        b'{"rows":[{"a":1}],"columns":{"a":[1]}}',
        b'{"rows":[{"a":1}],"model":"x"}',
        b'{"a":1}',
        b"\x00",
        b"\xff\xfe",
        b"PAR1",
        b"a,b\n1,2\n",
        b"<rows/>",
        b"---\n- a: 1",
    ],
)
def test_what_is_not_rows_is_refused(body: bytes) -> None:
    assert refused(body).faults


@pytest.mark.parametrize("depth", [5, 900, 100_000])
@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
def test_deep_nesting_is_refused_without_recursion(depth: int, bracket: bytes) -> None:
    close = b"]" if bracket == b"[" else b"}"
    error = refused(bracket * depth + b"1" + close * depth)
    assert "deep" in error.faults[0].detail
    assert len(error.faults[0].pointer) < 20
    assert refused(bracket * depth).faults


def test_deep_nesting_names_row_and_field() -> None:
    error = refused(b'{"rows":[{"a":[1]},{"a":1,"b":[[1]]}]}')
    assert where(error)[1:] == (1, "b")
    assert where(error)[0].startswith("/rows/1/b")


@pytest.mark.parametrize(
    ("body", "row"), [(b"[1]", 0), (b'[{"a":1},[1]]', 1), (b'{"rows":[{"a":1},null]}', 1)]
)
def test_a_row_must_be_an_object(body: bytes, row: int) -> None:
    assert refused(body).faults[0].row == row


def test_columns_of_different_length_are_named() -> None:
    error = refused(b'{"columns":{"a":[1,2],"b":[1],"c":[]}}')
    assert [fault.field for fault in error.faults] == ["b", "c"]
    assert error.faults[0].pointer == "/columns/b"
    assert refused(b'{"columns":{"a":[1],"b":1}}').faults[0].pointer == "/columns/b"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([{"a": i} for i in range(11)]).encode(),
        json.dumps({"columns": {"a": list(range(11))}}).encode(),
        json.dumps([{f"c{i}": 1 for i in range(6)}]).encode(),
        json.dumps([{f"c{i}": 1} for i in range(6)]).encode(),
        json.dumps({"columns": {f"c{i}": [1] for i in range(6)}}).encode(),
        json.dumps([{"a": 1}] * 60).encode(),
        json.dumps([{"x" * 51: 1}]).encode(),
        b"[" + b"{}," * 200 + b"{}]",
    ],
    ids=["rows", "height", "members", "names", "columns", "values", "name", "objects"],
)
def test_limits_hold(body: bytes) -> None:
    with pytest.raises(TooLarge) as caught:
        decode(body, JSON, SMALL)
    assert caught.value.faults


def test_a_few_names_do_not_buy_a_huge_table() -> None:
    # each row is tiny, but as columns they would be names times rows
    rows = [{f"c{i % 90}": 1} for i in range(900)]
    with pytest.raises(TooLarge):
        decode(json.dumps(rows).encode(), JSON, Limits(values=10_000))


@pytest.mark.parametrize(
    ("body", "layout"),
    [
        (b'[{"a":1,"b":"x"},{"a":null,"b":"y"}]', Layout.ARRAY),
        (b'{"rows":[{"a":1,"b":"x"},{"b":"y"}]}', Layout.ROWS),
        (b'{"columns":{"a":[1,null],"b":["x","y"]}}', Layout.COLUMNS),
        (b' [ { "a" : 1 , "b" : "x" } , {\n"b":"y","a":null}\r\n]\t', Layout.ARRAY),
    ],
)
def test_three_layouts_give_the_same_columns(body: bytes, layout: Layout) -> None:
    table = decode(body, JSON)
    assert table.columns == {"a": [1, None], "b": ["x", "y"]}
    assert (table.rows, table.layout, table.untyped) == (2, layout, False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"-0", 0),
        (b"1e-400", 0.0),
        (b"9007199254740993", 2**53 + 1),
        (b"18446744073709551616", 2**64),
        (b"1" + b"0" * 307, 10**307),
        (b'"\\u0041\\\\u0000"', "A\\u0000"),
        (b'"\xef\xbf\xbe"', "\ufffe"),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"e\xcc\x81"', "e\u0301"),
        (b'"\xe2\x80\x8b"', "\u200b"),
        (b'"=cmd()"', "=cmd()"),
        (b'"{{7*7}}<script>"', "{{7*7}}<script>"),
        (b'"\'; DROP TABLE x; --"', "'; DROP TABLE x; --"),
        (b'""', ""),
        (b"true", True),
        (b"[1,2]", [1, 2]),
        (b'{"x":1}', {"x": 1}),
        (b'"' + b"x" * 8_192 + b'"', "x" * 8_192),
    ],
)
def test_odd_but_sound_values_come_through(text: bytes, value: object) -> None:
    assert listed(decode(b'[{"a":' + text + b"}]", JSON).columns["a"]) == [value]


@pytest.mark.parametrize(
    "name", ["__proto__", "", " ", "a/b", "$%[]", "\u00e9", "e\u0301", "A", "'\""]
)
def test_any_name_may_be_a_column(name: str) -> None:
    body = json.dumps([{name: 1, "a": 2}]).encode()
    assert decode(body, JSON).columns[name] == [1]


def test_case_and_form_tell_names_apart() -> None:
    body = '[{"a":1,"A":2,"\u00e9":3,"e\u0301":4}]'.encode()
    assert len(decode(body, JSON).columns) == 4


def test_rows_without_members_are_rows() -> None:
    assert decode(b"[{},{}]", JSON).rows == 2


def test_no_value_reaches_an_error() -> None:
    for body in (b'[{"a":"hunter2","b":NaN}]', b'[{"a":"hunter2","a":"hunter2"}]', b'["hunter2"]'):
        error = refused(body)
        assert "hunter2" not in str(error) + repr(error.faults)


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES), min_size=1))
def test_rows_become_columns_value_by_value(rows: list[dict[str, object]]) -> None:
    table = decode(json.dumps(rows).encode(), JSON)
    names = dict.fromkeys(name for row in rows for name in row)
    assert table.columns == {name: [row.get(name) for row in rows] for name in names}


@given(st.lists(st.sampled_from(list('[]{}:,"\\u01aN \x00\xff')), max_size=60))
def test_json_like_garbage_decodes_or_is_refused(marks: list[str]) -> None:
    body = "".join(marks).encode("latin-1")
    try:
        table = decode(body, JSON)
    except LeewayError:
        return
    assert table.rows > 0
    again = json.loads(body)
    assert not any(isinstance(v, float) and not math.isfinite(v) for v in again)


def large(rows: list[dict[str, object]], *, wrapped: bool) -> bytes:
    """A body that is long enough for the fast way."""
    filler = dict.fromkeys(rows[0], "x" * 100)
    document = [*rows, *([filler] * 1_000)]
    return json.dumps({"rows": document} if wrapped else document).encode()


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("names", [("a", "b"), ("b c", "a/\u00e9$"), ('a"', "b\\"), ("", "a")])
def test_large_bodies_are_read_as_small_ones(names: tuple[str, str], wrapped: bool) -> None:
    rows = [{names[0]: i, names[1]: None if i % 2 else str(i)} for i in range(10)]
    for sent in (rows, [dict(reversed(row.items())) for row in rows]):
        table = decode(large(sent, wrapped=wrapped), JSON)
        assert {n: listed(c)[:10] for n, c in table.columns.items()} == {
            name: [row[name] for row in rows] for name in names
        }
        assert table.rows == 1_010
        assert table.layout is (Layout.ROWS if wrapped else Layout.ARRAY)


@pytest.mark.parametrize(
    "odd", [{"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": [1], "b": {"c": 2}}, {"c": 1, "d": 2}, {}]
)
@pytest.mark.parametrize("first", [False, True])
def test_large_bodies_of_uneven_rows_keep_every_value(odd: dict[str, object], first: bool) -> None:
    rows: list[dict[str, object]] = [odd, {"a": 1, "b": 2}] if first else [{"a": 1, "b": 2}, odd]
    body = large([{"a": 0, "b": 0}, *rows], wrapped=False)
    table = decode(body, JSON)
    for name in ("a", "b", "c", "d"):
        expected = [0 if name in "ab" else None, *(row.get(name) for row in rows)]
        assert listed(table.columns.get(name, [None] * 3))[:3] == expected


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (b'{"a":1,"a":2}', "a"),
        (b'{"a":1,"b":2,"a":3}', "a"),
        (b'{"a":1,"b":NaN}', "b"),
        (b'{"a":1,"b":1e400}', "b"),
        (b'{"a":1,"b":"\\u0000"}', "b"),
        (b'{"a":1,"b":{"x":1,"x":2}}', "b"),
    ],
)
def test_large_bodies_are_refused_as_small_ones(row: bytes, field: str) -> None:
    body = large([{"a": 0, "b": 0}], wrapped=False)
    error = refused(body[:-1] + b"," + row + b"]")
    assert where(error)[1:] == (1_001, field)


@pytest.mark.parametrize("wrapped", [False, True])
def test_uniform_rows_do_take_the_fast_way(wrapped: bool) -> None:
    body = large([{"a b": 0, "\u00e9/$": "x"}], wrapped=wrapped)
    table = uniform(body, scan(body))
    assert table is not None
    assert table.rows == 1_001
    assert uniform(body[:50_000], scan(body[:50_000])) is None


@pytest.mark.parametrize("row", [0, 1, 499, 500, 998, 999])
@pytest.mark.parametrize(
    "bad", [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":"\\u0000"}', b'{"a":[[[1]]]}']
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_the_first_bad_row_of_many_is_named(row: int, bad: bytes, wrapped: bool) -> None:
    rows = [b'{"a":1}'] * 1_000
    rows[row] = bad
    rows[999] = bad
    body = b"[" + b",".join(rows) + b"]"
    error = refused(b'{"rows":' + body + b"}" if wrapped else body)
    assert where(error)[1:] == (row, "a")
