"""Addresses hold any name without losing a character of it."""

from urllib.parse import parse_qs, unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from app.dashboard.links import Links

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(name=NAMES, value=NAMES)
def test_names_come_back_as_they_were(name: str, value: str) -> None:
    address = urlsplit(Links("/at")("models", name, feature=value))
    assert address.path.count("/") == 3
    assert unquote(address.path.rpartition("/")[2]) == name
    assert parse_qs(address.query, keep_blank_values=True) == {"feature": [value]}


def test_what_is_not_asked_is_not_in_the_address() -> None:
    assert Links()("models", "m", version="", as_of=None, page=2) == "/models/m?page=2"
    assert Links()() == "/"
