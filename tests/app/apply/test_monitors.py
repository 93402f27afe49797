"""Monitors in a file: what their kind decides stays as it is where nothing is said of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.apply.adopt import adopted
from app.apply.dangling import mended
from app.apply.document import read
from app.apply.kinds import Address
from app.apply.order import CHANGES, DONE, FAILED
from app.apply.writing import text_of
from tests.app.api.service import rows
from tests.app.apply.bridge import bridged
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


def test_a_policy_may_name_a_monitor_of_the_same_file_which_goes_with_it(
    hand: Hand, name: str
) -> None:
    text = f"""
targets:
  {name}-runs: {{kind: webhook, url: "https://93.184.215.14/x", secret: env:SECRET}}
models:
  {name}:
    monitors:
      inputs: {{kind: data_drift}}
    retraining: {{target: {name}-runs, monitors: [inputs, default]}}
"""
    assert hand.apply(text, dry_run=True)[0] == CHANGES
    status, said = hand.apply(text)
    assert status == DONE, said
    assert hand.apply(hand.export(), dry_run=True, prune=True)[0] == DONE
    # other tests' targets stand beside, so that section is left out
    without = text.replace("monitors:\n      inputs: {kind: data_drift}\n", "monitors: {}\n")
    alone = without[without.index("models:") :]
    status, said = hand.apply(alone, prune=True)
    assert (status, "names monitor 'inputs'" in said) == (FAILED, True), said
    status, said = hand.apply(alone.replace("inputs, ", ""), prune=True)
    assert status == DONE, said


NAMED = """
targets:
  {name}-a: {{kind: webhook, url: "https://93.184.215.14/a", secret: env:SECRET}}
  {name}-b: {{kind: webhook, url: "https://93.184.215.14/b", secret: env:SECRET}}
models:
  {name}:
    monitors:
      inputs: {{kind: data_drift, targets: [{name}-a, {name}-b]}}
    retraining: {{target: {name}-a}}
"""


def without(text: str, *parts: str) -> str:
    for part in parts:
        assert part in text
        text = text.replace(part, "")
    return text


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Hand]:
    """A service of the test's own: pruning takes the targets of all others."""
    with bridged(tmp_path) as client:
        yield Hand(client)


def test_a_target_is_pruned_after_what_named_it_was_changed(own: Hand, name: str) -> None:
    hand, text = own, NAMED.format(name=name)
    status, said = hand.apply(text)
    assert status == DONE, said
    line = next(one for one in text.splitlines() if f"{name}-a: " in one)
    gone = without(text, line, f"{name}-a, ")
    refused = gone.replace(f"[{name}-b]", f"[{name}-a, {name}-b]")
    # what still names it is told before anything is lost
    status, said = hand.apply(refused, prune=True)
    assert (status, f"monitor {name}/inputs" in said) == (FAILED, True), said
    gone = gone.replace(f"target: {name}-a", f"target: {name}-b")
    status, said = hand.apply(gone, prune=True)
    assert (status, f"- targets.{name}-a" in said) == (DONE, True), said
    assert hand.http.get(f"/v1/targets/{name}-a").status_code == 404
    told = hand.http.get(f"/v1/models/{name}/monitors/inputs").json()
    assert told["targets"] == [f"{name}-b"]
    assert hand.apply(gone, prune=True, dry_run=True)[0] == DONE


def test_what_nobody_declared_is_not_exported(hand: Hand, name: str) -> None:
    hand.apply(f"models: {{{name}: {{}}}}")
    hand.http.post(f"/v1/models/{name}/baselines", json=rows(500)).raise_for_status()
    exported = hand.export()
    told = read(exported.encode(), "f").plain()["models"][name]["monitors"]
    assert {"default", "quality", "traffic"} <= told.keys()
    assert not [one for one in told.values() if {"severity", "maximum_silence"} & one.keys()]
    assert hand.apply(exported, dry_run=True, prune=True)[0] == DONE


def test_severities_added_to_an_exported_file_are_applied_at_once(hand: Hand, name: str) -> None:
    hand.apply(f"models: {{{name}: {{}}}}")
    hand.http.post(f"/v1/models/{name}/baselines", json=rows(500)).raise_for_status()
    path = f"/v1/models/{name}/monitors/traffic"
    before = hand.http.get(path).json()
    assert (before["severity"], before["declared"]) == ("P1", {"severity": None})
    model = read(hand.export().encode(), "f").plain()["models"][name]
    wished = text_of({"models": {name: model | {"severities": {"traffic": "P2"}}}})
    status, said = hand.apply(wished)
    assert status == DONE, said
    told = hand.http.get(path).json()
    assert (told["severity"], told["version"]) == ("P2", before["version"])
    assert hand.apply(wished, dry_run=True)[0] == DONE
    assert hand.apply(hand.export(), dry_run=True, prune=True)[0] == DONE


@pytest.mark.parametrize(
    ("monitor", "kind", "severity"),
    [("traffic", "traffic", "P1"), ("inputs", "data_drift", "P2"), ("odd", "data_quality", "P1")],
)
def test_a_severity_that_was_declared_is_exported_also_where_it_is_the_usual(
    hand: Hand, name: str, monitor: str, kind: str, severity: str
) -> None:
    hand.apply(f"models: {{{name}: {{}}}}")
    hand.http.post(f"/v1/models/{name}/baselines", json=rows(500)).raise_for_status()
    said = f"{{kind: {kind}, severity: {severity}}}"
    text = f"models: {{{name}: {{monitors: {{{monitor}: {said}}}}}}}"
    status, shown = hand.apply(text)
    assert status == DONE, shown
    assert hand.apply(text, dry_run=True)[0] == DONE
    told = hand.http.get(f"/v1/models/{name}/monitors/{monitor}").json()
    assert (told["severity"], told["declared"]) == (severity, {"severity": severity})
    exported = read(hand.export().encode(), "f").plain()["models"][name]["monitors"]
    assert exported[monitor]["severity"] == severity
    assert hand.apply(hand.export(), dry_run=True, prune=True)[0] == DONE


def test_targets_that_are_gone_are_left_out_of_files() -> None:
    monitor = {"kind": "data_drift", "targets": ["there", "gone"]}
    state = {
        Address("targets", ("there",)): {"kind": "webhook"},
        Address("monitors", ("m", "some")): monitor,
        Address("monitors", ("m", "none")): monitor | {"targets": ["gone"]},
        Address("monitors", ("m", "all")): monitor | {"targets": None},
        Address("retraining", ("m",)): {"target": "gone"},
        Address("retraining", ("n",)): {"target": "there"},
    }
    made, said = mended(state)
    left = {str(address): full.get("targets", full.get("target")) for address, full in made.items()}
    assert left == {
        "targets.there": None,
        "models.m.monitors.some": ["there"],
        "models.m.monitors.none": None,
        "models.m.monitors.all": None,
        "models.n.retraining": "there",
    }
    assert said == [
        f"models.m.{who} names target 'gone', which is gone: left out"
        for who in ("monitors.some", "monitors.none", "retraining")
    ]
