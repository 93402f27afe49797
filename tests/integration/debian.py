"""Debian's packages, extracted and not installed, so that no service of theirs starts."""

import subprocess
from pathlib import Path

import pytest


def extracted(cache: Path, package: str) -> Path:
    """Return the folder of a package's files; skips where it cannot be had."""
    folder, done = cache / package, cache / package / ".extracted"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.deb"):
        old.unlink()
    try:
        download = ["apt-get", "download", package]
        subprocess.run(download, cwd=folder, check=True, timeout=120, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        pytest.skip(f"Debian's {package} cannot be had here: {said.decode().strip()[-300:]}")
    (found,) = folder.glob("*.deb")
    subprocess.run(["dpkg", "-x", str(found), str(folder)], check=True, timeout=60)
    done.touch()
    return folder
