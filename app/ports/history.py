"""What the steps ask of the store about windows of the past."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.domain.monitors.by_rows import Span
from app.domain.monitors.past import PastWindow
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts.judgement import Sighting


class History(Protocol):
    """Windows of one series with what they counted; ``as_of`` and ``monitor`` are not heeded."""

    async def extent(self, series: WindowQuery) -> tuple[datetime, datetime] | None:
        """Return the starts of the first and the last stored sum of counts; None: there is none."""

    async def newest(
        self, series: WindowQuery, start: datetime, end: datetime, most: int
    ) -> datetime | None:
        """Return where the newest ``most`` closed windows begin; None where there are no more."""

    async def closed(
        self, series: WindowQuery, start: datetime, end: datetime, limit: int
    ) -> Sequence[PastWindow]:
        """Return closed windows that begin in ``[start, end)`` with their latest counts."""

    async def summed(self, series: WindowQuery, spans: Sequence[Span]) -> Sequence[PastWindow]:
        """Return windows, in the order of their starts and ends, as sums of what is stored.

        Those without rows are left out.
        """

    async def sightings(
        self, series: WindowQuery, start: datetime, end: datetime
    ) -> Sequence[tuple[datetime, Sighting]]:
        """Return the columns that batches lacked, or had beyond the schema, by pane."""
