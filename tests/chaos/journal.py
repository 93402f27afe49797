"""Append-only logs: one JSON document a line, each written by one system call."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class Journal:
    """Writes a line at once: what is killed afterwards has still said it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, document: Mapping[str, Any]) -> None:
        os.write(self._file, json.dumps(document, separators=(",", ":")).encode() + b"\n")


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Return what was written; a last line that was torn by a kill is not there."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield json.loads(line)
