import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import cursors
from app.domain.errors import Invalid

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)


@given(TEXT | st.integers(0, 2**63 - 1))
def test_a_position_comes_back_as_it_was(position: str | int) -> None:
    cursor = cursors.encode(position)
    assert cursors.decode(cursor, type(position)) == position
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?# ")


def forged(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


@pytest.mark.parametrize(
    "cursor",
    ["x", "§", "a b", "===", forged(b"true"), forged(b"1.5"), forged(b"[" * 5000), forged(b"\xff")],
)
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    for kind in (str, int):
        with pytest.raises(Invalid, match="cursor"):
            cursors.decode(cursor, kind)


@pytest.mark.parametrize(
    "raw", [b'"a\\u0000"', b'"\\ud800"', b'"\\udfffa"', b"9223372036854775808", b"-1", b"1" * 400]
)
def test_a_position_that_no_database_takes_is_refused(raw: bytes) -> None:
    for kind in (str, int):
        with pytest.raises(Invalid, match="cursor"):
            cursors.decode(forged(raw).rstrip("="), kind)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Invalid):
        cursors.decode(cursors.encode("name"), int)


def test_a_page_without_more_has_no_cursor() -> None:
    assert cursors.page([1, 2], 2, lambda n: n) == ([1, 2], None)


def test_a_cut_page_goes_on_after_the_last_shown() -> None:
    shown, following = cursors.page([1, 2, 3], 2, lambda n: n)
    assert shown == [1, 2]
    assert cursors.decode(following, int) == 2
