"""The peak is seen, also when it is over, and forgotten when asked to watch anew."""

import sys

import numpy as np
import pytest

from benchmarks import memory

MB = 2**20


def test_a_peak_that_is_over_is_seen():
    held = memory.watch()
    np.ones(64 * MB // 8).sum()
    assert memory.peak() - held > 50


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can forget a peak")
def test_watching_forgets_the_peak_before():
    np.ones(128 * MB // 8).sum()
    held = memory.watch()
    assert memory.peak() - held < 50
