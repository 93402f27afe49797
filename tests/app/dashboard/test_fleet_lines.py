"""One line for each model, and the tiles of one: what fires or was not judged is never calm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.dashboard.fleet.lines import FIRING_TOLD, Known, fleet_row, worst_first
from app.dashboard.since import Since
from app.dashboard.wording import why
from app.domain.monitors.monitor import Severity
from app.domain.telling.overview import Firing, Judged, ModelLine

AT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALM = Judged(AT, AT + HOUR, 10, "ok", False, False, None, 1)
MODEL = ModelLine(1, "flights", HOUR, "v1", "v1", 1, CALM)


def fires(monitor: str = "default", segment: str = "", alerts: int = 1) -> Firing:
    return Firing("flights", monitor, Severity.P2, segment, alerts)


def test_nothing_is_wrong_only_where_nothing_fires() -> None:
    assert fleet_row(MODEL, Known()).sentence == "Nothing is wrong."
    told = fleet_row(MODEL, Known(firing=[fires(segment="origin=JFK", alerts=3)])).sentence
    assert told == "default fires in origin=JFK and 2 more (P2)."


def test_of_many_monitors_that_fire_the_last_are_a_number() -> None:
    many = [fires(f"m{n}") for n in range(FIRING_TOLD + 2)]
    told = fleet_row(MODEL, Known(firing=many)).sentence
    assert told.endswith("m2 fires (P2). 2 more monitors fire.")


def test_a_reason_that_counts_features_is_told_in_words() -> None:
    reason = "3 of 3 features; a: few_rows: 4 rows, at least 9 are needed"
    assert why(reason) == "3 of 3 features; a: too few rows (4 rows, at least 9 are needed)"
    assert why("grid; more") == "grid; more"


def judged(state: str | None, monitor: str = "default", **about: object) -> Judged:
    return replace(CALM, state=state, monitor=monitor, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "known", "kind", "monitor", "sentence"),
    [
        (MODEL, Known(), "ok", None, "Nothing is wrong."),
        (
            replace(MODEL, latest=judged("drift", "quality")),
            Known(drifted=("speed", "load")),
            "drift",
            "quality",
            "speed and load drifted in the last window.",
        ),
        (
            replace(MODEL, latest=judged("ok", warning=True)),
            Known(),
            "warning",
            "default",
            "Some features move, none of them surely and by much.",
        ),
        (
            replace(MODEL, latest=judged("insufficient_data", reason="few_rows: 3 rows")),
            Known(),
            "unjudged",
            "default",
            "The last window could not be judged: too few rows (3 rows).",
        ),
        (
            replace(MODEL, latest=judged("error", "slow", reason="damaged")),
            Known(),
            "error",
            "slow",
            "The last window could not be judged: stored counts are damaged.",
        ),
        (
            replace(MODEL, latest=None, asked=frozenset()),
            Known(arrived=AT),
            "waiting",
            None,
            "Nothing judges it: all of its monitors are disabled or were deleted.",
        ),
        (
            replace(MODEL, latest=None, baseline=None, asked=frozenset()),
            Known(),
            "waiting",
            None,
            "Has no reference yet: upload what the model learned from.",
        ),
        (
            replace(MODEL, latest=None),
            Known(),
            "waiting",
            None,
            "Has a reference; no rows came yet.",
        ),
        (
            replace(MODEL, latest=None),
            Known(arrived=AT),
            "waiting",
            None,
            "Rows come in; the first window has not closed yet.",
        ),
        (
            replace(MODEL, champion="v2"),
            Known(),
            "waiting",
            None,
            "v2 is new and was not judged yet. Before it: Nothing is wrong.",
        ),
    ],
)
def test_a_line_says_how_a_model_stands_and_who_says_so(
    line: ModelLine, known: Known, kind: str, monitor: str | None, sentence: str
) -> None:
    row = fleet_row(line, known)
    assert (row.kind, row.monitor, row.sentence) == (kind, monitor, sentence)


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (None, "x drifted in the last window."),
        (
            Since(AT + HOUR),
            "x drifted in the last window; windows drift without a break since 1 Jan 2024, 01:00.",
        ),
        (
            Since(AT, or_earlier=True),
            (
                "x drifted in the last window; "
                "windows drift without a break since 1 Jan 2024 or earlier."
            ),
        ),
    ],
)
def test_since_when_windows_drift_is_told(since: Since | None, told: str) -> None:
    line = replace(MODEL, latest=judged("drift"))
    assert fleet_row(line, Known(drifted=("x",), since=since)).sentence == told


def test_what_fires_comes_first_then_the_worst() -> None:
    lines = [
        replace(MODEL, name="calm"),
        replace(MODEL, name="silent", latest=None),
        replace(MODEL, name="drifts", latest=judged("drift")),
        replace(MODEL, name="fires"),
    ]
    order = [line.name for line in worst_first(lines, {"fires": [fires()]})]
    assert order == ["fires", "drifts", "silent", "calm"]
