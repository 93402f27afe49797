"""Monitors: what they look at, and what they may spend of a model's budget."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.model import Feature, Kind, Role, Schema
from app.domain.monitors.monitor import (
    PAGE_BUDGET,
    Monitor,
    MonitorKind,
    default_monitor,
    funded,
    page_level,
    usual_monitors,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCHEMA = Schema(
    (
        Feature("at", Kind.IGNORED, Role.TIMESTAMP),
        Feature("x", Kind.NUMERIC),
        Feature("c", Kind.CATEGORICAL),
        Feature("p", Kind.NUMERIC, Role.SCORE),
        Feature("skipped", Kind.IGNORED),
    )
)


def test_the_usual_monitors_leave_the_budget_to_one() -> None:
    given = funded(usual_monitors(SCHEMA), HOUR)
    assert {one.name: one.page_level for one in given} == {
        "default": page_level(HOUR),
        "predictions": None,
        "quality": None,
        "traffic": None,
    }
    assert given[0] == replace(default_monitor(HOUR), window=None)


def test_a_model_without_outputs_has_no_monitor_of_them() -> None:
    assert [one.name for one in usual_monitors(Schema(SCHEMA.features[:3]))] == [
        "default",
        "quality",
        "traffic",
    ]


def test_all_that_page_share_the_budget_look_by_look() -> None:
    every = [
        Monitor("a", 1),
        Monitor("b", 1, window=DAY),
        Monitor("c", 1, pages=False),
        Monitor("d", 1, enabled=False),
    ]
    levels = [one.page_level for one in funded(every, HOUR)]
    assert levels[2:] == [None, None]
    assert levels[0] == levels[1] == pytest.approx(PAGE_BUDGET / (2_160 + 90))
    assert 2_160 * levels[0] + 90 * levels[1] == pytest.approx(PAGE_BUDGET)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("monitor", "columns"),
    [
        (Monitor("m", 1), ("x", "c", "p")),
        (Monitor("m", 1, roles=(Role.FEATURE,)), ("x", "c")),
        (Monitor("m", 1, kind=MonitorKind.PREDICTION_DRIFT, roles=(Role.SCORE,)), ("p",)),
        (Monitor("m", 1, include=("p", "x", "at")), ("x", "p")),
        (Monitor("m", 1, exclude=("x",)), ("c", "p")),
        (Monitor("m", 1, include=("x",), exclude=("x",)), ()),
    ],
)
def test_columns(monitor: Monitor, columns: tuple[str, ...]) -> None:
    assert monitor.columns(SCHEMA) == columns
