"""Figures of outputs are judged with the columns that they are made from."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from app.domain.model import Baseline, Feature, Kind, Role, Schema, StoredGridSet
from app.domain.monitors.criteria import Criteria, Limit, Rule, RuleKind
from app.domain.monitors.monitor import OUTPUTS, Monitor, MonitorKind
from app.domain.outputs.figure import Outputs
from app.domain.verdicts.judgement import Gathered
from app.domain.verdicts.judges import ready
from app.domain.verdicts.judging import judge_window
from app.domain.verdicts.judging_many import judge_windows
from drift_core import GridSet, State, reference

START = datetime(2026, 3, 2, tzinfo=UTC)
RATE, SURE = "positive_rate(y)", "confidence(p)"
MONITOR = Monitor("m", 1, kind=MonitorKind.PREDICTION_DRIFT, roles=OUTPUTS, outputs=Outputs())
SCHEMA = Schema(
    (
        Feature("x", Kind.NUMERIC),
        Feature("y", Kind.CATEGORICAL, Role.PREDICTION),
        Feature("p", Kind.NUMERIC, Role.SCORE),
    )
)
Table = dict[str, np.ndarray]


def rows(count: int, seed: int, rate: float = 0.3, sharp: float = 1.0) -> Table:
    """Predictions by themselves, and scores that a sharper model pulls to both ends."""
    draw = np.random.default_rng(seed)
    scores = draw.beta(2 / sharp, 2 / sharp, count)
    levels = np.where(draw.random(count) < rate, "yes", "no").astype(object)
    return {"x": draw.normal(size=count), "y": levels, "p": scores}


LEARNED = {
    name: reference(values, SCHEMA.by_name()[name].kind.value)
    for name, values in rows(6_000, 1).items()
}
GRIDS = GridSet(tuple((name, grid) for name, (grid, _) in LEARNED.items()))
STORED = StoredGridSet(1, 1, GRIDS)
BASELINE = Baseline(
    number=1,
    version="default",
    grid_set=1,
    fingerprint="f" * 64,
    rows=6_000,
    vector=GRIDS.join({name: ref for name, (_, ref) in LEARNED.items()}),
    schema=SCHEMA,
    warnings=(),
    lineage={},
    created_at=START,
)


def window(count: int, seed: int, **how: float) -> Gathered:
    made = rows(count, seed, **how)
    vector = GRIDS.join({name: GRIDS[name].count(values) for name, values in made.items()})
    return Gathered(count, 1, vector)


def test_figures_stand_among_the_columns() -> None:
    found = judge_window(window(2_000, 2), BASELINE, STORED, MONITOR)
    assert list(found.features) == ["y", "p", RATE, SURE]
    assert found.state is State.OK
    rate = found.features[RATE].estimates["positive_rate"]
    assert rate.value == pytest.approx(0.3, abs=0.03)
    assert (rate.lower or 1) < (rate.value or 0) < (rate.upper or 0)


@pytest.mark.parametrize(
    ("how", "drifted"),
    [({"rate": 0.42}, {"y", RATE}), ({"sharp": 2.5}, {"p", SURE}), ({}, set())],
)
def test_each_figure_tells_of_its_own_change(how: dict[str, float], drifted: set[str]) -> None:
    found = judge_window(window(3_000, 3, **how), BASELINE, STORED, MONITOR)
    said = {name for name, one in found.features.items() if one.state is State.DRIFT}
    assert said == drifted
    assert found.state is (State.DRIFT if drifted else State.OK)
    for name in drifted & {RATE, SURE}:
        assert name.partition("(")[0] in found.features[name].rules


def test_thresholds_of_figures_are_declared_by_their_names() -> None:
    def judged(*limits: Limit, **more: object) -> State:
        criteria = Criteria(limits=limits, **more)  # type: ignore[arg-type]
        asked = replace(MONITOR, criteria=criteria)
        return (
            judge_window(window(3_000, 3, rate=0.42), BASELINE, STORED, asked).features[RATE].state
        )

    assert judged() is State.DRIFT
    assert judged(Limit("positive_rate", 0.1, 0.2)) is State.OK
    assert judged(Limit("positive_rate", None, None)) is State.OK
    assert judged(Limit("chi2", None, 0.01), Limit("positive_rate", 0.1, 0.2)) is State.OK
    own = (RATE, (Limit("positive_rate", None, 0.05),))
    assert judged(Limit("positive_rate", 0.1, 0.2), overrides=(own,)) is State.DRIFT


def test_all_looks_are_corrected_together() -> None:
    found = judge_window(window(3_000, 3, rate=0.36), BASELINE, STORED, MONITOR)
    p_values = sorted(one.p_value or 0 for one in found.features.values())
    least = min(p * 4 / rank for rank, p in enumerate(p_values, 1))
    assert min(one.p_adjusted or 0 for one in found.features.values()) == pytest.approx(least)


def test_rules_may_name_figures_and_leave_them_out() -> None:
    moved = window(3_000, 3, rate=0.42)
    heeds = replace(MONITOR, rule=Rule(RuleKind.NAMED, features=(SURE, "p")))
    assert judge_window(moved, BASELINE, STORED, heeds).state is State.OK
    left = replace(MONITOR, exclude=(RATE,))
    assert list(judge_window(moved, BASELINE, STORED, left).features) == ["y", "p", SURE]


def test_together_as_alone() -> None:
    some = [window(n, n, rate=r) for n, r in ((900, 0.3), (2_000, 0.5), (40, 0.3), (3_000, 0.36))]
    for one, alone in zip(
        judge_windows(some, BASELINE, STORED, MONITOR),
        [judge_window(each, BASELINE, STORED, MONITOR) for each in some],
        strict=True,
    ):
        assert replace(one, features={}) == replace(alone, features={})
        for name, found in alone.features.items():
            twin = one.features[name]
            assert replace(twin, estimates={}) == replace(found, estimates={})
            assert list(twin.estimates) == list(found.estimates)


def test_nothing_else_changes_for_other_monitors() -> None:
    moved = window(3_000, 3, rate=0.42)
    before = replace(MONITOR, kind=MonitorKind.DATA_DRIFT, roles=OUTPUTS, outputs=None)
    old = replace(MONITOR, outputs=None)
    for one in (before, old):
        found = judge_window(moved, BASELINE, STORED, one)
        assert list(found.features) == ["y", "p"]
        assert ready(BASELINE, STORED, one).grids.names == ("y", "p")


def test_of_many_levels_none_is_positive_and_the_window_is_judged_all_the_same() -> None:
    draw = np.random.default_rng(8)
    grid, ref = reference(draw.choice(["a", "b", "c"], 4_000).astype(object), "categorical")
    grids = GridSet((("y", grid),))
    stored = StoredGridSet(2, 1, grids)
    column = Feature("y", Kind.CATEGORICAL, Role.PREDICTION)
    held = replace(BASELINE, vector=grids.join({"y": ref}), schema=Schema((column,)))
    cur = grid.count(draw.choice(["a", "b", "c"], 1_000).astype(object))
    found = judge_window(Gathered(1_000, 1, grids.join({"y": cur})), held, stored, MONITOR)
    assert found.state is State.OK
    assert (found.features[RATE].reason or "").startswith("multiclass")
    assert found.features[RATE].state is State.INSUFFICIENT_DATA
    named = replace(MONITOR, outputs=Outputs(positive="b"))
    again = judge_window(Gathered(1_000, 1, grids.join({"y": cur})), held, stored, named)
    assert again.features[RATE].estimates["positive_rate"].value == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize("count", [150, 1_000])
def test_figures_keep_their_level(count: int) -> None:
    """Every effect matters, so that evidence alone decides: at most so many are false."""
    windows, level = 400, 0.1
    nothing = (Limit("positive_rate", None, 0.0), Limit("confidence", None, 0.0))
    limits = (*nothing, *(Limit(one, None, None) for one in ("psi", "chi2", "ks")))
    asked = replace(MONITOR, criteria=Criteria(level=level, limits=limits, min_rows=50))
    some = [window(count, 1_000 + seed) for seed in range(windows)]
    found = judge_windows(some, BASELINE, STORED, asked)
    assert all(one.features[name].p_value is not None for one in found for name in (RATE, SURE))
    for name in (RATE, SURE):
        alone = np.array([one.features[name].p_value for one in found])
        for at in (0.01, 0.05, 0.2):
            assert (alone <= at).mean() <= at + 3.5 * np.sqrt(at * (1 - at) / windows)
    false = np.mean([one.state is State.DRIFT for one in found])
    assert 0 < false <= level + 3.5 * np.sqrt(level * (1 - level) / windows)
