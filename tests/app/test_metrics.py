"""Series: what they say, and that Prometheus can read them."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families

from app import metrics
from app.domain.model import VersionRole
from app.domain.telling.reports import (
    AlertSummary,
    LatestJudgement,
    StoredEstimate,
    StoredVerdict,
    TallySum,
)
from app.metrics import COUNTERS, Exposition, Series, Snapshot
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, START, world

AT = datetime(2026, 3, 2, tzinfo=UTC)
HOSTILE = 'a "quoted"\\ name\n{with="braces"} é🙂 ' + "x" * 10_000
TEXT = "text/plain"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def estimate(value: float | None) -> StoredEstimate:
    reason = None if value is not None else "no_current_rows"
    return StoredEstimate("psi", value, value, value, 0.01, value, 1e-9, 0.2, 900, 100, reason)


def verdict(feature: str, value: float | None) -> StoredVerdict:
    estimates = (estimate(value),)
    return StoredVerdict(feature, "drift", False, True, None, 1e-9, 2e-9, ("psi",), estimates)


def judgement(id_: int = 1) -> LatestJudgement:
    return LatestJudgement(
        id=id_,
        model="m",
        version="v",
        role=VersionRole.CHAMPION,
        start=AT,
        end=AT + HOUR,
        revision=1,
        rows=100,
        judged_at=AT + 2 * HOUR,
        state="drift",
    )


def snapshot(*features: str, value: float | None = 0.31) -> Snapshot:
    tally = TallySum("m", "v", 10, 6, 2, 1, 1, 3, AT, AT + HOUR)
    alert = AlertSummary(
        1, "m", "v", "", "default", "firing", "evidence", AT, AT, ("x",), AT + HOUR
    )
    verdicts = [verdict(feature, value) for feature in features or ("x",)]
    return Snapshot((judgement(),), {1: verdicts}, (tally,), (alert,), 4)


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def render(found: Snapshot, accept: str = TEXT) -> str:
    return metrics.render(found, "0", accept, {})[0].body.decode()


def test_value_threshold_rows_evidence_state_and_times_are_told() -> None:
    told = samples(render(snapshot()))
    who = {("model", "m"), ("version", "v")}
    psi = who | {("feature", "x"), ("statistic", "psi")}
    assert told["leeway_statistic_value", frozenset(psi)] == 0.31
    assert told["leeway_statistic_threshold", frozenset(psi)] == 0.2
    assert told["leeway_statistic_p_value", frozenset(psi)] == 1e-9
    assert told["leeway_statistic_rows", frozenset(psi | {("side", "window")})] == 100
    assert told["leeway_window_end_timestamp_seconds", frozenset(who)] == (AT + HOUR).timestamp()
    judged = told["leeway_window_judged_timestamp_seconds", frozenset(who)]
    assert judged == (AT + 2 * HOUR).timestamp()
    states = {
        state: told["leeway_feature_state", frozenset(who | {("feature", "x"), ("state", state)})]
        for state in ("ok", "drift", "insufficient_data", "error")
    }
    assert states == {"ok": 0, "drift": 1, "insufficient_data": 0, "error": 0}


def test_received_is_the_sum_of_the_results() -> None:
    told = samples(render(snapshot()))
    results = [v for (name, _), v in told.items() if name == "leeway_ingest_rows_total"]
    (received,) = [
        v for (name, _), v in told.items() if name == "leeway_ingest_rows_received_total"
    ]
    assert sum(results) == received == 10


def test_what_is_unknown_is_absent_and_never_zero() -> None:
    told = samples(render(snapshot(value=None)))
    assert "leeway_statistic_value" not in {name for name, _ in told}


@pytest.mark.parametrize("accept", [TEXT, OPENMETRICS])
def test_hostile_names_are_escaped_and_cut(accept: str) -> None:
    text = render(snapshot(HOSTILE), accept)
    parse = parse_openmetrics if "openmetrics" in accept else text_string_to_metric_families
    features = {
        sample.labels["feature"]
        for family in parse(text)
        for sample in family.samples
        if "feature" in sample.labels
    }
    (feature,) = features
    assert feature.startswith(HOSTILE[:190])
    assert len(feature) == 200
    assert len(text) < 100_000


def test_long_names_that_begin_alike_stay_two_series() -> None:
    told = samples(render(snapshot("x" * 300 + "a", "x" * 300 + "b")))
    names = {dict(labels)["feature"] for name, labels in told if name == "leeway_statistic_value"}
    assert len(names) == 2


@pytest.mark.parametrize("accept", [TEXT, OPENMETRICS])
def test_what_a_revision_says_is_rendered_once_and_told_again(accept: str) -> None:
    full, known = metrics.render(snapshot("x", "# HELP y"), "0", accept, {})
    bare = replace(snapshot(), features={})
    again, still = metrics.render(bare, "0", accept, known)
    assert again == full
    assert still == known
    gone, nothing = metrics.render(replace(bare, judgements=()), "0", accept, still)
    assert b"leeway_statistic_value{" not in gone.body
    assert nothing == {}


def test_every_series_has_one_place_a_meaning_and_a_unit() -> None:
    names = [series.series for series in Series]
    assert len(set(names)) == len(names)
    for series in Series:
        assert series.series.startswith("leeway_")
        assert series.meaning.endswith(".")
        assert not series.series.endswith("_total"), "counters get that ending when encoded"
    counters = {series.series for series in COUNTERS} - {
        "leeway_rejected_batches",
        "leeway_http_refused",
    }
    assert counters == {n for n in names if "leeway_ingest_" in n} - {
        "leeway_ingest_latest_event_timestamp_seconds",
        "leeway_ingest_last_commit_timestamp_seconds",
    } | {"leeway_source_rows", "leeway_source_bytes"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_complain_about() -> None:
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=render(snapshot()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


async def test_two_replicas_answer_the_same_from_what_is_stored(
    store: SqlStore, place: Place
) -> None:
    async with world(store, place.clock) as w:
        await w.declare()
        await w.reference()
        await w.send(START, shift=2.0)
        await w.send(START + HOUR)
        await w.close()
        first, second = [Exposition(store, "0") for _ in range(2)]
        one, two = [await exposition.render(TEXT) for exposition in (first, second)]
    assert one == two
    told = samples(one.body.decode())
    firing = frozenset(
        {("model", "m"), ("version", "default"), ("monitor", "default"), ("severity", "P2")}
    )
    assert told["leeway_alert_firing", firing] == 1


async def test_what_changes_is_told_at_the_next_scrape(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as w:
        exposition = Exposition(store, "0")
        await w.declare()
        await w.reference()
        before = samples((await exposition.render(TEXT)).body.decode())
        await w.send(START)
        place.clock.forward(timedelta(seconds=1))
        after = samples((await exposition.render(TEXT)).body.decode())
    assert not [v for (name, _), v in before.items() if name == "leeway_ingest_rows_total"]
    assert [v for (name, _), v in after.items() if name == "leeway_ingest_rows_received_total"] == [
        400
    ]
