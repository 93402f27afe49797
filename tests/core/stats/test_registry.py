"""A statistic is one file: dropping it in is all that registering takes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import drift_core
from drift_core import STATISTICS, Grid, GridMismatch

DROPPED_IN = '''
"""Total variation."""

import numpy as np

from drift_core.calibration import bins_p_value
from drift_core.stats._spec import Estimates, statistic


@statistic(
    "total_variation", reads="bins", kinds=("numeric",), range=(0.0, 1.0), symmetric=True,
    f_divergence=True, effect="the distance itself", warning=None, drift=0.1,
)
def total_variation(ref, cur, axis):
    n, m = ref.sum(-1), cur.sum(-1)
    value = np.abs(ref / n[..., None] - cur / m[..., None]).sum(-1) / 2
    return Estimates(value, value, value, value, bins_p_value(ref, cur), n, m)
'''
QUESTION = """
from drift_core import STATISTICS, Grid, Policy, judge
grid = Grid.numeric([0.0, 1.0])
ref, cur = grid.count([0.0, 1.0] * 200), grid.count([1.0] * 200)
policy = Policy(statistics={"numeric": ("total_variation",)})
verdict = judge({"x": ref}, {"x": cur}, policy).features["x"]
value = STATISTICS["total_variation"](ref, cur).value
print(sorted(STATISTICS), value, verdict.state, verdict.rules)
"""


def test_a_fourth_file_is_found_called_and_judged_with(tmp_path):
    package = tmp_path / "drift_core"
    shutil.copytree(Path(drift_core.__file__).parent, package)
    (package / "stats" / "total_variation.py").write_text(DROPPED_IN)
    done = subprocess.run(
        [sys.executable, "-c", QUESTION], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    expected = [*sorted([*STATISTICS, "total_variation"])]
    assert done.stdout.strip().startswith(f"{expected} 0.5 drift ('total_variation',")


def test_what_is_there():
    assert list(STATISTICS) == ["chi2", "ks", "psi"]
    assert all(name == found.name for name, found in STATISTICS.items())
    with pytest.raises(TypeError):
        STATISTICS["mine"] = STATISTICS["ks"]


@pytest.mark.parametrize("name", list(STATISTICS))
def test_counts_on_two_grids_are_refused(name):
    with pytest.raises(GridMismatch):
        STATISTICS[name](Grid.numeric([1.0]).zero(), Grid.numeric([2.0]).zero())
