"""Where windows by rows end: at the first border of a pane with enough rows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.monitors.by_rows import ByRows, Held, cut
from app.domain.monitors.frame import WIDEST
from app.domain.monitors.monitor import Monitor, funded, page_level
from app.domain.window import PANE

START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def panes(*rows: int, at: int = 0) -> list[Held]:
    return [
        Held(START + n * PANE, START + (n + 1) * PANE, count)
        for n, count in enumerate(rows, at)
        if count
    ]


def ends(held: list[Held], least: int, until: datetime = START + 300 * DAY) -> list[int]:
    """Borders in panes after the start."""
    return [(b - START) // PANE for _, b in cut(held, START, least, until).spans]


def test_a_window_ends_with_the_pane_in_which_it_has_enough() -> None:
    assert ends(panes(3, 3, 3, 9, 1, 1), 6, START + 6 * PANE) == [2, 4]
    assert ends(panes(3, 0, 0, 3, 9), 6, START + 9 * PANE) == [4, 5]
    assert ends(panes(9, 9), 6, START + PANE) == [1], "only what the watermark has passed"
    assert ends(panes(9, 9), 6, START) == []


def test_a_window_ends_after_thirty_days_as_it_is() -> None:
    days = [Held(START + n * DAY, START + n * DAY + PANE, 1) for n in (0, 29, 40)]
    found = cut(days, START, 100, START + 100 * DAY)
    assert found.spans == ((START, START + WIDEST), (START + WIDEST, START + 2 * WIDEST))
    waits = cut(days, START, 100, START + 59 * DAY)
    assert (waits.spans, waits.begin) == (((START, START + WIDEST),), START + WIDEST)


def test_without_rows_there_is_no_window() -> None:
    late = [Held(START + 95 * DAY, START + 95 * DAY + PANE, 9)]
    assert cut(late, START, 5, START + 200 * DAY).spans == ((late[0].start, late[0].end),)
    assert cut([], START, 5, START + 200 * DAY).spans == ()


def test_no_border_lies_within_what_was_merged() -> None:
    hour = Held(START, START + timedelta(hours=1), 50)
    again = Held(START + PANE, START + 2 * PANE, 50)
    assert ends([again, hour], 60) == [4]


ROWS = st.lists(st.integers(0, 9), max_size=60)


@given(ROWS, st.integers(1, 25), st.integers(0, 60), st.randoms())
def test_cut_at_once_or_bit_by_bit_in_any_order(
    rows: list[int], least: int, first: int, draw: object
) -> None:
    held = panes(*rows)
    mixed = list(held)
    draw.shuffle(mixed)  # type: ignore[attr-defined]
    whole = cut(mixed, START, least, START + 60 * PANE)
    early = cut(held, START, least, START + first * PANE)
    rest = [one for one in held if one.start >= early.begin]
    later = cut(rest, early.begin, least, START + 60 * PANE)
    assert early.spans + later.spans == whole.spans
    begin = START
    for start, end in whole.spans:
        assert start == begin
        inside = [one for one in held if start <= one.start < end]
        assert sum(one.rows for one in inside) >= least > sum(one.rows for one in inside[:-1])
        assert inside[-1].end == end
        begin = end
    assert begin == whole.begin


def test_they_spend_what_the_most_of_them_would() -> None:
    mine = Monitor("m", 1, rows=5_000)
    assert mine.frame(DAY) == ByRows(5_000)
    assert mine.frame_name(DAY) == "rows/5000"
    assert funded([mine], DAY)[0].page_level == page_level(PANE)
