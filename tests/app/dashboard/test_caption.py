"""What stands around a chart that is alone: whose it is, when, and what its marks mean."""

from datetime import UTC, datetime
from itertools import pairwise

from app.dashboard.charts.caption import (
    MOST,
    Caption,
    dates_of,
    keys,
    keys_of_strip,
    notes_of,
    series,
    stretch,
)
from app.dashboard.charts.histogram import Aside
from app.dashboard.charts.strip import strip

FIRST, LAST = datetime(2013, 3, 4, tzinfo=UTC), datetime(2013, 12, 23, tzinfo=UTC)


def test_a_caption_says_whose_windows_and_when() -> None:
    said = series("december", "default", "origin=EWR", "the reference")
    assert said == (
        "version december, monitor default, segment origin=EWR, held against the reference"
    )
    assert stretch(FIRST, LAST) == "4 Mar 2013 to 23 Dec 2013, UTC"
    assert stretch(FIRST, LAST, windows=43).startswith("43 windows that begin from 4 Mar")


def test_entries_of_a_legend_stand_side_by_side() -> None:
    found = keys([("reference", "reference"), ("current", "this window"), ("band", "chance")])
    assert found[0].x == 0
    for one, following in pairwise(found):
        assert following.x > one.x + 6 * len(one.word)
    assert Caption("x", legend=found).wide(10) > found[-1].x


def test_a_strip_explains_the_bars_that_it_has_and_says_from_when_to_when() -> None:
    few, many = strip(["ok", "drift"], 30), strip(["ok"] * 40, 40)
    assert [one.word for one in keys_of_strip(few)] == ["drift", "ok"]
    assert [label for _, _, label in dates_of(few, FIRST, LAST)] == ["4 Mar 2013 to 23 Dec 2013"]
    (left, start, first), (right, end, last) = dates_of(many, FIRST, LAST)
    assert (start, first, end, last) == ("start", "4 Mar 2013", "end", "23 Dec 2013")
    assert left < right == many.width
    assert dates_of(strip([], 30), FIRST, LAST) == ()


def test_what_has_no_bar_is_said_in_words_and_in_lines_that_fit() -> None:
    found = notes_of(["x" * 300], [Aside("missing", 0.25, 0.0), Aside("wrong type", 0.0, 0.0)])
    assert found[1:] == ("missing: 25 % of the reference's rows, 0 % of this window's",)
    assert len(found[0]) <= MOST
    lower, higher = Caption("x"), Caption("x", notes=found)
    assert higher.below > lower.below
