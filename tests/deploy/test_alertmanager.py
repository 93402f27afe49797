"""The Alertmanager example: valid, and each severity takes its way."""

import pytest

from tests.deploy.tools import DEPLOY, call

FILE = str(DEPLOY / "alertmanager" / "alertmanager.yml")


def test_amtool_takes_the_configuration() -> None:
    assert "SUCCESS" in call("amtool", "check-config", FILE)


@pytest.mark.parametrize(
    ("severity", "receiver"),
    [
        ("P1", "pagerduty-high"),
        ("P2", "pagerduty-high"),
        ("P3", "pagerduty-low"),
        ("P4", "pagerduty-low"),
    ],
)
def test_each_severity_takes_its_way(severity: str, receiver: str) -> None:
    call(
        "amtool",
        "config",
        "routes",
        "test",
        f"--config.file={FILE}",
        f"--verify.receivers={receiver}",
        f"severity={severity}",
        "alertname=LeewayDrift",
    )
