"""The table of pages, without a browser and without a service."""

import pytest

from benchmarks.findings import Found
from benchmarks.pages import run
from benchmarks.pages.place import SIZES, WIDE, judged, told
from benchmarks.targets import TARGETS

FOUND = Found(
    {}, (), {"alerts, kB": 12.34, "the API, kB": 59.0, "alerts, p95 ms": 3.21}, ("Busy.",)
)


def test_the_worst_page_counts() -> None:
    assert run.worst(FOUND, "kB") == 59.0
    assert run.worst(FOUND, "p95 ms") == 3.21
    assert run.worst(FOUND, "requests") is None


def test_every_budget_is_a_target() -> None:
    limits = sorted(target.limit for target in TARGETS if target.part == "pages")
    assert limits == sorted(run.BUDGETS.values())


def test_what_was_not_measured_is_a_dash_and_a_busy_machine_istold() -> None:
    text = run.show(FOUND)
    assert "| alerts | 12 | - | - | - | - | 3.2 |" in text
    assert text.endswith("Busy.")


@pytest.mark.parametrize("name", ["verdict", "estimate"])
def test_the_wide_model_is_as_wide_as_is_said(name: str) -> None:
    features, windows = SIZES[WIDE]
    names = [f"f{number}" for number in range(features)]
    said = judged(1, "v1", 1, names, windows)
    made = [rows for table, rows in said if table.name == name]
    assert (len(made), {len(rows) for rows in made}) == (500, {200})


def test_one_in_a_hundred_deliveries_is_dead() -> None:
    (made,) = [rows for table, rows in told() if table.name == "delivery"]
    assert sum(one["state"] == "dead" for one in made) * 100 == len(made)
