"""Rate, errors and duration of what this replica answered: some numbers a request, and no more."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import Final, Self, TypeAlias

from app.metrics.series import Series
from app.metrics.text import Parts, Samples, labels, number

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which a request falls into a bucket."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"

Answered: TypeAlias = tuple[str, str, int]
"""Template of the route, method, status."""
Refused: TypeAlias = Mapping[tuple[str, int], int]
"""Requests that were answered with an error, by route and status."""


class Requests:
    """Counts by buckets of time. Belongs to one event loop."""

    __slots__ = ("_cells",)

    def __init__(self) -> None:
        self._cells: dict[Answered, list[float]] = {}
        """Requests of each bucket, and at the end the sum of their seconds."""

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request; every request does this."""
        cell = self._cells.get((route, method, status))
        if cell is None:
            cell = self._new(route, method, status)
        cell[bisect_left(BOUNDS, seconds)] += 1
        cell[-1] += seconds

    def _new(self, route: str, method: str, status: int) -> list[float]:
        """Return a cell; whatever a client takes for a method, there are few."""
        known = method if method in METHODS else OTHER
        return self._cells.setdefault((route, known, status), [0] * (len(BOUNDS) + 1) + [0.0])

    def __iter__(self) -> Iterator[tuple[Answered, list[float]]]:
        return iter(self._cells.items())


@dataclass(frozen=True, slots=True)
class Own:
    """What one replica counted of itself, at one moment; of several it adds up."""

    requests: list[tuple[Answered, list[float]]] = field(default_factory=list)
    refused: list[tuple[tuple[str, int], int]] = field(default_factory=list)

    @classmethod
    def of(cls, requests: Requests, refused: Refused) -> Self:
        return cls([(who, list(cell)) for who, cell in requests], list(refused.items()))

    def __add__(self, other: "Own") -> "Own":
        cells = dict(self.requests)
        for who, cell in other.requests:
            had = cells.get(who)
            cells[who] = cell if had is None else _sum(had, cell)
        return Own(
            list(cells.items()),
            list((Counter(dict(self.refused)) + Counter(dict(other.refused))).items()),
        )


def tell(own: Own, code_version: str) -> Parts:
    """Return what only this replica knows."""
    made = Samples()
    made.add(Series.BUILD, labels(("leeway_version", code_version)), 1)
    sums: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for (route, method, status), cell in sorted(own.requests):
        who = labels(("route", route), ("method", method))
        made.add(Series.REQUESTS, f'{who},status="{status}"', int(sum(cell[:-1])))
        sums[route, method] = _sum(sums[route, method] or [0] * len(cell), cell)
    for (route, method), cell in sums.items():
        _add_histogram(made, labels(("route", route), ("method", method)), cell)
    for (route, status), times in sorted(own.refused):
        made.add(Series.REFUSED, f'{labels(("route", route))},status="{status}"', times)
    return made.parts()


def _sum(one: list[float], more: list[float]) -> list[float]:
    return [this + that for this, that in zip(one, more, strict=True)]


def _add_histogram(made: Samples, who: str, cell: list[float]) -> None:
    *buckets, seconds = cell
    upto = [int(count) for count in accumulate(buckets)]
    for bound, count in zip((*BOUNDS, inf), upto, strict=True):
        made.add(Series.DURATION, f'{who},le="{number(bound)}"', count, "_bucket")
    made.add(Series.DURATION, who, upto[-1], "_count")
    made.add(Series.DURATION, who, seconds, "_sum")
