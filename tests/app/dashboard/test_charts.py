"""Shapes of charts: they lie inside, mean what they show, and keep thresholds apart."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from app.dashboard.charts.histogram import asides, histogram, scale
from app.dashboard.charts.strip import strip
from app.dashboard.charts.timeline import MOST, chance, timeline
from app.domain.telling.reports import FeaturePoint, StoredEstimate, StoredVerdict
from app.domain.telling.shape import shape
from drift_core import Grid, Thresholds

START = datetime(2024, 1, 1, tzinfo=UTC)
LIMITS = Thresholds(0.1, 0.2)


def point(n: int, effect: float | None, state: str = "ok") -> FeaturePoint:
    estimate = StoredEstimate(
        "psi", effect, effect, effect, 0.02, effect, 0.5, 0.2, 1_000, 1_000, None
    )
    verdict = StoredVerdict("x", state, False, False, None, 0.5, 0.5, (), (estimate,))
    start = START + n * timedelta(hours=1)
    return FeaturePoint(start, start + timedelta(hours=1), 1, 1_000, verdict)


def test_a_time_line_runs_from_old_to_new_and_caps_what_is_too_large() -> None:
    found = timeline([point(2, 8.25, "drift"), point(1, 0.3, "drift"), point(0, -0.01)], LIMITS)
    assert found is not None
    assert [dot.start for dot in found.dots] == [START + n * timedelta(hours=1) for n in range(3)]
    xs = [dot.x for dot in found.dots]
    assert xs == sorted(xs)
    assert [dot.above for dot in found.dots] == [None, None, "8.25"]
    assert all(12 <= dot.y <= found.bottom for dot in found.dots)
    assert found.ticks[-1][1] == f"{MOST:g} or more"
    assert float(found.ticks[-2][1]) < MOST
    assert found.largest == "8.25"
    labels = [rule.label_y for rule in found.rules]
    assert len(labels) == 2
    assert abs(labels[0] - labels[1]) >= 11.9


def test_one_window_is_a_line_too_and_none_is_nothing() -> None:
    assert timeline([], LIMITS) is None
    assert timeline([point(0, None)], LIMITS) is None
    found = timeline([point(0, 0.1)], LIMITS)
    assert found is not None
    assert len(found.dots) == 1


@pytest.mark.parametrize(
    ("bins", "n_ref", "n_cur"), [(2, 500, 100), (10, 5_000, 1_000), (40, 9, 9)]
)
def test_the_band_is_what_chance_shows_in_nineteen_of_twenty(
    bins: int, n_ref: int, n_cur: int
) -> None:
    scale = 1 / n_ref + 1 / n_cur
    mean = scale * (bins - 1)
    expected = scale * chi2.ppf(0.95, bins - 1) - mean
    assert chance(mean, n_ref, n_cur) == pytest.approx(expected, rel=0.04)
    assert chance(None, n_ref, n_cur) == chance(mean, 0, n_cur) == 0.0


def test_bars_stand_for_shares_of_rows() -> None:
    values = np.arange(1_000.0)
    grid = Grid.numeric(values)
    bars = [
        bar for bar in shape(grid.count(values), grid.count(values + 500)) if bar.kind == "range"
    ]
    found = histogram(bars, "told")
    assert found is not None
    tallest = max(found.blocks, key=lambda block: block.height)
    assert tallest.height <= found.bottom
    assert all(block.y + block.height == pytest.approx(found.bottom) for block in found.blocks)
    assert histogram([], "told") is None


@given(st.floats(1e-6, 1.0))
def test_axes_have_round_steps_and_little_room_above(most: float) -> None:
    steps, step = scale(most)
    assert 2 <= steps <= 5
    assert most <= steps * step * (1 + 1e-8)
    assert most > (steps - 1) * step * (1 - 1e-8)
    assert f"{step:.0e}"[0] in "125"
    assert step == pytest.approx(float(f"{step:.0e}"))


def test_what_is_no_value_or_beyond_the_range_has_bars_of_its_own() -> None:
    grid = Grid.numeric(np.arange(100.0))
    ref = grid.count(np.arange(100.0))
    cur = grid.count(np.array([np.nan, -5.0, 50.0, 500.0]))
    found = {one.name: (one.reference, one.current) for one in asides(ref, cur)}
    assert found["missing"] == (0.0, 0.25)
    assert found["below its range"] == (0.0, 0.25)
    assert found["above its range"] == (0.0, 0.25)
    levels = Grid.categorical(["a", "b"] * 50)
    unseen = asides(levels.count(["a", "b"]), levels.count(["a", "new"]))
    assert {one.name: one.current for one in unseen}["never seen before"] == 0.5


def test_a_strip_says_the_same_in_words_and_fills_up_from_the_right() -> None:
    found = strip(["ok", "drift", "unjudged"], 30)
    assert found.told == "last 3 windows: 1 drift, 1 ok, 1 not enough data"
    heights = {bar.kind: bar.height for bar in found.bars}
    assert heights["ok"] < heights["drift"]
    assert max(bar.x + bar.width for bar in found.bars) <= found.width
    assert min(bar.x for bar in found.bars) > found.width * 0.85
