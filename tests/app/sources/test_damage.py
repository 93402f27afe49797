"""Damage never ends the process that reads it, whatever it is."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_damage_is_read_or_refused() -> None:
    child = subprocess.run(
        [sys.executable, "-m", "tests.app.sources.damage", "6", "6000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (child.returncode, child.stdout, child.stderr) == (0, "", "")
