"""Texts of segments: readable, bounded, and no two segments with the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.segments.segment import (
    LONGEST_TEXT,
    Grouping,
    Plan,
    Segmentation,
    text_of,
    text_of_others,
)

TEXTS = st.text(st.sampled_from("ab=,~()é\x00\n\ud800 3D") | st.characters(), max_size=6)
VALUES = st.tuples(st.none() | TEXTS, st.none() | TEXTS)


@pytest.mark.parametrize(
    ("columns", "value", "text"),
    [
        (("country",), ("DE",), "country=DE"),
        (("country", "device"), ("DE", "phone"), "country=DE,device=phone"),
        (("country",), (None,), "country=(missing)"),
        (("country",), ("(missing)",), "country=~28missing)"),
        (("country",), ("",), "country="),
        (("a,b",), ("x=1~\n",), "a~2Cb=x~3D1~7E~0A"),
    ],
)
def test_they_read_like_what_they_hold(
    columns: tuple[str, ...], value: tuple[str | None, ...], text: str
) -> None:
    assert text_of(columns, value) == text


@given(TEXTS, TEXTS, VALUES, VALUES)
def test_no_two_values_share_one(
    left: str, right: str, one: tuple[str | None, ...], other: tuple[str | None, ...]
) -> None:
    texts = {text_of((left, right), one), text_of((left, right), other)}
    assert len(texts) == (1 if one == other else 2)
    assert text_of_others((left, right)) not in texts
    assert all(text.isprintable() for text in texts)


def test_columns_do_not_run_into_values() -> None:
    assert text_of(("a",), ("b,c=d",)) != text_of(("a", "c"), ("b", "d"))


def test_long_ones_are_cut_and_still_differ() -> None:
    one, other = ("ä" * 500 + end for end in "xy")
    texts = [text_of(("a",), (value,)) for value in (one, other)]
    assert len(set(texts)) == 2
    assert all(len(text.encode()) <= LONGEST_TEXT for text in texts)
    assert all("~~" in text for text in texts)


@given(st.lists(VALUES, unique=True, max_size=5))
def test_a_plan_is_kept_whatever_its_values_are(values: list[tuple[str | None, ...]]) -> None:
    columns = ("a", "b")
    plan = Plan(Segmentation((columns,), 7), (Grouping(columns, tuple(values)),))
    assert Plan.unpacked(plan.packed()) == plan
    assert plan.size == len(values) + 1


def test_what_is_not_asked_for_any_more_is_not_counted() -> None:
    groups = (("a",), ("b",))
    plan = Plan(Segmentation(groups), tuple(Grouping(one, ()) for one in groups))
    assert plan.declared(Segmentation((("b",), ("c",)))) == (Grouping(("b",), ()),)
    assert plan.declared(None) == ()
