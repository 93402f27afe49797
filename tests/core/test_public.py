"""The public names are those that are listed, and the core stands alone."""

import subprocess
import sys
import types

import drift_core
from drift_core import STATISTICS, Grid

HEAVY = ("polars", "pyarrow", "sqlalchemy", "fastapi", "pydantic", "logging.config", "scipy.stats")


def test_all_lists_exactly_what_is_public():
    public = {
        name
        for name, value in vars(drift_core).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert public == set(drift_core.__all__)
    assert len(drift_core.__all__) == len(set(drift_core.__all__))


def test_importing_the_core_brings_nothing_heavy():
    code = f"import sys, drift_core; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_readme_lines_work():
    grid = Grid.numeric([1.0, 2.0, None, 3.0, 2.0])
    ref, cur = grid.count([1.0, 2.0, 2.0, 3.0]), grid.count([3.0, 3.0, 3.0, None])
    estimate = STATISTICS["ks"](ref, cur)
    assert estimate.value == 0.75
    assert (estimate.lower, estimate.upper) == (0.75, 0.75)
    assert (estimate.n_ref, estimate.n_cur) == (4, 3)
    assert (ref + cur).rows == 8
