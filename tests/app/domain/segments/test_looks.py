"""Segments page no more often than the whole alone would, and see what the whole hides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from app.domain.batch import CountVector
from app.domain.model import WHOLE
from app.domain.monitors.monitor import Monitor, default_monitor, policy
from app.domain.segments.looks import shared
from app.domain.segments.segment import Grouping, Plan, Segmentation
from drift_core import Grid, GridSet, Judge, State, Verdicts

FEATURES = tuple(f"f{i}" for i in range(10))
COLUMN = Grouping(("c",), tuple((f"v{i}",) for i in range(19)))
ASKED = Segmentation((("c",),))
PLAN = Plan(ASKED, (COLUMN,))
REFERENCE, ROWS, LOOKS, REFERENCES = 1_000, 200, 20, 4
LEVEL = 0.05
"""Of a page, and of a verdict: large enough to be seen in so few looks."""
MONITOR = replace(default_monitor(timedelta(hours=1)), page_level=LEVEL)
GRID = Grid.numeric(np.random.default_rng(9).normal(size=2_000), max_cells=64)
GRIDS = GridSet(tuple((name, GRID) for name in FEATURES))
SHARES, MOVED = (
    GRID.count(np.random.default_rng(10).normal(mean, size=200_000)).cells / 200_000
    for mean in (0.0, 1.0)
)
Sample = dict[str, CountVector]
"""Windows by segment: each of shape (windows, cells of all features)."""


def sample(rng: np.random.Generator, rows: int, windows: int, *, moved: bool = False) -> Sample:
    """Draw windows of every segment; one feature of the fourth may have moved."""
    made: Sample = {}
    for place, text in enumerate(COLUMN.texts):
        cells = rng.multinomial(rows, SHARES, size=(windows, len(FEATURES)))
        if moved and place == 3:
            cells[:, 0] = rng.multinomial(rows, MOVED, size=windows)
        made[text] = cells.reshape(windows, -1)
    return {WHOLE: np.sum(list(made.values()), axis=0), **made}


def asked(segment: str) -> Monitor:
    return shared([MONITOR], segment, PLAN, ASKED)[0]


def alone(segment: str) -> Monitor:  # noqa: ARG001  as if nothing were shared
    return MONITOR


def judged(
    rng: np.random.Generator, monitor_of: Callable[[str], Monitor], *, moved: bool = False
) -> dict[str, Verdicts]:
    """Judge looks against a reference of their own."""
    ref, cur = sample(rng, REFERENCE, 1), sample(rng, ROWS, LOOKS, moved=moved)
    return {
        text: Judge.of(GRIDS.split(ref[text][0]), policy(monitor_of(text))).windows(cur[text])
        for text in ref
    }


@pytest.mark.parametrize(
    ("monitor_of", "least", "most"), [(asked, 0, 12), (alone, 30, LOOKS * REFERENCES)]
)
def test_all_of_a_look_err_as_often_as_one(
    monitor_of: Callable[[str], Monitor], least: int, most: int
) -> None:
    """Of 80 looks at 20 segments of 10 features at most 4 are expected to have evidence at all.

    More than 12 come once in some thousand times. It is evidence that is looked at, since
    without drift hardly any effect would matter, whatever the evidence.
    """
    rng = np.random.default_rng(20)
    told = 0
    for _ in range(REFERENCES):
        found = judged(rng, monitor_of)
        sure = [
            one.p_adjusted.min(axis=1) <= (monitor_of(text).page_level or 0.0)
            for text, one in found.items()
        ]
        told += np.count_nonzero(np.any(sure, axis=0))
    assert least <= told <= most


def test_a_segment_is_seen_that_the_whole_hides() -> None:
    found = judged(np.random.default_rng(21), asked, moved=True)
    seen = {text: np.count_nonzero(one.windows_where(State.DRIFT)) for text, one in found.items()}
    assert seen.pop("c=v3") == LOOKS
    assert seen[WHOLE] == 0
    assert sum(seen.values()) <= 1
    assert found["c=v3"].window(0).page


def test_levels_are_shared_and_nothing_is_asked_of_models_without() -> None:
    levels = [asked(text).page_level or 0.0 for text in (WHOLE, *COLUMN.texts)]
    assert sum(levels) == pytest.approx(LEVEL)
    assert levels[0] == pytest.approx(LEVEL / 2)
    assert asked(WHOLE).criteria == MONITOR.criteria
    assert asked("c=v1").criteria.level == pytest.approx(MONITOR.criteria.level / 20)
    assert shared([MONITOR], WHOLE, None, ASKED) == [MONITOR]
    assert shared([MONITOR], WHOLE, PLAN, None) == [MONITOR]
    silent = replace(MONITOR, page_level=None)
    assert shared([silent], "c=v1", PLAN, ASKED)[0].page_level is None
