import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.strict import loads
from app.domain.errors import Invalid

HOSTILE = {
    "empty": b"",
    "blank": b"  ",
    "nan": b'{"window": NaN}',
    "minus infinity": b"[-Infinity]",
    "1e400": b"[1e400]",
    "-1e400": b"[-1e400]",
    "5000 digits": b"[" + b"9" * 5000 + b"]",
    "20 digits": b"[12345678901234567890]",
    "duplicate key": b'{"a": 1, "a": 1}',
    "duplicate key below": b'{"a": [{"b": 1, "b": 2}]}',
    "duplicate escaped key": b'{"a": 1, "\\u0061": 2}',
    "nul": b'{"a": "x\\u0000y"}',
    "nul in key": b'{"a\\u0000": 1}',
    "raw nul": b'{"a": "\x00"}',
    "high surrogate": b'["\\ud800"]',
    "low surrogate": b'["\\udc00x"]',
    "surrogate in key": b'{"\\ud800": 1}',
    "duplicate surrogate key": b'{"\\ud800": 1, "\\ud800": 1}',
    "deep": b"[" * 17 + b"]" * 17,
    "very deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "latin-1": '"é"'.encode("latin-1"),
    "overlong": b'"\xc0\xaf"',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "two documents": b"{} {}",
    "trailing comma": b"[1,]",
    "comment": b"{} // x",
    "single quotes": b"{'a': 1}",
    "leading zero": b"[01]",
    "hex": b"[0x1]",
    "torn": b'{"a": "b',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_one_clear_document_is_malformed(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        loads(body)
    assert caught.value.code == "malformed"


def test_the_fault_names_where_it_is() -> None:
    with pytest.raises(Invalid) as caught:
        loads(b'{"a/b": [1, {"c~d": "\\u0000"}]}')
    (fault,) = caught.value.faults
    assert fault.pointer == "/a~1b/1/c~0d"


def test_the_fault_names_the_key_that_stands_twice() -> None:
    with pytest.raises(Invalid) as caught:
        loads(b'{"x": 1, "window": 1, "window": 2}')
    (fault,) = caught.value.faults
    assert fault.field == "window"


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert loads(b'["\\ud83d\\ude00"]') == ["\U0001f600"]


def test_depth_up_to_the_limit_is_read() -> None:
    assert loads(b"[" * 16 + b"]" * 16)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_honest_documents_are_read_as_they_are(value: object) -> None:
    assert loads(json.dumps(value).encode()) == value


def outcome(body: bytes) -> str:
    try:
        loads(body)
    except Invalid as error:
        return error.code
    return "read"


@given(st.binary(max_size=60))
def test_garbage_is_read_or_malformed_and_nothing_else(body: bytes) -> None:
    assert outcome(body) in {"read", "malformed"}
