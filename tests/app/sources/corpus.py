"""Bodies made to break things, with the answer that each must get: data files in `hostile/`."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "hostile"


@dataclass(frozen=True, slots=True)
class Case:
    """One body. ``status`` is the answer's; 200 means that its rows are counted."""

    name: str
    media_type: str
    encoding: str | None
    body: bytes
    status: int
    where: tuple[int | None, str | None, str] | None
    """Row, field and pointer of the first fault, where there is but one thing wrong.

    A pointer that ends with an asterisk may lead further in.
    """

    def points_at(self, row: int | None, field: str | None, pointer: str) -> bool:
        """Whether a fault is the one that is expected."""
        if self.where is None:
            return True
        wanted = self.where[2]
        found = pointer[: len(wanted) - 1] + "*" if wanted.endswith("*") else pointer
        return (row, field, found) == self.where


def _body(case: dict[str, Any]) -> bytes:
    if "parts" in case:
        return b"".join(text.encode() * times for text, times in case["parts"])
    if "base64" in case:
        return base64.b64decode(case["base64"])
    text: str = case["text"]
    return text.encode()


def _case(case: dict[str, Any]) -> Case:
    where = (case["row"], case["field"], case["pointer"]) if "pointer" in case else None
    return Case(
        case["name"], case["media_type"], case.get("encoding"), _body(case), case["status"], where
    )


def cases() -> dict[str, Case]:
    """All cases by name."""
    files = sorted(FOLDER.glob("*.json"))
    every = [_case(case) for path in files for case in json.loads(path.read_text())]
    found = {case.name: case for case in every}
    assert len(found) == len(every), "two cases have one name"
    return found
