"""What pages ask of the store beside what the API does: many windows, each in little."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.domain.telling.overview import Judged, ModelLine


class Overviews(Protocol):
    """Bounded reads over many models, or over many windows of one."""

    async def fleet(self) -> Sequence[ModelLine]:
        """Every model by name, with what the usual monitor says of its last judged window."""

    async def strips(self, lines: Sequence[ModelLine], last: int) -> Mapping[int, Sequence[Judged]]:
        """The last judged windows of what lines show, oldest first, by id of the model."""

    async def drifted(self, verdicts: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Features that drifted by each verdict, the surest first."""
