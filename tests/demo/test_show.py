"""The demo's table: a mark a week, the most drifted feature first, nothing secret."""

import html
import re
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from app.demo.answers import Alert, Delivery, Finding, Receipt, Week
from app.demo.show import Outcome, as_svg, months, report
from app.demo.story import FIRST_WEEK

STATES = {
    "hour": ["ok", "ok", "ok"],
    "temp": ["drift", "drift", "ok"],
    "visib": ["insufficient_data", "error", "drift"],
}


def finding(feature: str, week: int) -> Finding:
    state = STATES[feature][week]
    psi = None if state in {"insufficient_data", "error"} else 0.5 * week + 0.25
    return Finding(feature, state, warning=feature == "hour" and week == 1, psi=psi)


WEEKS = [
    Week(FIRST_WEEK + timedelta(days=7 * n), 650, {name: finding(name, n) for name in STATES}, "v1")
    for n in range(3)
]


@pytest.fixture
def outcome() -> Outcome:
    alert = Alert("default", "firing", FIRST_WEEK, ("temp", "dewp"))
    delivery = Delivery("io.leeway.alert.firing.v1", "delivered", 2)
    return Outcome(WEEKS, Receipt(2_000, 1_990, 10, 0, 0), 3, [alert], [delivery])


def printed(shown) -> list[str]:
    console = Console(file=StringIO(), width=80)
    console.print(shown, crop=False)
    return console.file.getvalue().splitlines()


def row(lines: list[str], name: str) -> list[str]:
    return next(line.split() for line in lines if line.startswith(name))


def test_each_week_has_its_mark(outcome):
    lines = printed(report(outcome, "http://leeway", keyed=False))
    assert row(lines, "temp") == ["temp", "██·", "2", "1.25", "04", "Mar"]
    assert row(lines, "visib") == ["visib", "?!█", "1", "1.25", "18", "Mar"]
    assert row(lines, "hour") == ["hour", "·▒·", "-", "1.25"]


def test_the_most_drifted_feature_is_first(outcome):
    lines = printed(report(outcome, "http://leeway", keyed=False))
    names = [line.split()[0] for line in lines if line.startswith(tuple(STATES))]
    assert names == ["temp", "visib", "hour"]


def test_rows_alert_and_webhook_are_told(outcome):
    text = "\n".join(printed(report(outcome, "http://leeway", keyed=False)))
    assert "2,000 sent in 3 batches: 1,990 counted, 10 duplicate, 0 late, 0 rejected" in text
    assert "default firing since 04 March 2013; worst: temp, dewp" in text
    assert "io.leeway.alert.firing.v1 delivered after 2 tries" in text


def test_what_pages_show_later_is_told(outcome):
    lines = printed(report(outcome, "http://leeway", keyed=False))
    (line,) = [line for line in lines if line.startswith("later ")]
    assert "30 and 31 December are judged 15 minutes after they came" in line


def test_the_lines_to_paste_name_the_version_that_has_the_windows(outcome):
    text = "\n".join(printed(report(outcome, "http://leeway", keyed=False)))
    assert "/windows?version=v1&limit=2'" in text
    assert "/windows/2013-03-18T00:00:00Z/features/temp?version=v1'" in text


@pytest.mark.parametrize("keyed", [True, False])
def test_a_key_is_named_only_where_one_is_needed(outcome, keyed):
    text = "\n".join(printed(report(outcome, "http://leeway", keyed=keyed)))
    assert ("$LEEWAY_API_KEY" in text) is keyed


def test_forty_three_weeks_fit_a_terminal_of_eighty_columns(outcome):
    many = [
        Week(FIRST_WEEK + timedelta(days=7 * n), 650, {"wind_speed": finding("temp", 0)}, "v1")
        for n in range(43)
    ]
    full = Outcome(many, outcome.rows, 3, [], [])
    lines = printed(report(full, "http://leeway", keyed=False))
    assert any("█" * 43 in line and "04 Mar" in line for line in lines)


def test_months_begin_above_their_first_week():
    weeks = [Week(FIRST_WEEK + timedelta(days=7 * n), 1, {}, "v1") for n in range(9)]
    assert months(weeks) == "Mar Apr  "


def test_the_picture_loads_nothing_from_elsewhere(outcome):
    drawing = as_svg(report(outcome, "http://leeway", keyed=False))
    assert drawing.startswith("<svg")
    assert "url(" not in drawing.replace("url(#", "")
    assert "@font-face" not in drawing


def test_the_picture_cuts_no_line(outcome):
    """Lines to be copied are longer than a terminal is wide."""
    address = "http://leeway.example.com:18477"
    drawing = as_svg(report(outcome, address, keyed=True)).replace("&#160;", " ")
    texts = [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", drawing)]
    line = next(line for line in printed_wide(outcome, address) if "/features/temp?" in line)
    assert line.strip() in [text.strip() for text in texts]


def printed_wide(outcome, address: str) -> list[str]:
    console = Console(file=StringIO(), width=500)
    console.print(report(outcome, address, keyed=True), crop=False)
    return console.file.getvalue().splitlines()
