"""Numbers of batches: gaps, late ones, several runs, and windows that lack some."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Invalid
from app.domain.sources.sequence import (
    FAR,
    MOST_GAPS,
    Line,
    Note,
    Numbered,
    follow,
    missing,
    parse,
)

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def note(number: int, *, at: datetime | None = None, rows: int = 10) -> Note:
    """A batch that holds the minute of its number."""
    first = START + number * MINUTE if at is None else at
    return Note(number, "v", rows, first, first + MINUTE)


def line(*numbers: int) -> Line:
    made = follow(None, map(note, numbers))
    assert made is not None
    return made


def lost(of: Line, hour: int = 0, version: str = "v") -> int | None:
    return missing([of], version, START + hour * HOUR, START + (hour + 1) * HOUR)


@pytest.mark.parametrize(
    ("text", "found"),
    [("0", Numbered("", 0)), ("17", Numbered("", 17)), ("a.b-c_1/08", Numbered("a.b-c_1", 8))],
)
def test_numbers_are_read(text: str, found: Numbered) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", "a", "a/", "/1", "a/b/1", "9" * 16, "1 ", "\u0663"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert refused.value.faults[0].field == "Leeway-Sequence"


def test_a_gap_is_so_many_batches_of_the_usual_size() -> None:
    assert lost(line(1, 2, 3)) == 0
    assert lost(line(1, 2, 5)) == 20
    assert lost(line(1, 2, 5), version="other") == 0
    assert lost(line(1, 2, 5), hour=7) is None


def test_late_numbers_heal_it() -> None:
    assert lost(line(1, 2, 5, 3)) == 10
    assert lost(line(1, 2, 5, 4, 3)) == 0
    assert line(1, 2, 5, 4, 3).gaps == ()


def test_a_gap_across_windows_is_shared_by_time() -> None:
    # 30 minutes of the first hour, all of the second, 30 of the third
    found = line(29, 150)
    assert [lost(found, hour) for hour in range(4)] == [300, 600, 300, None]


def test_numbers_sent_side_by_side_may_come_in_any_order() -> None:
    assert lost(line(3, 1, 2)) == 0
    assert lost(line(5, 1)) == 30


@given(st.permutations(range(40)), st.sets(st.integers(2, 38)))
def test_whatever_the_order_what_never_came_is_missing(order: list[int], never: set[int]) -> None:
    found = line(*(number for number in order if number not in never))
    assert sum(gap.numbers for gap in found.gaps) == len(never)
    assert (found.low, found.high, found.batches) == (0, 39, 40 - len(never))


def test_a_sequence_that_begins_anew_keeps_what_was_missing_before() -> None:
    found = follow(line(1, 2, 5, 6), [note(1, at=START + HOUR), note(2, at=START + HOUR)])
    assert found is not None
    assert (found.low, found.high) == (1, 2)
    assert lost(found, 0) == 20
    assert lost(found, 1) == 0


def test_a_number_of_the_run_before_is_no_gap_of_the_next() -> None:
    again = [note(number, at=START + HOUR) for number in (1, 2, 3)]
    begun = follow(line(1, 2, 5, 6), again)
    late = follow(begun, [note(57, at=START + 30 * MINUTE)])
    assert late is not None
    assert (late.low, late.high, lost(late, 0), lost(late, 1)) == (1, 3, 20, 0)
    healed = follow(late, [note(4)])
    assert healed is not None
    assert (healed.high, lost(healed, 0)) == (3, 10), "it may be what was missing of that run"
    ahead = follow(healed, [note(5, at=START + HOUR + 3 * MINUTE)])
    assert ahead is not None
    assert [gap.numbers for gap in ahead.gaps] == [1, 1], "gaps of this run are seen as before"


def test_a_number_given_twice_is_no_gap() -> None:
    assert lost(line(1, 2, 3, 2, 4)) == 0


def test_numbers_that_leap_are_another_sequence() -> None:
    found = line(1, 2, FAR + 10)
    assert (found.gaps, found.low) == ((), FAR + 10)
    assert line(5_000, 300).gaps == ()


def test_gaps_are_bounded() -> None:
    found = line(*range(0, 4 * MOST_GAPS, 2))
    assert len(found.gaps) == MOST_GAPS
    assert found.gaps[-1].before == found.high
