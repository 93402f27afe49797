"""What the pages for people who run the service are made of, without a service."""

from datetime import UTC, datetime, timedelta

import pytest

from app.dashboard.alerts.history import Stretch, stretches
from app.dashboard.deliveries.about import leads_to
from app.dashboard.ingest.rates import HEIGHT, WIDTH, rates
from app.dashboard.reasons import CAUSES, ORIGINS, SAID, SEVERITIES, said
from app.dashboard.retrainings.running import run_link
from app.domain.alerts import alert as alerts
from app.domain.alerts.delivery import Target
from app.domain.alerts.event import FIRING, RETRAINING, TEST
from app.domain.alerts.traffic import Hour
from app.domain.monitors.monitor import ALL_VERSIONS, Severity
from app.domain.retrainings import retraining
from app.domain.retrainings.policy import Cause
from app.domain.telling.reports import AlertStep, DeliverySummary

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_every_code_has_words() -> None:
    """A new state or reason is to be said in words as well."""
    assert {one.value for one in (*alerts.Reason, *retraining.Reason)} <= SAID.keys()
    assert {one.value for one in retraining.Origin} == ORIGINS.keys()
    assert {one.value for one in Cause} == CAUSES.keys()
    assert {one.value for one in Severity} == SEVERITIES.keys()
    assert said("monitor_deleted") == "its monitor was deleted"
    assert said("of_tomorrow") == "of tomorrow"


def test_windows_that_leave_an_alert_alike_are_one_line() -> None:
    def step(at: int, state: str, reason: str, revision: int = 1) -> AlertStep:
        return AlertStep(START + HOUR * at, revision, state, reason, START)

    found = stretches(
        [
            step(4, "firing", "still_firing"),
            step(3, "firing", "still_firing", 2),
            step(2, "firing", "evidence"),
            step(1, "inactive", "quiet"),
        ]
    )
    first, last = START + 3 * HOUR, START + 4 * HOUR
    assert found[0] == Stretch("firing", "still_firing", first, last, 2, 1)
    assert [one.windows for one in found] == [2, 1, 1]


def test_bars_stand_for_rows_and_say_what_nobody_saw() -> None:
    hours = [
        Hour(START, 60, 60, 100),
        Hour(START + HOUR, 60, 0, 0),
        Hour(START + 2 * HOUR, 9, 1, 1),
    ]
    chart = rates(hours, START, 4)
    assert [bar.rows for bar in chart.bars] == [100, 0, 1, None]
    assert chart.bars[0].height == HEIGHT
    assert chart.bars[1].height == 0
    assert 0 < chart.bars[2].height < 5  # some are not none
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert (chart.rows, chart.most, chart.busiest, chart.quiet) == (101, 100, START, 1)


def test_no_hours_are_no_rows() -> None:
    chart = rates([], START, 2)
    assert (chart.rows, chart.busiest, len(chart.bars)) == (0, None, 2)


@pytest.mark.parametrize(
    ("kind", "options", "link"),
    [
        ("airflow", {"base_url": "http://a:8080/"}, "http://a:8080/dags/re%2Ftrain/runs/r%2F1%3F"),
        (
            "airflow",
            {"base_url": "https://a/x", "api": "v1"},
            "https://a/x/dags/re%2Ftrain/grid?dag_run_id=r%2F1%3F",
        ),
        ("airflow", {"base_url": "javascript:alert(1)"}, None),
        ("airflow", {}, None),
        ("webhook", {"url": "https://a"}, None),
    ],
)
def test_a_run_is_a_link_where_its_page_is_known(
    kind: str, options: dict[str, object], link: str | None
) -> None:
    assert run_link(Target("t", kind, options | {"dag_id": "re/train"}), "r/1?") == link


def delivery(kind: str, subject: str, event: str = "evt_1") -> DeliverySummary:
    return DeliverySummary(1, event, kind, subject, "t", "dead", 1, None, START, START)


def test_a_delivery_leads_to_what_it_is_about() -> None:
    def parts(found: DeliverySummary) -> list[tuple[tuple[str, ...], dict[str, str]]]:
        return [(lead.parts, dict(lead.query)) for lead in leads_to(found)]

    assert parts(delivery(FIRING, "m/v/default")) == [
        (("alerts",), {"model": "m", "monitor": "default", "version": "v"}),
        (("models", "m"), {}),
    ]
    every = parts(delivery(FIRING, f"m/{ALL_VERSIONS}/traffic"))[0]
    assert every == (("alerts",), {"model": "m", "monitor": "traffic"})
    assert parts(delivery(RETRAINING, "m/v", "evt_rtr_1"))[0] == (("retrainings", "rtr_1"), {})
    assert parts(delivery(TEST, "target/x")) == []
    assert parts(delivery(FIRING, "odd")) == []
