"""What is told of a body that is no JSON: the place, a guess at what it is, never a value."""

import pytest

from tests.app.sources.test_json import refused


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"a,b\n1,2\n", "line 1, column 1"),
        (b'[{"a": 1},\n {"a": secret}]', "line 2, column 8"),
        (b'[{"a": 1}', "line 1, column 10"),
        (b'[{"a": "\xff"}]', "line 1, column 9"),
    ],
    ids=["CSV", "a bare word", "cut short", "no UTF-8"],
)
def test_what_is_no_json_is_told_with_the_place_and_without_the_value(
    body: bytes, told: str
) -> None:
    error = refused(body)
    assert f"this is not valid JSON ({told})" in error.detail
    assert "secret" not in error.detail + error.faults[0].detail


def test_csv_that_was_sent_as_json_is_recognised() -> None:
    assert "Content-Type: text/csv" in refused(b"\n a,b\n1,2\n").detail
    assert "text/csv" not in refused(b'{"a", 1}').detail


@pytest.mark.parametrize("rows", [1, 2, 5_000])
@pytest.mark.parametrize("begin", [b"[%b]", b'{"rows":[%b]}', b'{"columns":{"a":[%b]}}'])
def test_a_byte_order_mark_is_named(rows: int, begin: bytes) -> None:
    body = begin % b",".join([b'{"a":1,"b":"x"}'] * rows)
    assert "byte-order mark" in refused(b"\xef\xbb\xbf" + body).detail
