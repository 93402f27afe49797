"""A contestant's process is told when to work, and says what that took."""

import pytest

from benchmarks import mixture
from benchmarks.turns import Turns


def test_a_contestant_in_a_process_of_its_own(tmp_path):
    mixture.write(tmp_path, 2_000, 10)
    with Turns("numpy PSI", tmp_path, "coded") as turns:
        turns.ask("prepare")
        turns.ask("verdict")
        turns.ask("verdict")
        line = turns.line("verdict")
    assert turns.process.returncode == 0
    assert 0 < line.best <= line.median
    assert line.peak_mb > line.extra_mb >= 0


def test_one_that_cannot_start_is_not_waited_for(tmp_path):
    with Turns("numpy PSI", tmp_path / "nothing", "coded") as turns, pytest.raises(EOFError):
        turns.ask("prepare")
