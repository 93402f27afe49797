"""What a part of the benchmarks found: tables of lines, kept as JSON beside the code."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.clock import Timing

FOLDER = Path(__file__).parent / "results"
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One work's times; how many values it went over, and memory, where that means something.

    Memory in MB: the most that its process held, and how much of that was more than before.
    """

    name: str
    best: float
    median: float
    values: int = 0
    peak_mb: float | None = None
    extra_mb: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Works that took turns, compared with one of them."""

    key: str
    title: str
    base: str
    lines: tuple[Line, ...]

    def __getitem__(self, name: str) -> Line:
        return {line.name: line for line in self.lines}[name]

    def ratio(self, name: str, base: str | None = None) -> float:
        """How many times as long as the base the fastest round took, for as many values."""
        line, other = self[name], self[self.base if base is None else base]
        scale = other.values / line.values if line.values and other.values else 1.0
        return line.best / other.best * scale


@dataclass(frozen=True, slots=True)
class Found:
    """What one part found in one run on one machine, and single figures apart from times."""

    machine: Mapping[str, str]
    tables: tuple[Table, ...]
    figures: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __getitem__(self, key: str) -> Table:
        return {table.key: table for table in self.tables}[key]


def table(
    key: str, title: str, base: str, found: Mapping[str, Timing], values: int | Mapping[str, int]
) -> Table:
    """Lay timings out as a table; `values` are those of all lines, or of each."""
    of: Callable[[str], int] = (
        values.__getitem__ if isinstance(values, Mapping) else lambda _: values
    )
    lines = (Line(name, time.best, time.median, of(name)) for name, time in found.items())
    return Table(key, title, base, tuple(lines))


def save(part: str, found: Found, folder: Path = FOLDER) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{part}.json").write_text(json.dumps(_rounded(asdict(found)), indent=1) + "\n")


def load(part: str, folder: Path = FOLDER) -> Found | None:
    """Read a part's results; `None` where it was never run."""
    path = folder / f"{part}.json"
    return parse(json.loads(path.read_text())) if path.exists() else None


def parse(doc: Mapping[str, Any]) -> Found:
    tables = (
        Table(**{**each, "lines": tuple(Line(**line) for line in each["lines"])})
        for each in doc["tables"]
    )
    return Found(doc["machine"], tuple(tables), doc["figures"], tuple(doc["notes"]))


def _rounded(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
