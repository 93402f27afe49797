"""The peers: which release, what it needs beside to work, and how its environment is made."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A drift library: `does` says what is asked of it, `requirements` were seen to install.

    Releases are fixed, and so are the majors of what each does not bound itself.
    """

    name: str
    does: str
    requirements: tuple[str, ...]


PEERS = (
    Peer(
        "nannyml",
        "KS and chi-squared, ten chunks",
        # statsmodels is imported but not required; the newest pandas and numpy are too new
        ("nannyml==0.13.1", "statsmodels", "pandas<3", "numpy<2.3"),
    ),
    Peer(
        "alibi",
        "TabularDrift",
        ("alibi-detect==0.13.0", "pyarrow<20"),
    ),
    Peer(
        "evidently",
        "DataDriftPreset",
        ("evidently==0.7.23", "pandas<3", "pyarrow<20"),
    ),
    Peer(
        "whylogs",
        "profiles and drift scores",
        ("whylogs[viz]==1.6.4", "pandas<3", "numpy<2", "pyarrow<20"),
    ),
    Peer(
        "popmon",
        "stability report of ten days",
        ("popmon==1.4.12", "pandas<3", "pyarrow<20"),
    ),
)


def python_of(peer: Peer, folder: Path) -> Path:
    """Return the peer's interpreter; makes its environment where there is none yet.

    `subprocess.CalledProcessError` says that it could not be installed.
    """
    place = folder / peer.name
    python = place / "bin" / "python"
    if not python.exists():
        # what is half made would be taken for ready the next time
        try:
            _run(sys.executable, "-m", "venv", str(place))
            _run(str(python), "-m", "pip", "install", "--quiet", *peer.requirements)
        except subprocess.CalledProcessError:
            shutil.rmtree(place, ignore_errors=True)
            raise
    return python


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
