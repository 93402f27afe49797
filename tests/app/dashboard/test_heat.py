"""The grid of features by windows: levels go by thresholds, and many windows share columns."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dashboard.model.cells import cells
from app.dashboard.model.heat import COLUMNS, Key, Mark, columns, heat, legend, level, mark
from app.domain.telling.overview import Cell
from app.domain.verdicts.judgement import WindowKey, WindowSummary
from app.domain.window import WindowStatus
from drift_core import Thresholds

START = datetime(2024, 1, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = Thresholds(0.1, 0.2)


def windows(count: int, width: timedelta = HOUR) -> list[WindowSummary]:
    """Windows as lists have them: newest first."""
    return [
        WindowSummary(
            key=WindowKey(1, "v", "", "default", START + n * width),
            monitor="default",
            end=START + (n + 1) * width,
            status=WindowStatus.CLOSED,
            revision=1,
            rows=10,
            state="ok",
            warning=False,
            page=False,
            reason=None,
            drifted=(),
            baseline=1,
            cause="closed",
            judged_at=START,
            verdict=n + 1,
        )
        for n in reversed(range(count))
    ]


def cell(effect: float | None, state: str = "ok", *, warning: bool = False) -> Cell:
    return Cell(1, "x", state, warning, effect)


@given(st.integers(0, 1_000))
def test_every_window_is_in_one_column_and_their_number_is_bounded(count: int) -> None:
    found = columns(windows(count), None)
    held = [verdict for column in found for verdict in column.verdicts]
    assert held == list(range(1, count + 1))
    assert len(found) <= COLUMNS
    assert all(len(column.verdicts) == len(found[-1].verdicts) for column in found[1:])


def test_a_column_is_named_by_its_last_window_and_says_all_of_them() -> None:
    last = columns(windows(96), START + 94 * HOUR)[-1]
    assert (last.start, last.chosen) == (START + 95 * HOUR, True)
    assert last.title == "2 Feb 2024, 22:00 to 2 Feb 2024, 23:00"


@pytest.mark.parametrize(
    ("value", "drifted", "expected"),
    [
        (0.0, False, 0),
        (0.05, False, 1),
        (0.1, False, 2),
        (9.0, False, 2),
        (0.01, True, 3),
        (0.2, True, 3),
        (0.5, True, 4),
        (1.0, True, 5),
    ],
)
def test_levels_go_by_thresholds_and_drift_never_looks_calm(
    value: float, drifted: bool, expected: int
) -> None:
    assert level(value, drifted=drifted, limits=LIMITS) == expected


@pytest.mark.parametrize(
    "limits", [LIMITS, Thresholds(None, 0.01), Thresholds(0.3, None), Thresholds(None, None)]
)
def test_the_legend_says_from_where_on_cells_look_how(limits: Thresholds) -> None:
    found = legend(limits)
    assert [one.look for one in (*found.calm, *found.drifting)] == [f"h{n}" for n in range(6)]
    for drifted, keys in ((False, found.calm), (True, found.drifting)):
        for before, key in pairwise((Key("", -1.0), *keys)):
            at = level(key.least, drifted=drifted, limits=limits)
            below = level(key.least - 1e-9, drifted=drifted, limits=limits)
            assert f"h{at}" == key.look
            assert f"h{below}" == (before.look or key.look)


def test_an_earlier_window_that_is_looked_at_has_its_numbers_beside_those_of_now() -> None:
    found = windows(3)
    cells_of = {1: {"x": cell(0.7, "drift")}, 2: {}, 3: {"x": cell(0.02)}}
    grid = heat(columns(found, START), ["x", "y"], cells_of, lambda _: LIMITS, found[-1])
    assert grid.then == START
    known, unknown = grid.rows
    assert (known.then, known.then_kind, known.now) == ("0.70", "drift", "0.02")
    assert (unknown.then, unknown.now) == ("\N{EN DASH}", "\N{EN DASH}")
    newest = heat(columns(found, None), ["x"], cells_of, lambda _: LIMITS)
    assert (newest.then, newest.rows[0].then) == (None, "")


def test_what_was_not_judged_does_not_look_calm() -> None:
    assert mark([], LIMITS).look == "x"
    assert mark([cell(None, "insufficient_data")], LIMITS).look == "u"
    assert mark([cell(None, "error")], LIMITS).look == "e"
    assert mark([cell(0.01), cell(None, "insufficient_data")], LIMITS).look == "u"


def test_what_was_not_judged_has_no_number_now() -> None:
    few = heat(
        columns(windows(1), None),
        ["x"],
        {1: {"x": cell(0.0, "insufficient_data")}},
        lambda _: LIMITS,
    )
    assert (few.rows[0].now, few.rows[0].kind) == ("\N{EN DASH}", "unjudged")
    assert few.rows[0].marks[0].text == "not enough data"


def test_the_worst_of_a_column_is_shown() -> None:
    found = mark([cell(0.9), cell(0.3, "drift"), cell(0.25, "drift")], LIMITS)
    assert (found.look, found.text) == ("h3", "0.30 drift")


def test_labels_above_are_months_of_days_and_days_of_hours() -> None:
    weekly = heat(columns(windows(6, timedelta(days=7)), None), ["x"], {}, lambda _: LIMITS)
    assert [label for label, _ in weekly.months] == ["Jan 2024", "Feb 2024", "Mar 2024"]
    hourly = heat(
        columns(windows(30), None), ["x"], {30: {"x": cell(0.3, "drift")}}, lambda _: LIMITS
    )
    assert hourly.months == (("30 Jan", 24), ("31 Jan", 6))
    assert (hourly.rows[0].now, hourly.rows[0].kind) == ("0.30", "drift")


def test_cells_stand_below_their_columns_and_a_dot_marks_drift() -> None:
    marks = [Mark("h3", "0.30 drift"), Mark("x", "<none>")]
    assert cells(marks, 7, columns(windows(2), START + HOUR)) == (
        '<td id="c7-0" class="h3 d">0.30 drift</td><td id="c7-1" class="x in">&lt;none&gt;</td>'
    )
