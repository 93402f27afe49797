"""What is judged is as large as it says, and in order: nothing drifted."""

import pytest

from benchmarks.judging import CELLS, REFERENCE, ROWS, grid_of, judge_windows, stored
from drift_core import State


@pytest.mark.parametrize("points", [True, False])
def test_a_grid_has_as_many_cells_as_it_says(points):
    assert grid_of(points).size == CELLS
    assert grid_of(points).points.any() == points


def test_stored_counts_can_be_judged():
    ref, windows = stored()
    few = [f"f{i}" for i in range(4)]
    states = judge_windows({name: ref[name] for name in few}, {name: windows[name] for name in few})
    assert set(states) == {State.OK}
    assert windows["f0"].sum(axis=1) == pytest.approx(ROWS)
    assert ref["f0"].cells.sum() == pytest.approx(REFERENCE, rel=0.02)
