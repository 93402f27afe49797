"""Kernels that were compiled before load from a folder that nobody may write."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

KERNEL = """
from numba import njit

@njit("int64(int64)", cache=True)
def twice(number):
    return 2 * number
"""
USE = "import kernel; print(kernel.twice(21), sum(kernel.twice.stats.cache_hits.values()))"
SHIPPED = "app.kernel_cache.ShippedKernels"
ROOT = Path(__file__).parents[2]
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def heed_permissions() -> None:
    """Make root heed file modes as everybody else does; for other users it changes nothing."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def run(folder: Path, program: str, locator: str, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    env |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": f"{folder}:{ROOT}", "HOME": "/nowhere"}
    env |= {"NUMBA_CACHE_LOCATOR_CLASSES": locator, **extra}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=env,
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=heed_permissions,
    )


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A module with its kernel compiled beside it, and everything made read-only."""
    folder = tmp_path_factory.mktemp("shipped")
    (folder / "kernel.py").write_text(KERNEL)
    assert run(folder, USE, SHIPPED).stdout.split() == ["42", "0"]
    cache = folder / "__pycache__"
    cache.chmod(0o555)
    probe = run(folder, f"open({str(cache / 'probe')!r}, 'w')", "")
    if probe.returncode == 0:
        pytest.skip("this user may write into folders that are read-only")
    yield folder
    cache.chmod(0o755)


def test_a_shipped_kernel_is_loaded_and_not_compiled(shipped):
    assert run(shipped, USE, SHIPPED).stdout.split() == ["42", "1"]


def test_without_the_locator_numba_gives_up(shipped):
    """The negative control: this is what the locator is for."""
    assert "no locator available" in run(shipped, USE, "InTreeCacheLocator").stderr


def test_a_kernel_that_is_not_in_the_cache_fails_at_once(shipped):
    other = run(shipped, USE, SHIPPED, NUMBA_CPU_NAME="generic")
    assert "PermissionError" in other.stderr
