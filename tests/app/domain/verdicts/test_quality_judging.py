"""Data quality: what is found, and that nothing is found where nothing is."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from app.domain.model import Baseline, Feature, Kind, Schema, StoredGridSet
from app.domain.monitors.criteria import Criteria, Limit
from app.domain.monitors.monitor import Monitor, MonitorKind
from app.domain.verdicts.judgement import Gathered, Sighting
from app.domain.verdicts.judging import judge_window
from drift_core import Grid, GridSet, State, WindowVerdict

NOW = datetime(2026, 3, 2, tzinfo=UTC)
QUALITY = Monitor("quality", 1, kind=MonitorKind.DATA_QUALITY, page_level=1e-4)
SCHEMA = Schema((Feature("x", Kind.NUMERIC), Feature("c", Kind.CATEGORICAL)))
Column = list[object]


def numbers(count: int, seed: int, missing: float = 0.02) -> Column:
    draw = np.random.default_rng(seed)
    absent = draw.random(count) < missing
    return [
        None if gone else float(v) for v, gone in zip(draw.normal(size=count), absent, strict=True)
    ]


def levels(count: int, seed: int) -> Column:
    """Many levels, most of which come once: a new row often brings another."""
    draw = np.random.default_rng(seed)
    return [f"l{int(level)}" for level in draw.zipf(1.5, count)]


def reference(count: int = 4_000) -> tuple[Baseline, StoredGridSet]:
    x, c = numbers(count, 1), levels(count, 2)
    pilot = c[: count // 5]
    grids = GridSet((("x", Grid.numeric(x)), ("c", Grid.categorical(pilot, seen=c))))
    vector = grids.join({"x": grids["x"].count(x), "c": grids["c"].count(c[count // 5 :])})
    made = Baseline(1, "v", 1, "f", count, vector, SCHEMA, (), {}, NOW, NOW)
    return made, StoredGridSet(1, 1, grids)


BASELINE, STORED = reference()


def said(
    x: Column, c: Column, monitor: Monitor = QUALITY, sightings: tuple[Sighting, ...] = ()
) -> WindowVerdict:
    invalid = np.array([isinstance(value, str) for value in x])
    clean = [None if isinstance(value, str) else value for value in x]
    grids = STORED.grids
    vector = grids.join({"x": grids["x"].count(clean, invalid=invalid), "c": grids["c"].count(c)})
    return judge_window(Gathered(len(x), 1, vector, False, sightings), BASELINE, STORED, monitor)


def test_nothing_is_found_in_rows_like_the_references() -> None:
    found = said(numbers(1_000, 5), levels(1_000, 6))
    assert (found.state, found.warning, found.page, found.reason) == (State.OK, False, False, None)
    missing = found.features["x"].estimates["missing"]
    assert missing.null_mean == pytest.approx(0.02, abs=0.01)
    assert missing.n_cur == 1_000


ROWS, MORE = numbers(1_000, 5), levels(1_000, 6)


@pytest.mark.parametrize(
    ("x", "c", "feature", "rules"),
    [
        (numbers(1_000, 5, 0.1), MORE, "x", ("missing",)),
        ([*ROWS[:950], *["wrong"] * 50], MORE, "x", ("invalid",)),
        ([*ROWS[:970], *[50.0] * 30], MORE, "x", ("above_range",)),
        ([*ROWS[:970], *[-50.0] * 30], MORE, "x", ("below_range",)),
        ([0.25] * 1_000, MORE, "x", ("constant",)),
        ([None] * 1_000, MORE, "x", ("missing",)),
        (ROWS, [*MORE[:600], *["new"] * 400], "c", ("unseen",)),
        (ROWS, ["l1"] * 1_000, "c", ("constant",)),
    ],
)
def test_findings(x: Column, c: Column, feature: str, rules: tuple[str, ...]) -> None:
    found = said(x, c)
    assert (found.state, found.page) == (State.DRIFT, True)
    drifted = {name: one.rules for name, one in found.features.items() if one.state is State.DRIFT}
    assert drifted == {feature: rules}


def test_better_rows_than_the_references_are_no_finding() -> None:
    assert said(numbers(5_000, 5, 0.0), levels(5_000, 6)).state is State.OK


def test_few_rows_say_nothing() -> None:
    found = said([None] * 20, ["new"] * 20)
    assert found.state is State.INSUFFICIENT_DATA
    assert found.reason == "2 of 2 features; x: few_rows: 20 rows, at least 50 are needed"
    asked = replace(QUALITY, criteria=Criteria(min_rows=10))
    assert said([None] * 20, ["l1", "l2"] * 10, asked).state is State.DRIFT


def test_limits_are_the_monitors_to_say() -> None:
    worse = numbers(1_000, 5, 0.1)
    lax = replace(QUALITY, criteria=Criteria(limits=(Limit("missing", None, 0.2),)))
    assert said(worse, MORE, lax).state is State.OK
    never = Criteria(overrides=(("x", (Limit("missing", None, None),)),))
    assert said(worse, MORE, replace(QUALITY, criteria=never)).state is State.OK


def test_odd_columns_are_warnings() -> None:
    seen = (Sighting("x", "absent"), Sighting("other", "unknown"))
    found = said(ROWS, MORE, sightings=seen)
    assert (found.state, found.warning, found.page) == (State.OK, True, False)
    assert found.features["x"].rules == ("absent",)
    assert found.features["other"].rules == ("unknown",)
    only = replace(QUALITY, include=("c",))
    assert said(ROWS, MORE, only, seen).features.keys() == {"c"}


def test_a_window_on_another_grid_set_is_not_judged() -> None:
    found = judge_window(Gathered(10, 2, None), BASELINE, STORED, QUALITY)
    assert (found.state, found.reason) == (State.INSUFFICIENT_DATA, "grid")


@pytest.mark.parametrize("rows", [100, 1_000, 8_000])
def test_null_windows_are_seldom_found_fault_with(rows: int) -> None:
    """At a limit of nothing, so that evidence alone decides: at most one window in twenty."""
    names = ("missing", "invalid", "below_range", "above_range", "unseen", "constant")
    asked = replace(QUALITY, criteria=Criteria(limits=tuple(Limit(n, None, 1e-9) for n in names)))
    windows = [said(numbers(rows, 50 + i), levels(rows, 900 + i), asked) for i in range(60)]
    assert sum(one.state is State.DRIFT for one in windows) <= 6
    usual = [said(numbers(rows, 50 + i), levels(rows, 900 + i)) for i in range(60)]
    assert sum(one.state is State.DRIFT for one in usual) <= 2


def test_what_never_pages_does_not_page_on_a_p_value_of_zero() -> None:
    lost: Column = [None] * 20_000
    silent = said(lost, levels(20_000, 6), replace(QUALITY, page_level=None)).features["x"]
    assert silent.p_adjusted == 0.0
    assert (silent.state, silent.page) == (State.DRIFT, False)
    assert said(lost, levels(20_000, 6)).features["x"].page
