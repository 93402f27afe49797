"""From counts and a baseline to a verdict, and which baseline that is."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.domain.alerts.alert import AlertState, Change, Present, Reason, Step
from app.domain.model import Baseline, Feature, Kind, Schema, StoredGridSet
from app.domain.monitors.monitor import default_monitor, page_level, policy
from app.domain.verdicts import judging
from app.domain.verdicts.judgement import Cause, Gathered, Judgement, Revision, WindowKey
from drift_core import Grid, GridSet, State

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DRAW = np.random.default_rng(5)
ROWS = DRAW.normal(size=(5_000, 2))
NAMES = ("calm", "moving")
GRIDS = GridSet(tuple((name, Grid.numeric(ROWS[:, i])) for i, name in enumerate(NAMES)))
STORED = StoredGridSet(1, 1, GRIDS)
MONITOR = default_monitor(HOUR)


def vector(rows: np.ndarray) -> np.ndarray:
    return GRIDS.join({name: GRIDS[name].count(rows[:, i]) for i, name in enumerate(NAMES)})


def baseline(number: int = 1, grid_set: int = 1, activated: datetime | None = START) -> Baseline:
    return Baseline(
        number=number,
        version="default",
        grid_set=grid_set,
        fingerprint="f" * 64,
        rows=len(ROWS),
        vector=vector(ROWS),
        schema=Schema(tuple(Feature(name, Kind.NUMERIC) for name in NAMES)),
        warnings=(),
        lineage={},
        created_at=START,
        activated_at=activated,
    )


def window(shift: float, rows: int = 1_000) -> Gathered:
    drawn = np.random.default_rng(6).normal(size=(rows, 2)) + np.array([0, shift])
    return Gathered(rows, 1, vector(drawn))


def test_a_shift_is_drift_and_names_its_feature() -> None:
    verdict = judging.judge_window(window(1.0), baseline(), STORED, MONITOR)
    assert (verdict.state, verdict.page) == (State.DRIFT, True)
    assert judging.drifted(verdict) == ("moving",)
    assert judging.worst(verdict) == ("moving",)


def test_no_shift_is_ok() -> None:
    verdict = judging.judge_window(window(0.0), baseline(), STORED, MONITOR)
    assert (verdict.state, verdict.page, judging.worst(verdict)) == (State.OK, False, ())


def test_too_few_rows_are_insufficient_and_say_how_many_are_needed() -> None:
    verdict = judging.judge_window(window(3.0, rows=20), baseline(), STORED, MONITOR)
    assert verdict.state is State.INSUFFICIENT_DATA
    assert "at least" in (verdict.features["moving"].reason or "")


@pytest.mark.parametrize(
    "gathered", [Gathered(10, None, None), Gathered(10, 2, window(0.0).vector)]
)
def test_counts_on_other_grids_are_not_compared(gathered: Gathered) -> None:
    verdict = judging.judge_window(gathered, baseline(), STORED, MONITOR)
    assert (verdict.state, verdict.reason) == (State.INSUFFICIENT_DATA, "grid")


def test_rows_are_compared_with_the_baseline_of_their_grid_set() -> None:
    first, second = baseline(1), baseline(2, activated=START + HOUR)
    third = baseline(3, grid_set=2, activated=START + 2 * HOUR)
    never = baseline(4, activated=None)
    every = [never, third, second, first]
    assert judging.fitting(every, 3, 2) is third
    assert judging.fitting(every, 3, 1) is second
    assert judging.fitting(every, 3, None) is third
    assert judging.fitting(every, 1, 1) is first
    assert judging.fitting(every, 3, 9) is third


def test_all_looks_of_a_quarter_share_the_budget() -> None:
    assert page_level(HOUR) == pytest.approx(0.10 / 2_160)
    assert page_level(timedelta(days=7)) == pytest.approx(0.10 * 7 / 90)
    assert page_level(timedelta(days=365)) == 0.10
    assert policy(MONITOR).page_level == page_level(HOUR)


def test_an_event_says_what_where_and_how_sure_in_finite_numbers() -> None:
    verdict = judging.judge_window(window(1.0), baseline(), STORED, MONITOR)
    key = WindowKey(1, "default", "", "default", START)
    judgement = Judgement(MONITOR, 1, verdict)
    revision = Revision(
        key, START + HOUR, 1, Cause.CLOSED, START + 2 * HOUR, window(1.0), "0", (judgement,)
    )
    step = Step(START, 1, AlertState.FIRING, Reason.EVIDENCE, 0, START)
    told_of = judging.Told(Change.FIRING, step, judging.worst(verdict))
    data = judging.alert_data("m", revision, judgement, baseline(), told_of)
    told = json.loads(json.dumps(data, allow_nan=False))
    assert (told["model"], told["state"], told["severity"]) == ("m", "firing", "P2")
    assert told["window"] == {
        "start": "2026-03-02T00:00:00Z",
        "end": "2026-03-02T01:00:00Z",
        "revision": 1,
        "rows": 1_000,
    }
    assert [feature["feature"] for feature in told["features"]] == ["moving"]
    moving = told["features"][0]
    assert moving["statistics"]["psi"]["effect"] > 0.2
    assert moving["statistics"]["psi"]["threshold"] == 0.2
    assert moving["state"] == "drift"
    assert moving["summary"].startswith("moving drifted: PSI ")
    assert "(0.2 or more is drift); KS " in moving["summary"]
    many = replace(
        verdict, features={f"f{i}": verdict.features["moving"] for i in range(judging.WORST + 3)}
    )
    crowd = judging.Told(Change.FIRING, step, judging.worst(many))
    crowded = judging.alert_data("m", revision, replace(judgement, verdict=many), baseline(), crowd)
    assert (len(crowded["features"]), crowded["features_left_out"]) == (judging.WORST, 3)


def judged(shift: float) -> Judgement:
    return Judgement(MONITOR, 1, judging.judge_window(window(shift), baseline(), STORED, MONITOR))


def last(state: AlertState, start: datetime = START) -> Step:
    return Step(start, 1, state, Reason.EVIDENCE, 0, START)


MOVED, CALM = judged(1.0), judged(0.0)
OTHER = ("something else",)


@pytest.mark.parametrize(
    ("before", "after", "judgement", "names"),
    [
        (None, last(AlertState.FIRING), MOVED, ("moving",)),
        (Present(AlertState.FIRING, OTHER), last(AlertState.FIRING), MOVED, ("moving",)),
        (Present(AlertState.FIRING, OTHER), last(AlertState.FIRING), CALM, OTHER),
        (Present(AlertState.FIRING, OTHER), last(AlertState.RESOLVED), CALM, OTHER),
        (Present(AlertState.FIRING, OTHER), last(AlertState.INACTIVE), CALM, ()),
        (Present(AlertState.INACTIVE, OTHER), last(AlertState.INACTIVE), CALM, ()),
        # an older window was restated: only where it begins the alert is the alert about it
        (Present(AlertState.FIRING, OTHER), last(AlertState.FIRING, START + HOUR), MOVED, OTHER),
        (
            Present(AlertState.INACTIVE, OTHER),
            last(AlertState.FIRING, START + HOUR),
            MOVED,
            ("moving",),
        ),
    ],
)
def test_an_alert_keeps_the_names_of_what_it_fires_for(
    before: Present | None, after: Step, judgement: Judgement, names: tuple[str, ...]
) -> None:
    assert judging.about(before, after, START, judgement) == names


def test_damaged_counts_are_an_error_and_no_verdict() -> None:
    verdict = judging.judge_window(
        Gathered(10, None, None, damaged=True), baseline(), STORED, MONITOR
    )
    assert (verdict.state, verdict.reason, verdict.page) == (State.ERROR, "counts damaged", False)
