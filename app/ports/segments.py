"""What the service needs of a place that keeps the segments of baselines."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from app.domain.model import Baseline
from app.domain.segments.reference import SegmentVectors


class Segments(Protocol):
    """What baselines count in each segment; whoever adds it holds the model."""

    async def add(self, model_id: int, baseline: int, counts: SegmentVectors) -> None:
        """Keep the segments of a baseline that was added in this transaction."""

    async def rows(self, model_id: int, baseline: int) -> Mapping[str, int]:
        """Return how many rows of a baseline are in each of its segments."""

    async def held(
        self, model_id: int, version: str, grid_set: int, span: tuple[datetime, datetime]
    ) -> Mapping[str, int]:
        """Return how many rows the panes of a span hold now in each segment, and as a whole."""

    async def stored(self, model_id: int, segment: str) -> bool:
        """Whether windows of a segment are kept, of any version."""

    async def reference(self, model_id: int, baseline: Baseline, segment: str) -> Baseline:
        """Return a baseline as the reference of one segment; without rows where it has none."""
