"""Results of a run that was stopped, kept so that the next one goes on from there."""

import hashlib
import pickle
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Kept:
    """Results by name, in a folder of their own for every state of the code."""

    def __init__(self, folder: Path, run: str) -> None:
        self._folder = folder / f"{run}-{_state()}"

    def get(self, name: str) -> Any | None:  # noqa: ANN401
        """Return what was put there; `None` where nothing was."""
        path = self._folder / name
        # only this class writes there
        return pickle.loads(path.read_bytes()) if path.exists() else None  # noqa: S301

    def put(self, name: str, result: Any) -> None:  # noqa: ANN401
        """Keep a result, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f"{name}.part"
        part.write_bytes(pickle.dumps(result))
        part.rename(self._folder / name)


def _state() -> str:
    # figures of other code are not this code's
    digest = hashlib.sha256()
    for folder in ("drift_core", "benchmarks/scorecard"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
