"""Samples: what they say, and that Prometheus can read them."""

import shutil
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from app.domain.model import VersionRole
from app.domain.telling.reports import VersionInfo
from app.metrics.series import Kind, Series
from tests.app.metrics.made import AT, HOUR, SNAPSHOT, WHO, samples, text, verdict

HOSTILE = 'a "quoted"\\ name\n{with="braces"} é🙂 ' + "x" * 10_000


def test_value_threshold_rows_evidence_state_and_times_are_told() -> None:
    told = samples(text())
    psi = WHO | {("feature", "x"), ("statistic", "psi")}
    assert told["leeway_statistic_value", frozenset(psi)] == 0.31
    assert told["leeway_statistic_threshold", frozenset(psi)] == 0.2
    assert told["leeway_statistic_p_value", frozenset(psi)] == 1e-9
    assert told["leeway_statistic_rows", frozenset(psi | {("side", "window")})] == 100
    assert told["leeway_window_end_timestamp_seconds", frozenset(WHO)] == (AT + HOUR).timestamp()
    judged = told["leeway_window_judged_timestamp_seconds", frozenset(WHO)]
    assert judged == (AT + 2 * HOUR).timestamp()
    states = {
        state: told["leeway_feature_state", frozenset(WHO | {("feature", "x"), ("state", state)})]
        for state in ("ok", "drift", "insufficient_data", "error")
    }
    assert states == {"ok": 0, "drift": 1, "insufficient_data": 0, "error": 0}


def test_coverage_gap_and_missing_rows_are_told() -> None:
    told = samples(text())
    assert told["leeway_window_coverage_ratio", frozenset(WHO)] == 0.25
    assert told["leeway_window_missing_rows", frozenset(WHO)] == 300
    assert told["leeway_window_gap_seconds", frozenset(WHO)] == 3600


def test_received_is_the_sum_of_the_results() -> None:
    told = samples(text())
    results = [v for (name, _), v in told.items() if name == "leeway_ingest_rows_total"]
    (received,) = [
        v for (name, _), v in told.items() if name == "leeway_ingest_rows_received_total"
    ]
    assert sum(results) == received == 10


def test_what_is_unknown_is_absent_and_never_zero() -> None:
    told = samples(text(features=[verdict("x", None)]))
    assert "leeway_statistic_value" not in {name for name, _ in told}


def test_what_belongs_to_a_version_that_is_retired_is_left_out() -> None:
    versions = (VersionInfo("m", "v", VersionRole.RETIRED),)
    told = samples(text(replace(SNAPSHOT, versions=versions, judgements=())))
    assert not [labels for _, labels in told if ("version", "v") in labels]


@pytest.mark.parametrize("openmetrics", [False, True])
def test_hostile_names_are_escaped_and_cut(openmetrics: bool) -> None:
    said = text(features=[verdict(HOSTILE)], openmetrics=openmetrics)
    told = samples(said, openmetrics=openmetrics)
    (feature,) = {dict(labels)["feature"] for _, labels in told if "feature" in dict(labels)}
    assert feature.startswith(HOSTILE[:190])
    assert len(feature) == 200
    assert len(said) < 100_000


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4, unique=True))
def test_every_name_is_read_back_as_it_was(names: list[str]) -> None:
    told = samples(text(features=[verdict(name) for name in names]))
    assert {
        dict(labels)["feature"] for name, labels in told if name == "leeway_statistic_value"
    } == set(names)


def test_long_names_that_begin_alike_stay_two_series() -> None:
    told = samples(text(features=[verdict("x" * 300 + "a"), verdict("x" * 300 + "b")]))
    names = {dict(labels)["feature"] for name, labels in told if name == "leeway_statistic_value"}
    assert len(names) == 2


@pytest.mark.parametrize("openmetrics", [False, True])
def test_every_sample_has_the_labels_that_the_table_says(openmetrics: bool) -> None:
    labels = {one.sample: set(one.labels) for one in Series if one.kind is not Kind.HISTOGRAM}
    for name, given_ in samples(text(openmetrics=openmetrics), openmetrics=openmetrics):
        assert {label for label, _ in given_} == labels[name], name


def test_every_series_has_one_place_a_meaning_and_a_head() -> None:
    families = {family.name for family in text_string_to_metric_families(text())}
    names = [series.series for series in Series]
    assert len(set(names)) == len(names)
    for series in Series:
        assert series.series.startswith("leeway_")
        assert series.meaning.endswith(".")
        assert not series.series.endswith("_total"), "counters get that ending when written"
        assert series.series in families or series.scope == "replica"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_complain_about() -> None:
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text(), capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
