"""The worst features have series of their own, as many as there is room for."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.metrics.budget import allotted, worst
from tests.app.metrics.made import verdict

PAGE, DRIFT = ("drift", False, True), ("drift", False, False)
WARNING, CALM = ("ok", True, False), ("ok", False, False)
CLASSES = (PAGE, DRIFT, WARNING, CALM)
judgements = st.lists(st.dictionaries(st.sampled_from(CLASSES), st.integers(1, 30)), max_size=8)


def test_what_pages_comes_before_what_is_calm_of_any_model() -> None:
    assert allotted([{CALM: 20}, {PAGE: 3, CALM: 20}], 3) == [0, 3]
    assert allotted([{CALM: 20}, {PAGE: 3, WARNING: 2, CALM: 20}], 8) == [2, 6]


def test_of_one_class_every_judgement_gets_as_many_as_the_others() -> None:
    assert allotted([{CALM: 20}, {CALM: 1}, {CALM: 20}], 9) == [4, 1, 4]
    assert allotted([{CALM: 20}, {CALM: 1}, {CALM: 20}], 10) == [5, 1, 4]


@given(judgements, st.integers(0, 200))
def test_the_limit_is_kept_and_used(
    found: list[dict[tuple[str, bool, bool], int]], limit: int
) -> None:
    shown = allotted(found, limit)
    there = [sum(one.values()) for one in found]
    assert sum(shown) == min(limit, sum(there))
    assert all(0 <= some <= most for some, most in zip(shown, there, strict=True))


def test_within_a_judgement_the_worst_come_first() -> None:
    calm = replace(verdict("a"), state="ok", page=False, p_adjusted=0.5)
    warned = replace(verdict("b"), state="ok", page=False, warning=True, p_adjusted=0.9)
    weak = replace(verdict("c"), p_adjusted=1e-3)
    unknown = replace(calm, feature="d", state="insufficient_data", p_adjusted=None)
    paged = verdict("e")
    found = worst([unknown, calm, warned, weak, paged], 4)
    assert [one.feature for one in found] == ["e", "c", "b", "a"]
