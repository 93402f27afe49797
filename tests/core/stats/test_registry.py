"""A statistic is one file: dropping it in is all that registering takes."""

import doctest
import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import drift_core
from drift_core import STATISTICS, Grid, GridMismatch

DROPPED_IN = '''
"""A distance that nobody else has."""

import numpy as np

from drift_core.evidence.calibration import bins_p_value
from drift_core.stats._spec import Estimates, statistic


@statistic(
    "halved", reads="bins", kinds=("numeric",), range=(0.0, 1.0), symmetric=True,
    f_divergence=True, effect="the distance itself", warning=None, drift=0.1,
)
def halved(ref, cur, axis):
    n, m = ref.sum(-1), cur.sum(-1)
    value = np.abs(ref / n[..., None] - cur / m[..., None]).sum(-1) / 2
    return Estimates(value, value, value, value, bins_p_value(ref, cur), n, m)
'''
QUESTION = """
from drift_core import STATISTICS, Grid, Policy, judge
grid = Grid.numeric([0.0, 1.0])
ref, cur = grid.count([0.0, 1.0] * 200), grid.count([1.0] * 200)
policy = Policy(statistics={"numeric": ("halved",)})
verdict = judge({"x": ref}, {"x": cur}, policy).features["x"]
value = STATISTICS["halved"](ref, cur).value
print(sorted(STATISTICS), value, verdict.state, verdict.rules)
"""


def test_one_more_file_is_found_called_and_judged_with(tmp_path):
    package = tmp_path / "drift_core"
    shutil.copytree(Path(drift_core.__file__).parent, package)
    (package / "stats" / "halved.py").write_text(DROPPED_IN)
    done = subprocess.run(
        [sys.executable, "-c", QUESTION], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    expected = [*sorted([*STATISTICS, "halved"])]
    assert done.stdout.strip().startswith(f"{expected} 0.5 drift ('halved',")


def test_what_is_there():
    assert list(STATISTICS) == [
        "anderson_darling",
        "chi2",
        "hellinger",
        "jensen_shannon",
        "ks",
        "linf",
        "psi",
        "total_variation",
        "wasserstein",
    ]
    assert all(name == found.name for name, found in STATISTICS.items())
    with pytest.raises(TypeError):
        STATISTICS["mine"] = STATISTICS["ks"]


@pytest.mark.parametrize("name", list(STATISTICS))
def test_counts_on_two_grids_are_refused(name):
    with pytest.raises(GridMismatch):
        STATISTICS[name](Grid.numeric([1.0]).zero(), Grid.numeric([2.0]).zero())


def test_each_says_what_it_is():
    for found in STATISTICS.values():
        low, high = found.range
        assert low < high
        assert found.kinds
        assert found.effect
        assert found.drift is None or found.warning is None or found.warning < found.drift
        assert found.reads == "cells" or found.evidence == "bins"
        assert found.reads == "bins" or found.kinds == ("numeric",)


def test_examples_run():
    for name, found in STATISTICS.items():
        module = importlib.import_module(f"drift_core.stats.{name}")
        parser = doctest.DocTestParser()
        test = parser.get_doctest(found.evaluate.__doc__, vars(module), name, None, None)
        assert test.examples, name
        assert doctest.DocTestRunner().run(test).failed == 0
