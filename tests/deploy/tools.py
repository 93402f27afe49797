"""Debian's Prometheus and Alertmanager: on the path, or extracted where it is asked for."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
PACKAGES = {
    "promtool": "prometheus",
    "prometheus": "prometheus",
    "amtool": "prometheus-alertmanager",
    "prometheus-alertmanager": "prometheus-alertmanager",
}
FOLDER = os.environ.get("INTEGRATION_FOLDER", "")
"""Where programs are extracted to; without it nothing is downloaded."""


def program(name: str) -> str:
    """Return a program's path, or skip the test that asks for it."""
    found = shutil.which(name)
    if found is not None:
        return found
    if not FOLDER:
        pytest.skip(f"{name} is not on the path, and INTEGRATION_FOLDER names no folder for it")
    return str(_extracted(PACKAGES[name]) / "usr" / "bin" / name)


def _extracted(package: str) -> Path:
    """Return the folder of a package that is extracted and not installed: no service starts."""
    folder = Path(FOLDER).absolute() / "deploy" / package
    if not (folder / "usr").exists():
        folder.mkdir(parents=True, exist_ok=True)
        download = ["apt-get", "download", package]
        try:
            subprocess.run(download, cwd=folder, check=True, timeout=120, capture_output=True)
        except (OSError, subprocess.SubprocessError):
            pytest.skip(f"{package} cannot be downloaded with apt-get")
        (archive,) = folder.glob("*.deb")
        subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True, timeout=60)
    return folder


def call(name: str, *arguments: str) -> str:
    """Run a program; what it says where it succeeds."""
    ran = subprocess.run(
        [program(name), *arguments],
        cwd=DEPLOY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
