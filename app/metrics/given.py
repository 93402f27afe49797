"""Counts verdicts as they are given; in OpenMetrics each count names the last one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from app.domain.telling.reports import GivenVerdict, LatestJudgement
from app.metrics.judged import STATES
from app.metrics.series import Series
from app.metrics.text import Parts, Samples, labels
from app.ports.present import Present

LOOKBACK = 1_000
"""Ids below the highest that are looked at again: transactions do not end in the order of ids."""
MOST = 10_000

Asked: TypeAlias = tuple[str, str, str]
"""Model, version and monitor."""


@dataclass(slots=True)
class Count:
    """Verdicts of one state, and the last of them."""

    number: int = 0
    last: int = 0
    at: datetime | None = None

    def take(self, given: GivenVerdict) -> None:
        self.number += 1
        if given.id > self.last:
            self.last, self.at = given.id, given.judged_at

    @property
    def exemplar(self) -> str:
        if self.at is None:
            return ""
        return f' # {{verdict_id="{self.last}"}} 1.0 {self.at.timestamp()}'


class Given:
    """Verdicts of the whole service since the first look. What came before is not counted."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._highest = 0
        self._seen: set[int] = set()
        self._counts: dict[tuple[Asked, str], Count] = {}

    async def look(self, views: Present) -> None:
        """Count what is new; a lot of it over several looks."""
        if self._first is None:
            self._first = self._highest = await views.newest_verdict()
        found = await views.verdicts_after(max(self._first, self._highest - LOOKBACK), MOST)
        for one in found:
            if one.id not in self._seen:
                asked = one.model, one.version, one.monitor
                self._counts.setdefault((asked, one.state), Count()).take(one)
        self._highest = max([self._highest, *(one.id for one in found)])
        self._seen = {one.id for one in found if one.id > self._highest - LOOKBACK}

    def parts(self, present: Iterable[LatestJudgement], openmetrics: bool) -> Parts:
        """Return the counts of what is judged at present; the others are forgotten."""
        made, kept = Samples(), dict[tuple[Asked, str], Count]()
        for one in present:
            asked = one.model, one.version, one.monitor
            who = labels(("model", one.model), ("version", one.version), ("monitor", one.monitor))
            for state in STATES:
                count = kept[asked, state] = self._counts.get((asked, state)) or Count()
                exemplar = count.exemplar if openmetrics else ""
                sample = f'{Series.VERDICTS.sample}{{{who},state="{state}"}}'
                made.line(Series.VERDICTS, f"{sample} {count.number}{exemplar}\n")
        self._counts = kept
        return made.parts()
