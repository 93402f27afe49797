"""A target is met on the right side of its limit, and one that was not run is not met."""

import pytest

from benchmarks.findings import Found, Line, Table, load
from benchmarks.targets import TARGETS, Reached, Target, reached


def target(**given) -> Target:
    return Target("text", "part", 3.0, lambda _: 0.0, **given)


@pytest.mark.parametrize(
    ("found", "at_least", "verdict"),
    [
        (3.0, False, "met"),
        (3.1, False, "missed"),
        (3.0, True, "met"),
        (2.9, True, "missed"),
        (None, False, "not run"),
        (None, True, "not run"),
    ],
)
def test_which_side_of_the_limit(found, at_least, verdict):
    assert Reached(target(at_least=at_least), found).verdict == verdict


def test_every_target_can_be_read_from_the_committed_results():
    for each in reached(load):
        assert each.found is None or each.found > 0


def test_without_results_nothing_is_met():
    assert {each.verdict for each in reached(lambda _: None)} == {"not run"}


def test_rivals_are_measured_against_our_stored_baseline():
    """The quicker of two rivals, worked by hand: 4 s beside our 0.5 s."""
    lines = (Line("Leeway", 0.5, 1.0), Line("DuckDB PSI", 4.0, 9.0), Line("Polars PSI", 6.0, 6.0))
    table = Table("stored 1M x 50 plain", "", "Leeway", lines)
    sought = next(t for t in TARGETS if t.text.startswith("that PSI") and t.text.endswith("texts"))
    assert sought.figure(Found({}, (table,))) == pytest.approx(8.0)
    assert not Reached(sought, 8.0).met


def test_a_library_that_did_not_run_leaves_its_target_open():
    lines = (Line("Leeway, texts", 0.5, 1.0), Line("nannyml 1: KS", 4.0, 9.0))
    found = Found({}, (Table("stored", "", "Leeway, texts", lines),))
    sought = [t for t in TARGETS if t.part.startswith("peers") and t.text.endswith("texts")]
    evidently = next(t for t in sought if t.text.startswith("evidently"))
    fastest = next(t for t in sought if t.text.startswith("that library"))
    assert evidently.figure(found) is None
    assert fastest.figure(found) == 8.0
