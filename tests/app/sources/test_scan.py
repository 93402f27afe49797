"""The pass over JSON bytes, against the standard library's parser."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.formats.scan import commas_of, scan, warm_up

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def measure(document: object) -> tuple[int, int, int, int]:
    """Members, brackets deep, members of the largest object, and NUL characters."""
    if isinstance(document, str):
        return 0, 0, 0, document.count("\0")
    parts = list(document.values()) if isinstance(document, dict) else document
    if not isinstance(parts, list):
        return 0, 0, 0, 0
    own = len(document) if isinstance(document, dict) else 0
    found = [measure(part) for part in parts]
    names = sum(name.count("\0") for name in document) if isinstance(document, dict) else 0
    return (
        own + sum(f[0] for f in found),
        1 + max((f[1] for f in found), default=0),
        max([own, *(f[2] for f in found)]),
        names + sum(f[3] for f in found),
    )


@given(DOCUMENTS, st.booleans())
def test_agrees_with_a_parser(document: object, ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode()
    found = scan(body)
    assert (found.colons, found.depth, found.members, found.nul) == measure(document)


@given(st.binary(max_size=50))
def test_any_bytes_will_do(body: bytes) -> None:
    found = scan(body)
    assert max(found) <= max(len(body), 1)
    assert all(0 <= cut <= len(body) for cut in commas_of(body))


@pytest.mark.parametrize(
    ("body", "digits", "text"),
    [(b"[12345, 1.25]", 5, 0), (b'["123456"]', 0, 6), (b'["\\"x", 12]', 2, 3), (b"12", 2, 0)],
)
def test_measures_numbers_and_text(body: bytes, digits: int, text: int) -> None:
    assert (scan(body).digits, scan(body).text) == (digits, text)


def test_cuts_at_outer_commas_only() -> None:
    assert commas_of(b'[1,[2,3],"a,b",{"c":4,"d":5}] ,') == [2, 8, 14, 28]


def test_warms_up() -> None:
    warm_up()
