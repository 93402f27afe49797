"""Monitors in a file: what their kind decides stays as it is where nothing is said of it."""

import pytest

from app.apply.adopt import adopted
from app.apply.order import CHANGES, DONE, FAILED
from tests.app.api.service import rows
from tests.app.apply.conftest import Hand

TEXT = """
models:
  {name}:
    monitors:
      inputs:
        kind: data_drift
        thresholds: {{psi: {{drift: 0.4}}}}
        overrides: {{x: {{psi: {{drift: 0.5}}}}}}
        rule: {{kind: share, share: 0.5}}
        also: [{{kind: same_hour, weeks: 2}}]
        exclude:
          - {{cron: "0 22 * * 5", for: 8h, timezone: Europe/Berlin}}
          - {{from: 2026-12-24, to: 2026-12-26}}
          - {{country: DE, subdivision: BE}}
      checks: {{kind: data_quality, window: null}}
      often: {{kind: data_drift, window: {{rows: 5000}}, pages: false}}
"""


def test_monitors_are_applied_once_and_exported(hand: Hand, name: str) -> None:
    hand.apply(f"models: {{{name}: {{}}}}")
    hand.http.post(f"/v1/models/{name}/baselines", json=rows(500)).raise_for_status()
    text = TEXT.format(name=name)
    status, said = hand.apply(text)
    assert status == DONE, said
    assert f"+ models.{name}.monitors.inputs" in said
    path = f"/v1/models/{name}/monitors/inputs"
    before = hand.http.get(path).json()
    assert hand.apply(text, dry_run=True)[0] == DONE
    assert hand.apply(hand.export(), dry_run=True, prune=True)[0] == DONE
    assert hand.http.get(path).json()["version"] == before["version"]


def test_what_is_not_said_stays_also_when_something_else_changes(hand: Hand, name: str) -> None:
    hand.apply(f"models: {{{name}: {{}}}}")
    text = TEXT.format(name=name)
    hand.apply(text)
    path = f"/v1/models/{name}/monitors/inputs"
    told = hand.http.get(path).json()
    declared = {"kind": "data_drift", "severity": "P1", "thresholds": told["thresholds"]}
    hand.http.put(path, json=declared).raise_for_status()
    status, said = hand.apply(text, dry_run=True)
    assert (status, "rule.kind" in said, "severity" in said) == (CHANGES, True, False)
    assert hand.apply(text)[0] == DONE
    assert hand.http.get(path).json()["severity"] == "P1"


def test_traffic_is_declared_and_never_pruned(hand: Hand, name: str) -> None:
    hand.apply(f"models: {{{name}: {{}}}}")
    hand.http.post(f"/v1/models/{name}/baselines", json=rows(500)).raise_for_status()
    path = f"/v1/models/{name}/monitors/traffic"
    before = hand.http.get(path).json()
    bare = f"models: {{{name}: {{monitors: {{default: {{kind: data_drift}}}}}}}}"
    assert hand.apply(bare, prune=True)[0] == DONE
    assert hand.http.get(path).json() == before
    text = f"""
models:
  {name}:
    maximum_silence: 3h
    severities: {{traffic: P3}}
    monitors:
      traffic: {{kind: traffic, maximum_silence: 1h}}
"""
    status, said = hand.apply(text)
    assert (status, "maximum_silence" in said) == (DONE, True), said
    assert hand.apply(text, dry_run=True)[0] == DONE
    assert hand.apply(hand.export(), dry_run=True, prune=True)[0] == DONE
    told = hand.http.get(path).json()
    assert (told["version"], told["maximum_silence"]) == (2, "1h")


@pytest.mark.parametrize(
    ("said", "present", "path", "found"),
    [
        ({}, {"a": 1}, ("a",), {"a": 1}),
        ({"a": None}, {"a": 1}, ("a",), {"a": 1}),
        ({"a": 2}, {"a": 1}, ("a",), {"a": 2}),
        ({}, {}, ("a",), {}),
        ({"t": {"x": {}}}, {"t": {"x": {"w": 1}}}, ("t", "*", "w"), {"t": {"x": {"w": 1}}}),
        (
            {"t": {"x": {"w": None}}},
            {"t": {"x": {"w": 1}}},
            ("t", "*", "w"),
            {"t": {"x": {"w": None}}},
        ),
        ({"t": {"y": {}}}, {"t": {"x": {"w": 1}}}, ("t", "*", "w"), {"t": {"y": {}}}),
        ({"t": 7}, {"t": {"x": {"w": 1}}}, ("t", "*", "w"), {"t": 7}),
    ],
)
def test_what_is_left_open_is_as_it_is(said, present, path, found) -> None:
    assert adopted(said, present, [path]) == found


def test_a_retraining_policy_stands_in_its_model(hand: Hand, name: str) -> None:
    text = f"""
targets:
  {name}-runs: {{kind: webhook, url: "https://93.184.215.14/x", secret: env:SECRET}}
models:
  {name}:
    retraining: {{target: {name}-runs, on: [drift], cooldown: 24h, maximum_age: 4w}}
"""
    status, said = hand.apply(text)
    assert status == DONE, said
    assert hand.apply(text, dry_run=True)[0] == DONE
    assert hand.apply(hand.export(), dry_run=True, prune=True)[0] == DONE
    status, said = hand.apply(text.replace("24h", "2d"))
    assert (status, 'cooldown: "1d" -> "2d"' in said) == (DONE, True)
    status, said = hand.apply(text.replace(f"target: {name}-runs", "target: nowhere"))
    assert (status, f"line 6: models.{name}.retraining is refused" in said) == (FAILED, True), said
