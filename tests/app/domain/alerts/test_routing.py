"""Targets hear of what they take, and of the end of all that they heard of."""

import pytest

from app.domain.alerts.delivery import Target, Topic
from app.domain.alerts.routing import gone, receivers
from app.domain.monitors.monitor import Severity

ALL = Target("all", "webhook", {})
PAGED = Target("paged", "pagerduty", {}, severities=frozenset({Severity.P1, Severity.P2}))
RUNS = Target("runs", "airflow", {}, takes=frozenset({Topic.RETRAININGS}))
OFF = Target("off", "webhook", {}, enabled=False)
TARGETS = (ALL, PAGED, RUNS, OFF)


@pytest.mark.parametrize(
    ("severity", "named", "told", "expected"),
    [
        (Severity.P2, None, (), ["all", "paged"]),
        (Severity.P3, None, (), ["all"]),
        (Severity.P1, ["paged", "runs", "off"], (), ["paged"]),
        (Severity.P3, ["paged"], (), []),
        (Severity.P3, [], ("paged", "off", "gone"), ["paged", "off"]),
        (Severity.P4, None, ("runs",), ["all"]),
    ],
)
def test_who_hears_of_an_alert(
    severity: Severity, named: list[str] | None, told: tuple[str, ...], expected: list[str]
) -> None:
    assert receivers(TARGETS, severity, named, told) == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [(None, []), (["all", "off"], []), (["all", "lost", "away"], ["lost", "away"])],
)
def test_names_that_no_target_has_are_found(named: list[str] | None, expected: list[str]) -> None:
    assert gone(TARGETS, named) == expected
