"""What people who run the service are shown beside what the API lists."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.domain.telling.operations import (
    AlertChoice,
    Beat,
    DeliveryChoice,
    Episode,
    IntakeRank,
    SourceTally,
)
from app.domain.telling.overview import Firing
from app.domain.telling.reports import AlertStep, AlertSummary, DeliverySummary


class Operations(Protocol):
    """Read-side queries of the pages on alerts, deliveries and ingest."""

    async def chosen_alerts(
        self, chosen: AlertChoice, skip: int, limit: int
    ) -> Sequence[AlertSummary]:
        """What fires first, then what gathers evidence, what is over, what never fired.

        Among these the latest change comes first.
        """

    async def episodes(self, alerts: Sequence[AlertSummary]) -> Mapping[int, Episode]:
        """When those of some alerts that are resolved fired last, by their ids."""

    async def firing(self) -> Sequence[Firing]:
        """Every monitor whose alerts fire, the gravest first; of the whole before a segment."""

    async def alert_steps(
        self, alert_id: int, before: datetime | None, limit: int
    ) -> Sequence[AlertStep]:
        """Newest first, those of windows that start before ``before``."""

    async def chosen_deliveries(
        self, chosen: DeliveryChoice, before: int | None, limit: int
    ) -> Sequence[DeliverySummary]:
        """Newest first, those with ids below ``before``."""

    async def delivery_states(self) -> Mapping[str, int]:
        """How many deliveries there are, by state."""

    async def event_body(self, event_id: str) -> bytes | None:
        """What every attempt sends, to the byte, the token of a run in it."""

    async def intake_ranks(self) -> Sequence[IntakeRank]:
        """Models that rows came for or that have a source, the most troubled first."""

    async def intake_total(self) -> Mapping[str, int]:
        """What all models received, and what became of it, by counter."""

    async def source_tallies(self, models: Collection[int]) -> Sequence[SourceTally]:
        """What each source of these models sent, by model, version and name."""

    async def beats(self, model_id: int, limit: int) -> Sequence[Beat]:
        """What sources said that they sent, what was said last first."""
