"""What people and metrics are shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.domain.conservation import Balance
from app.domain.telling.reports import (
    AlertStep,
    AlertSummary,
    DeliverySummary,
    FeaturePoint,
    LatestJudgement,
    RowIds,
    Stamp,
    StoredAttempt,
    StoredCounts,
    StoredVerdict,
    TallySum,
    Unbroken,
    WindowQuery,
    WindowReport,
)
from app.domain.verdicts.judgement import Gathered, WindowSummary
from app.ports.operations import Operations
from app.ports.overviews import Overviews
from app.ports.present import Present


class Views(Operations, Overviews, Present, Protocol):
    """Read-side queries: what people and metrics are shown."""

    async def windows(
        self, query: WindowQuery, before: datetime | None, limit: int
    ) -> Sequence[WindowSummary]:
        """Newest first, those that start before ``before``."""

    async def last_judged(self, query: WindowQuery) -> datetime | None:
        """When the newest window begins that the monitor had judged by the asked moment."""

    async def drifting(self, query: WindowQuery, until: datetime, most: int) -> Unbroken:
        """Since when windows drift one after the other, up to the one that begins ``until``.

        Of those that the monitor judged at most ``most`` are looked at.
        """

    async def window(self, query: WindowQuery, start: datetime) -> WindowReport | None: ...
    async def counts(
        self, query: WindowQuery, start: datetime, revision: int | None = None
    ) -> StoredCounts | None:
        """What a revision (or the latest, as of ``query.as_of``) was judged on.

        A window that was not judged yet answers with what it holds now; None: no such window or
        revision.
        """

    async def points(
        self, query: WindowQuery, feature: str, before: datetime | None, limit: int
    ) -> Sequence[FeaturePoint]:
        """One feature over judged windows, newest first."""

    async def held(self, query: WindowQuery, start: datetime, end: datetime) -> Gathered:
        """What the panes of ``[start, end)`` hold now."""

    async def alerts(
        self,
        model_id: int | None,
        state: str | None,
        after: int,
        limit: int,
        *,
        version: str | None = None,
        monitor: str | None = None,
    ) -> Sequence[AlertSummary]:
        """By id, those after ``after``."""

    async def alert(self, alert_id: int) -> tuple[AlertSummary, Sequence[AlertStep]] | None: ...
    async def deliveries(
        self, target: str | None, state: str | None, before: int | None, limit: int
    ) -> Sequence[DeliverySummary]:
        """Newest first, those with ids below ``before``."""

    async def delivery(
        self, delivery_id: int
    ) -> tuple[DeliverySummary, Sequence[StoredAttempt]] | None: ...
    async def tallies(self, model_id: int | None = None) -> Sequence[TallySum]:
        """Ingest counters of all models (or one of them), by model and version."""

    async def balances(self) -> Sequence[Balance]:
        """What every model received, and what became of it according to all tables that know."""

    async def row_ids(self) -> RowIds: ...
    async def latest(self) -> Sequence[LatestJudgement]:
        """What monitors say of the last judged windows of versions that are not retired."""

    async def features(self, judgements: Sequence[int]) -> Mapping[int, Sequence[StoredVerdict]]:
        """What judgements say of their features, by their ids."""

    async def stamp(self) -> Stamp:
        """Cheap; differs when metrics may differ.

        Racing writers may hide a change for a moment, so a cache that goes by it should also age.
        """
