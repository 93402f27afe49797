"""What the steps ask of the store about how rows come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.alerts.traffic import Hour, Mark, Seen
from app.domain.monitors.monitor import Severities
from app.domain.sources.heartbeat import Heartbeat
from app.domain.verdicts.judgement import WindowKey


@dataclass(frozen=True, slots=True)
class Watched:
    """A model whose traffic may be looked at."""

    model_id: int
    name: str
    limit: timedelta | None
    """The longest silence that is allowed, where its monitor does not say."""
    severities: Severities | None
    """How grave a silence is, where its monitor does not say."""
    total: int
    """Rows that have ever arrived."""
    mark: Mark | None


class Traffic(Protocol):
    """How rows come in over time, by model."""

    async def due(self, before: datetime) -> Sequence[Watched]:
        """Models whose last look is not after ``before``; those that never had rows are not."""

    async def note(self, model_id: int, before: Mark | None, seen: Seen) -> bool:
        """Write a look down; False where another replica looked since ``before``."""

    async def hours(self, model_id: int, start: datetime, end: datetime) -> Sequence[Hour]:
        """The hours that start in ``[start, end)``, in order."""

    async def prune(self, before: datetime, limit: int) -> int:
        """Delete at most ``limit`` hours that are older."""


class Sequences(Protocol):
    """Numbers that sources give their batches; they are noted when these are counted."""

    async def join(self, limit: int) -> int:
        """Join at most so many notes of each of some models to their lines; how many notes."""

    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` lines of which nothing was heard for longer."""


class Heartbeats(Protocol):
    """What sources said they have sent."""

    async def put(self, model_id: int, heartbeat: Heartbeat) -> None:
        """Write it down in the place of those that lie within its span.

        Raises
        ------
        Conflict
            Its source spoke of a span that overlaps it and reaches beyond it.
        """

    async def expected(self, key: WindowKey, end: datetime) -> int | None:
        """Rows that sources said happened in a window; None where none spoke."""

    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` of those that were said longer ago."""
