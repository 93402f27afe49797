"""The words of tiles: each state of a window, its outputs, its rows and its retraining."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.dashboard.figures import NONE
from app.dashboard.model.tiles import Tile, tiles, worst_first
from app.domain.model import Feature, Kind, Model, Role, Schema, Settings
from app.domain.monitors.criteria import Rule
from app.domain.retrainings.retraining import Reason, Retraining, State
from app.domain.telling.reports import StoredEstimate, StoredVerdict, TallySum, WindowReport
from app.domain.verdicts.judgement import WindowKey, WindowSummary
from app.domain.window import WindowStatus

AT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCHEMA = Schema(
    (
        Feature("speed", Kind.NUMERIC),
        Feature("load", Kind.NUMERIC),
        Feature("score", Kind.NUMERIC, Role.SCORE),
    )
)


def model(schema: Schema | None = SCHEMA) -> Model:
    return Model(1, "m", Settings(), schema, 1, AT)


def of(
    name: str, state: str = "ok", effect: float | None = 0.01, *rules: str, warning: bool = False
) -> StoredVerdict:
    psi = StoredEstimate("psi", effect, effect, effect, 0.0, effect, 0.5, 0.2, 9, 9, None)
    return StoredVerdict(name, state, warning, False, None, 0.5, 0.5, rules, (psi,))


def report(
    state: str | None = "ok",
    *features: StoredVerdict,
    warning: bool = False,
    page: bool = False,
    reason: str | None = None,
    expected: int | None = None,
) -> WindowReport:
    summary = WindowSummary(
        key=WindowKey(1, "v", "", "default", AT),
        monitor="default",
        end=AT + HOUR,
        status=WindowStatus.CLOSED,
        revision=1,
        rows=1_200,
        state=state,
        warning=warning,
        page=page,
        reason=reason,
        drifted=(),
        baseline=1,
        cause="closed",
        judged_at=AT,
        expected=expected,
    )
    return WindowReport(summary, features, (), ())


def run(state: State, challenger: str | None = None) -> Retraining:
    return Retraining(
        number=1,
        id="r",
        model_id=1,
        model="m",
        version="v",
        cause="drift",
        episode="e",
        detail="",
        state=state,
        reason=Reason.ASKED,
        target="airflow",
        requested_at=AT,
        deadline_at=AT + HOUR,
        poll_every=HOUR,
        about={},
        changed_at=AT,
        challenger=challenger,
    )


def test_only_the_champion_has_alerts() -> None:
    window = report("drift", of("speed", "drift", 0.3, "psi"), page=True)
    tile = tiles(model(), window, None, None, is_champion=False)[0]
    assert tile.under == "PSI beyond the threshold; no alert: not the champion"


def test_the_outputs_stand_as_the_worst_of_all_monitors_says() -> None:
    calm = report("ok", of("score", effect=0.07))
    others = {
        "predictions": [of("score", "drift", 0.05), of("speed", "drift", 0.9)],
        "slow": [of("score", effect=0.2)],
    }
    tile = tiles(model(), calm, None, None, others=others)[2]
    worst = "score, says monitor predictions"
    assert tile == Tile("Prediction drift", "drift", "drift", "PSI 0.05", worst)
    own = tiles(model(), report("drift", of("score", "drift", 0.85)), None, None, others=others)[2]
    assert own.under == "score"


@pytest.mark.parametrize(
    ("window", "kind", "big", "under"),
    [
        (None, "waiting", NONE, "no window has closed yet"),
        (report(None), "waiting", NONE, "no window has closed yet"),
        (report(), "ok", "ok", "nothing is sure and large at once"),
        (report(warning=True), "warning", "warning", "nothing is sure and large at once"),
        (
            report("drift", of("speed", "drift", 0.3, "psi", "ks"), page=True),
            "drift",
            "drift",
            "PSI and KS beyond the threshold; enough for an alert",
        ),
        (
            report("drift", of("speed", "drift", 0.3, "bin:1", "bin:2")),
            "drift",
            "drift",
            "2 bins changed enough on their own",
        ),
        (report("drift", of("speed", "drift", 0.3)), "drift", "drift", "by evidence"),
        (
            report("insufficient_data", reason="few_rows: 3 rows"),
            "unjudged",
            "not enough data",
            "too few rows (3 rows)",
        ),
        (
            report("error", reason="damaged"),
            "error",
            "error",
            "stored counts are damaged",
        ),
        (report("error"), "error", "error", "it is not known why"),
    ],
)
def test_the_verdict(window: WindowReport | None, kind: str, big: str, under: str) -> None:
    tile = tiles(model(), window, None, None)[0]
    assert tile == Tile("Verdict", kind, big, under=under)


@pytest.mark.parametrize(
    ("window", "tile"),
    [
        (None, Tile("Drifted features", "", NONE, "", "none were judged")),
        (report(), Tile("Drifted features", "", NONE, "", "none were judged")),
        (report("ok", of("speed")), Tile("Drifted features", "", "0", "of 1", "all calm")),
        (
            report("drift", of("speed", "drift", 0.3), of("load", "drift", 0.9), of("score")),
            Tile("Drifted features", "drift", "2", "of 3", "load and speed"),
        ),
        (
            report("ok", of("speed", warning=True), of("load")),
            Tile("Drifted features", "warning", "0", "of 2", "1 with a warning"),
        ),
        (
            report("insufficient_data", of("speed", "insufficient_data", None)),
            Tile("Drifted features", "", NONE, "of 1", "1 not judged"),
        ),
        (
            report("error", of("speed", "error", None), of("load")),
            Tile("Drifted features", "error", "0", "of 2", "1 with an error"),
        ),
    ],
)
def test_the_features(window: WindowReport | None, tile: Tile) -> None:
    assert tiles(model(), window, None, None)[1] == tile


@pytest.mark.parametrize(
    ("schema", "window", "tile"),
    [
        (SCHEMA, None, Tile("Prediction drift", "", NONE, "", "no prediction or score is watched")),
        (
            None,
            report("ok", of("score")),
            Tile("Prediction drift", "", NONE, "", "no prediction or score is watched"),
        ),
        (
            SCHEMA,
            report("ok", of("speed", "drift", 0.9), of("score")),
            Tile("Prediction drift", "", "ok", "PSI 0.01", "score"),
        ),
        (
            SCHEMA,
            report("drift", of("score", "drift", 0.85)),
            Tile("Prediction drift", "drift", "drift", "PSI 0.85", "score"),
        ),
        (
            SCHEMA,
            report("ok", of("score", "insufficient_data", None)),
            Tile("Prediction drift", "unjudged", "not enough data", "", "score"),
        ),
    ],
)
def test_the_outputs(schema: Schema | None, window: WindowReport | None, tile: Tile) -> None:
    assert tiles(model(schema), window, None, None)[2] == tile


@pytest.mark.parametrize(
    ("window", "received", "tile"),
    [
        (None, None, Tile("Rows in window", "", NONE, "", "none late, rejected or duplicate")),
        (
            report(),
            TallySum("m", "v", 9, 9, 0, 0, 0, 1, None, None),
            Tile("Rows in window", "", "1\u202f200", "", "none late, rejected or duplicate"),
        ),
        (
            report(expected=2_500),
            TallySum("m", "v", 9, 2, 4, 1, 2, 1, None, None),
            Tile(
                "Rows in window",
                "warning",
                "1\u202f200",
                "",
                "in all: 1\u202f300 missing, 1 late, 2 rejected, 4 duplicate",
            ),
        ),
    ],
)
def test_the_rows(window: WindowReport | None, received: TallySum | None, tile: Tile) -> None:
    assert tiles(model(), window, received, None)[3] == tile


@pytest.mark.parametrize(
    ("asked", "kind", "big", "under"),
    [
        (None, "", "none", "never asked for"),
        (run(State.RUNNING), "", "running", "asked of airflow"),
        (run(State.TIMED_OUT), "warning", "timed out", "asked of airflow"),
        (run(State.FAILED), "warning", "failed", "asked of airflow"),
        (run(State.PROMOTED, "v2"), "", "promoted", "made v2"),
    ],
)
def test_the_retraining(asked: Retraining | None, kind: str, big: str, under: str) -> None:
    assert tiles(model(), None, None, asked)[4] == Tile("Retraining", kind, big, under=under)


def test_what_was_not_judged_has_no_number_and_says_why() -> None:
    few = replace(of("score", "insufficient_data", 0.0), reason="few_rows: 4 rows, 9 are needed")
    verdict, drifted, outputs, *_ = tiles(model(), report("ok", of("speed"), few), None, None)
    assert verdict.under == "1 feature not judged"
    assert drifted.under == "1 not judged"
    assert (outputs.big, outputs.beside) == ("not enough data", "")
    assert outputs.under == "score: too few rows (4 rows, 9 are needed)"


def test_features_stand_worst_first() -> None:
    every = [
        of("calm"),
        of("moved", effect=0.5),
        of("unknown", "insufficient_data", None),
        of("warned", warning=True),
        of("broken", "error", None),
        of("drifts", "drift", 0.3),
        of("drifts more", "drift", 0.9),
    ]
    assert [one.feature for one in worst_first(every)] == [
        "drifts more",
        "drifts",
        "broken",
        "warned",
        "unknown",
        "moved",
        "calm",
    ]


def test_what_the_monitor_weighs_more_stands_first() -> None:
    rule = Rule(weights=(("drifts", 4.0), ("drifts more", 1.0)))
    window = report("drift", of("drifts", "drift", 0.3), of("drifts more", "drift", 0.9))
    assert [one.feature for one in worst_first(window.features, rule)] == ["drifts", "drifts more"]
    assert tiles(model(), window, None, None, rule=rule)[1].under == "drifts and drifts more"


def test_a_figure_of_an_output_is_told_as_its_drift() -> None:
    calm, moved = of("score", effect=0.01), of("confidence(score)", "drift", None)
    tile = tiles(model(), report("drift", calm, moved), None, None)[2]
    assert (tile.title, tile.kind, tile.under) == ("Prediction drift", "drift", "confidence(score)")


def test_a_column_that_did_not_come_is_told_in_words() -> None:
    lost = of("speed", "drift", None, "missing", "absent")
    tile = tiles(model(), report("drift", lost), None, None)[0]
    assert tile.under == "missing beyond the threshold; batches came without it"
