"""Newline-delimited JSON: every line is a whole object, and faults name its number."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import Layout
from app.domain.errors import Invalid, LeewayError, TooLarge
from app.sources.formats import FORMATS, Limits, decode
from tests.app.sources.columns import rows_of

NDJSON = "application/x-ndjson"


def refused(body: bytes, limits: Limits | None = None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        decode(body, NDJSON, limits)
    assert caught.value.faults
    return caught.value


@pytest.mark.parametrize("media_type", FORMATS[NDJSON].media_types)
@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"b":"x"}\n{"b":"y"}\n',
        b'{"a":1,"b":"x"}\n{"b":"y"}',
        b'{"a":1,"b":"x"}\r\n{"b":"y"}\r\n',
        b'\n {"a" : 1, "b":"x"}\t\n\n  \n{"b":"y"}\n\n',
    ],
)
def test_reads_lines(media_type: str, body: bytes) -> None:
    table = decode(body, media_type)
    assert rows_of(table) == {"a": [1, None], "b": ["x", "y"]}
    assert (table.rows, table.layout, table.untyped) == (2, Layout.ARRAY, False)


def test_text_may_hold_brackets_quotes_and_escaped_line_ends() -> None:
    text = 'a}\\"{"[\n\u2028\x85'
    body = json.dumps({"t": text}) + "\n" + json.dumps({"t": "\u2028\x85{"}, ensure_ascii=False)
    assert rows_of(decode(body.encode(), NDJSON)) == {"t": [text, "\u2028\x85{"]}


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"a":', None),
        (b'{"a":1', None),
        (b'{"a":"x', None),
        (b'{"a":"x\\', None),
        (b'{"a":1}}', None),
        (b'{"a":1},', None),
        (b'{"a":1}{"a":2}', None),
        (b'{"a":1} {"a":2}', None),
        (b'{"a":1},{"a":2}', None),
        (b'[{"a":1}]', None),
        (b"[1]", None),
        (b"1", None),
        (b"null", None),
        (b'"text"', None),
        (b"// comment", None),
        (b"\x00", None),
        (b"a,b", None),
        (b'{"a":1]', None),
        (b'{"a":NaN}', "a"),
        (b'{"a":1e400}', "a"),
        (b'{"a":01}', "a"),
        (b'{"a":"\\u0000"}', "a"),
        (b'{"a":"\\ud800"}', "a"),
        (b'{"a":"\xff"}', "a"),
        (b'{"a":1,"a":1}', "a"),
        (b'{"a":[[[[1]]]]}', "a"),
        (b'{"a":"' + b"x" * 9_000 + b'"}', "a"),
    ],
)
@pytest.mark.parametrize("last", [False, True], ids=["inside", "last"])
def test_a_bad_line_is_named(line: bytes, field: str | None, long: bool, last: bool) -> None:
    rows = 2_000 if long else 3
    good = b'{"a":1,"b":"some text that makes it longer"}\n'
    error = refused(b"\n" + good * rows + line + (b"" if last else b"\n" + good))
    assert (error.faults[0].row, error.faults[0].field) == (rows, field)
    start = f"/{rows}" if field is None else f"/{rows}/{field}"
    assert error.faults[0].pointer.startswith(start)


@pytest.mark.parametrize("body", [b"", b" \n\r\n", b"\n\n"])
def test_what_is_not_rows_is_refused(body: bytes) -> None:
    refused(body)


def test_an_object_may_not_reach_over_lines() -> None:
    assert refused(b'{"a":1}\n{"a":\n2}\n').faults[0].row == 1


@pytest.mark.parametrize(
    "limits", [Limits(rows=9), Limits(values=9), Limits(columns=1), Limits(text=1)]
)
def test_limits_hold(limits: Limits) -> None:
    with pytest.raises(TooLarge):
        decode(b'{"a":1,"b":"xx"}\n' * 10, NDJSON, limits)


ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["a", "b", 'c"\n']),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    ),
    min_size=1,
)


@given(ROWS, st.booleans(), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_are_read_as_an_array_is(
    rows: list[dict[str, object]], ascii_only: bool, end: str
) -> None:
    lines = [json.dumps(row, ensure_ascii=ascii_only) for row in rows]
    table = decode(end.join(lines).encode(), NDJSON)
    array = decode(f"[{','.join(lines)}]".encode(), "application/json")
    assert repr(rows_of(table)) == repr(rows_of(array))
    assert table.rows == array.rows == len(rows)


@given(st.lists(st.sampled_from(list('[]{}:,"\\u01aN \x00\xff\n')), max_size=60))
def test_garbage_decodes_or_is_refused(marks: list[str]) -> None:
    body = "".join(marks).encode("latin-1")
    try:
        table = decode(body, NDJSON)
    except LeewayError:
        return
    lines = [line for line in body.split(b"\n") if line.strip()]
    assert [type(json.loads(line)) for line in lines] == [dict] * table.rows


@pytest.mark.parametrize("rows", [1, 2, 5_000])
def test_a_byte_order_mark_is_named(rows: int) -> None:
    body = b"\xef\xbb\xbf" + b'{"a":1,"b":"x"}\n' * rows
    assert "byte-order mark" in refused(body).detail
