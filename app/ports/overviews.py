"""What pages ask of the store beside what the API does: many windows, each in little."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.domain.telling.overview import Beside, Cell, Judged, ModelLine
from app.domain.verdicts.judgement import WindowKey


class Overviews(Protocol):
    """Bounded reads over many models, or over many windows of one."""

    async def fleet(self) -> Sequence[ModelLine]:
        """Every model by name, with the worst that is said of its last judged windows."""

    async def standing(self, model_id: int) -> ModelLine | None:
        """The same of one model."""

    async def strips(self, lines: Sequence[ModelLine], last: int) -> Mapping[int, Sequence[Judged]]:
        """The last windows of the monitor that each line shows, oldest first, by id of the model.

        Of each window that which the worst of the model's monitors says.
        """

    async def drifted(self, verdicts: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """Features that drifted by each verdict, those that moved by most first."""

    async def cells(
        self, verdicts: Sequence[int], features: Sequence[str], statistic: str | None
    ) -> Mapping[int, Mapping[str, Cell | None]]:
        """What verdicts say of features, by both; without a statistic, the largest effect of all.

        None of features that a verdict does not name; more features than were asked for may come.
        """

    async def beside(
        self, window: WindowKey, versions: Sequence[str], segments: Sequence[str]
    ) -> Sequence[Beside]:
        """What is said of the same time and frame, by all monitors, in these series."""
