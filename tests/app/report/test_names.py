"""Names are shown short, and do nothing to what stands beside them."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from app.report.names import shown


@given(st.text(max_size=200), st.integers(5, 100))
def test_nothing_that_acts_is_left_and_the_length_holds(name: str, most: int) -> None:
    found = shown(name, most)
    assert len(found) == min(len(name), most)
    kinds = {unicodedata.category(mark) for mark in found if mark not in "\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("temp", "payment method", "السعر", "日本語", "👩\N{ZERO WIDTH JOINER}🚀"):
        assert shown(name) == name


def test_cut_names_say_so() -> None:
    assert shown("abcdef", 4) == "abc…"
