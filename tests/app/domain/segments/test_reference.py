"""Segments of a reference: chosen by its rows, kept by the grid set, adding up to the whole."""

import numpy as np
import pytest

from app.domain.batch import Table
from app.domain.errors import Invalid
from app.domain.model import Feature, Kind, Role, Schema, StoredGridSet
from app.domain.references.reference import Reference, build_reference
from app.domain.rows.values import Levels
from app.domain.segments.checks import check_segments
from app.domain.segments.reference import LEAST_PILOT, choose
from app.domain.segments.segment import Segmentation
from tests.app.domain.tables import table

COUNTRY = Feature("country", Kind.CATEGORICAL, Role.SEGMENT)
SCHEMA = Schema((Feature("x", Kind.NUMERIC), Feature("colour", Kind.CATEGORICAL), COUNTRY))
ROWS = 5_000


def rows(countries: tuple[str | None, ...], height: int = ROWS) -> Table:
    rng = np.random.default_rng(7)
    found = rng.integers(0, len(countries), height).tolist()
    colours = rng.choice(["red", "green", "blue"], height).tolist()
    return table(x=rng.normal(size=height), colour=colours, country=[countries[i] for i in found])


def asked(most: int = 50, *groups: tuple[str, ...]) -> Segmentation:
    return Segmentation(groups or (("country",),), most)


def on(reference: Reference) -> StoredGridSet:
    return StoredGridSet(1, 1, reference.grids, reference.segmented.plan)


COUNTRIES = ("DE", "DE", "DE", "FR", "FR", "IT", None)
GROUPS = (("country",), ("country", "colour"))


@pytest.mark.parametrize("again", [False, True])
def test_each_group_adds_up_to_the_whole(*, again: bool) -> None:
    found = build_reference(rows(COUNTRIES), SCHEMA, None, segments=asked(9, *GROUPS))
    if again:
        found = build_reference(rows(COUNTRIES), SCHEMA, on(found), segments=asked(9, *GROUPS))
    assert found.founding is not again
    plan = found.segmented.plan
    assert plan is not None
    assert sum(len(one.values) for one in plan.groupings) == 9
    for grouping in plan.groupings:
        parts = [found.segmented.counts[text] for text in grouping.texts]
        assert sum(one.rows for one in parts) == ROWS
        assert (sum(one.vector for one in parts) == found.vector).all()


def test_the_most_frequent_values_have_a_segment() -> None:
    found = build_reference(rows(COUNTRIES), SCHEMA, None, segments=asked(3))
    assert tuple(found.segmented.counts)[:2] == ("country=DE", "country=FR")
    assert tuple(found.segmented.counts)[-1] == "country=(other)"
    assert len(found.segmented.counts) == 4


def test_values_that_can_never_be_judged_have_none() -> None:
    many = tuple(f"c{i}" for i in range(1_000))
    found = build_reference(rows(many), SCHEMA, None, segments=asked())
    assert tuple(found.segmented.counts) == ("country=(other)",)


def test_a_grid_set_keeps_its_segments() -> None:
    first = build_reference(rows(("DE", "FR")), SCHEMA, None, segments=asked())
    later = build_reference(rows(("DE", "IT")), SCHEMA, on(first), segments=asked())
    assert not later.founding
    assert later.segmented.plan == first.segmented.plan
    assert later.segmented.counts["country=FR"].rows == 0
    other = later.segmented.counts["country=(other)"].rows
    assert other == ROWS - later.segmented.counts["country=DE"].rows


def test_what_is_declared_anew_begins_with_a_set_of_its_own() -> None:
    plain = build_reference(rows(("DE", "FR")), SCHEMA, None)
    divided = build_reference(rows(("DE", "FR")), SCHEMA, on(plain), segments=asked())
    assert divided.founding
    assert divided.fingerprint != plain.fingerprint
    assert divided.grids.digest == plain.grids.digest
    fewer = build_reference(rows(("DE", "FR")), SCHEMA, on(divided), segments=asked(1))
    assert fewer.founding
    back = build_reference(rows(("DE", "FR")), SCHEMA, on(divided))
    assert back.fingerprint == plain.fingerprint


@pytest.mark.parametrize("dictionary", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("rows", [LEAST_PILOT - 1, LEAST_PILOT])
def test_of_equal_values_the_lesser_text_comes_first(
    rows: int, dictionary: tuple[str, ...]
) -> None:
    codes = np.repeat(np.arange(2, dtype=np.int32), rows)
    column = Levels(codes, dictionary, np.zeros(codes.size, np.bool_))
    plan = choose(asked(1), {"country": column}, np.ones(codes.size, np.bool_))
    assert plan.groupings[0].values == ((("a",),) if rows == LEAST_PILOT else ())


@pytest.mark.parametrize(
    ("groups", "most", "pointer"),
    [
        ((("gone",),), 50, "/segments/columns/0/0"),
        ((("x",),), 50, "/segments/columns/0/0"),
        ((("country",), ("country", "p")), 50, "/segments/columns/1/1"),
        ((("secret",),), 50, "/segments/columns/0/0"),
        ((("country", "country"),), 50, "/segments/columns/0"),
        ((("country", "colour"), ("colour", "country")), 50, "/segments/columns/1"),
        ((("country",),), 51, "/segments/most"),
        ((), 5, "/segments"),
    ],
)
def test_columns_that_cannot_divide_are_named(
    groups: tuple[tuple[str, ...], ...], most: int, pointer: str
) -> None:
    odd = (
        Feature("p", Kind.CATEGORICAL, Role.PREDICTION),
        Feature("secret", Kind.CATEGORICAL, sensitive=True),
    )
    with pytest.raises(Invalid) as caught:
        check_segments(Segmentation(groups, most), Schema((*SCHEMA.features, *odd)))
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_they_need_a_schema() -> None:
    check_segments(None, None)
    check_segments(asked(1, *GROUPS), SCHEMA)
    with pytest.raises(Invalid):
        check_segments(asked(), None)
