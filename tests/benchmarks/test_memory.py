"""The peak is seen, also when it is over, and forgotten when asked to watch anew.

Each case has a process of its own, as contestants have: one that had freed much would give that
memory to the next array, and hold no more than before.
"""

import subprocess
import sys

import pytest

from benchmarks.turns import ROOT

OVER = """
import numpy as np
from benchmarks import memory
held = memory.watch()
np.ones(64 * 2**20 // 8).sum()
print(memory.peak() - held)
"""
BEFORE = """
import numpy as np
from benchmarks import memory
np.ones(128 * 2**20 // 8).sum()
held = memory.watch()
print(memory.peak() - held)
"""


def printed(code: str) -> float:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    return float(done.stdout)


def test_a_peak_that_is_over_is_seen():
    assert printed(OVER) > 50


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can forget a peak")
def test_watching_forgets_the_peak_before():
    assert printed(BEFORE) < 50
