"""What the steps ask of the world: stores inside one transaction, targets, a clock."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.batch import CountedBatch, Outcome
from app.domain.model import Standing
from app.ports.ageing import Ageing
from app.ports.alerts import Alerts
from app.ports.batches import Batches, Rejections
from app.ports.borders import Borders
from app.ports.history import History
from app.ports.models import Models
from app.ports.monitors import Monitors
from app.ports.operations import Operations
from app.ports.outbox import Outbox, Sender, Targets
from app.ports.overviews import Overviews
from app.ports.retrainings import Retrainings
from app.ports.segments import Segments
from app.ports.sources import Objects, Sources
from app.ports.traffic import Heartbeats, Sequences, Traffic
from app.ports.verdicts import Verdicts
from app.ports.views import Views
from app.ports.windows import Windows


class Upkeep(Protocol):
    """Housekeeping in bounded portions."""

    async def fold(self, panes: int) -> int:
        """Fold the deltas of at most so many panes (and tallies); how many were folded."""

    async def prune_receipts(self, at_least: timedelta, limit: int) -> int:
        """Delete at most ``limit`` old receipts.

        A receipt is old after ``at_least``, and never before its model's windows of that time are
        final (``final_after`` plus window plus lateness): a re-send must not count again while
        its window can still change.
        """

    async def retain(self) -> str | None:
        """Make some old history of one model coarser or remove it; what was done, None: nothing.

        Nothing is touched before its age and before its windows are final. To be asked again
        until there is nothing to do; models take turns.
        """

    async def keep_row_ids(self, limit: int) -> int:
        """Make tables of row ids ahead, drop what is older than any horizon, and measure them.

        At most ``limit`` ids are deleted one by one; how many were.
        """


class Unit(Protocol):
    """One transaction. ``now`` is the database's clock, so that replicas agree."""

    @property
    def now(self) -> datetime: ...
    @property
    def models(self) -> Models: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def rejections(self) -> Rejections: ...
    @property
    def windows(self) -> Windows: ...
    @property
    def monitors(self) -> Monitors: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def targets(self) -> Targets: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def objects(self) -> Objects: ...
    @property
    def heartbeats(self) -> Heartbeats: ...
    @property
    def sequences(self) -> Sequences: ...
    @property
    def segments(self) -> Segments: ...
    @property
    def traffic(self) -> Traffic: ...
    @property
    def retrainings(self) -> Retrainings: ...
    @property
    def ageing(self) -> Ageing: ...
    @property
    def upkeep(self) -> Upkeep: ...
    @property
    def views(self) -> Views: ...
    @property
    def verdicts(self) -> Verdicts: ...
    @property
    def history(self) -> History: ...
    @property
    def borders(self) -> Borders: ...


class Store(Protocol):
    """Opens transactions. ``write`` commits on leaving, or rolls back on an error."""

    async def commit(self, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
        """Write a group of batches in a transaction of its own; one outcome per batch.

        Where it is in doubt whether a broken connection committed, the group is written again,
        and still counted once.
        """

    async def ground(self, name: str, *, fresh: bool = False) -> Standing | None:
        """What a model's rows are counted on, perhaps of a moment ago; ``commit`` checks it.

        ``fresh``: as it is now.
        """

    def ground_at_hand(self, name: str) -> Standing | None:
        """Return the same where it need not be waited for."""

    def read(self) -> AbstractAsyncContextManager[Unit]: ...
    def write(self) -> AbstractAsyncContextManager[Unit]: ...


class Clock(Protocol):
    """The present time, aware, UTC."""

    def __call__(self) -> datetime: ...


__all__ = [
    "Ageing",
    "Alerts",
    "Batches",
    "Borders",
    "Clock",
    "Heartbeats",
    "History",
    "Models",
    "Monitors",
    "Objects",
    "Operations",
    "Outbox",
    "Overviews",
    "Rejections",
    "Retrainings",
    "Segments",
    "Sender",
    "Sequences",
    "Sources",
    "Store",
    "Targets",
    "Traffic",
    "Unit",
    "Upkeep",
    "Verdicts",
    "Views",
    "Windows",
]
