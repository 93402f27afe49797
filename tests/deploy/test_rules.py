"""The rules: right for promtool, tested one by one, and each with a severity and a way on."""

from typing import Any

import yaml

from tests.deploy.tools import DEPLOY, call

RULES = DEPLOY / "prometheus" / "leeway.rules.yml"
TESTS = DEPLOY / "prometheus" / "leeway.rules.test.yml"


def rules() -> list[dict[str, Any]]:
    return [
        rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
    ]


def test_promtool_takes_the_configuration_and_the_rules() -> None:
    call("promtool", "check", "config", "--syntax-only", "prometheus/prometheus.yml")
    call("promtool", "check", "rules", str(RULES))


def test_promtool_runs_the_tests_of_the_rules() -> None:
    assert "SUCCESS" in call("promtool", "test", "rules", str(TESTS))


def test_every_rule_has_a_severity_a_summary_and_a_test_in_which_it_fires() -> None:
    fired = TESTS.read_text()
    for rule in rules():
        assert rule["labels"].keys() == {"severity"}
        # that of traffic and retraining is the model's to say
        own = rule["labels"]["severity"] == "{{ $labels.severity }}"
        assert own == ("segment, monitor, severity) (" in rule["expr"])
        assert own or rule["labels"]["severity"] in {"P1", "P2", "P3", "P4"}
        assert rule["annotations"]["summary"]
        assert f'alertname="{rule["alert"]}",alertstate="firing"' in fired, rule["alert"]


def test_all_severities_of_leeway_have_a_rule_of_their_own() -> None:
    text = RULES.read_text()
    general = 'monitor!~"traffic|retraining"'
    firing = [f'leeway_alert_firing{{severity="P{one}",{general}}}' for one in range(1, 5)]
    assert all(one in text for one in firing)
