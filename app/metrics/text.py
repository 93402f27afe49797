"""Samples as text: Prometheus's format and OpenMetrics, which differ in heads and exemplars."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from math import inf
from typing import TypeAlias

from app.metrics.series import Kind, Series

LONGEST_LABEL = 200
ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})

Parts: TypeAlias = Mapping[Series, str]
"""Samples as text, by their series."""


def labels(*pairs: tuple[str, str]) -> str:
    """Return labels as they stand between the braces."""
    return ",".join(f'{name}="{cut(value).translate(ESCAPES)}"' for name, value in pairs)


def cut(label: str) -> str:
    """Return a label of bounded length; two that begin alike stay apart, or no scrape succeeds."""
    if len(label) <= LONGEST_LABEL:
        return label
    mark = hashlib.sha256(label.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{label[: LONGEST_LABEL - 9]}~{mark}"


def number(value: float) -> str:
    """Return a number as both formats spell it."""
    if value != value:  # noqa: PLR0124  not a number
        return "NaN"
    if value in {inf, -inf}:
        return "+Inf" if value > 0 else "-Inf"
    return repr(float(value)) if isinstance(value, float) else str(int(value))


class Samples:
    """Collects lines by series."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: defaultdict[Series, list[str]] = defaultdict(list)

    def add(
        self, series: Series, given: str, value: float | datetime | None, ending: str = ""
    ) -> None:
        """Add one sample; None adds none, so that an unknown value is absent and not 0."""
        if value is None:
            return
        told = value.timestamp() if isinstance(value, datetime) else value
        braces = f"{{{given}}}" if given else ""
        self._lines[series].append(f"{series.sample}{ending}{braces} {number(told)}\n")

    def one_of(self, series: Series, given: str, names: Iterable[str], present: str) -> None:
        """Add 1 for the state that something is in, and 0 for each of the others."""
        for name in names:
            self.add(series, f'{given},state="{name}"', int(name == present))

    def line(self, series: Series, line: str) -> None:
        """Add a line that is ready."""
        self._lines[series].append(line)

    def parts(self) -> Parts:
        return {series: "".join(lines) for series, lines in self._lines.items()}


def joined(texts: Iterable[Parts], openmetrics: bool, of: Iterable[Series]) -> bytes:
    """Return series one after the other, each with its head, also those without a sample."""
    found: defaultdict[Series, list[str]] = defaultdict(list)
    for text in texts:
        for series, samples in text.items():
            found[series].append(samples)
    body = "".join(piece for series in of for piece in _family(series, found[series], openmetrics))
    return body.encode("utf-8", "replace")  # half a surrogate is no text


def _family(series: Series, samples: list[str], openmetrics: bool) -> Iterator[str]:
    name = series.series if openmetrics or series.kind is not Kind.COUNTER else series.sample
    yield f"# HELP {name} {series.meaning}\n# TYPE {name} {series.kind}\n"
    yield from samples
