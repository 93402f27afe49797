"""What the steps ask of the world: stores inside one transaction, targets, a clock."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.alerts.delivery import PER_TARGET, Attempt, Claimed, Next, Target
from app.domain.alerts.event import Event
from app.domain.batch import CountedBatch, Outcome, Receipt
from app.domain.conservation import Balance
from app.domain.model import (
    Baseline,
    BaselineHead,
    Ground,
    Model,
    Schema,
    Settings,
    Standing,
    StoredGridSet,
    Version,
    VersionRole,
)
from app.domain.rejection import RejectedSum, Rejection, RejectionQuery, StoredRejection
from app.domain.segments.segment import Plan
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
    WindowQuery,
    WindowReport,
)
from app.domain.verdicts.judgement import Gathered, WindowSummary
from app.ports.ageing import Ageing
from app.ports.alerts import Alerts
from app.ports.borders import Borders
from app.ports.history import History
from app.ports.monitors import Monitors
from app.ports.operations import Operations
from app.ports.overviews import Overviews
from app.ports.present import Present
from app.ports.retrainings import Retrainings
from app.ports.segments import Segments
from app.ports.sources import Objects, Sources
from app.ports.traffic import Heartbeats, Sequences, Traffic
from app.ports.verdicts import Verdicts
from app.ports.windows import Windows
from drift_core import GridSet


class Models(Protocol):
    """Models, their versions, grid sets and baselines. Deleted models are not found."""

    async def find(self, name: str) -> Model | None: ...
    async def by_id(self, model_id: int) -> Model | None: ...
    async def ground(self, name: str) -> Ground | None:
        """A model with its active grid set and champion; every batch asks for it."""

    async def page(self, after: str | None, limit: int) -> Sequence[Model]:
        """Models by name, those after ``after``."""

    async def declare(
        self, name: str, settings: Settings, schema: Schema | None
    ) -> tuple[Model, bool]:
        """Create or update; True where it was created. ``schema`` None keeps the present one."""

    async def hold(self, model_id: int) -> None:
        """Keep intake, closing and other changes of a model waiting until this transaction ends.

        Comes first in a transaction that decides by what these may change.
        """

    async def set_schema(self, model_id: int, schema: Schema) -> None: ...
    async def hide(self, model_id: int) -> None:
        """Free the name at once; ``purge`` removes the rest in steps."""

    async def purge(self) -> bool:
        """Remove one bounded portion of a hidden model; False where nothing is left to remove."""

    async def versions(self, model_id: int) -> Sequence[Version]: ...
    async def champion(self, model_id: int) -> Version | None: ...
    async def ensure_version(self, model_id: int, name: str) -> Version:
        """Return it; create it where unknown: a model's first is champion, others shadow."""

    async def put_version(
        self, model_id: int, name: str, role: VersionRole, lineage: Mapping[str, object]
    ) -> tuple[Version, bool]:
        """Set role and lineage; a new champion turns the old one into a challenger."""

    async def active_grid_set(self, model_id: int) -> StoredGridSet | None: ...
    async def grid_set(self, model_id: int, number: int) -> StoredGridSet: ...
    async def add_grid_set(
        self, model_id: int, grids: GridSet, segments: Plan | None = None
    ) -> StoredGridSet: ...
    async def baseline(self, model_id: int, number: int) -> Baseline | None: ...
    async def baselines(self, model_id: int) -> Sequence[Baseline]:
        """Newest first."""

    async def baseline_heads(self, model_id: int) -> Sequence[BaselineHead]:
        """The same without their counts."""

    async def baseline_by_fingerprint(self, model_id: int, fingerprint: str) -> Baseline | None: ...
    async def add_baseline(self, model_id: int, baseline: Baseline) -> Baseline:
        """Store it under the next number of the model (``baseline.number`` is not read)."""

    async def activate(self, model_id: int, number: int) -> None:
        """Make it the active baseline, and its grid set active for rows committed from now on."""


class Batches(Protocol):
    """Receipts and counts. ``commit`` is the only way in."""

    async def commit(self, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
        """Write receipts, counts, tallies and open windows of a group; one outcome per batch.

        The whole group shares the transaction; any error means that nothing of it was written.
        """

    async def receipt(self, model_id: int, key: str) -> Receipt | None: ...


class Rejections(Protocol):
    """Refused batches: each leaves no receipt, and its key stays free."""

    async def add(self, group: Sequence[Rejection]) -> None:
        """Count refused batches and their rows, and describe the first of them in each minute.

        Those of models that are not there (any more) leave nothing.
        """

    async def page(
        self, query: RejectionQuery, before: int | None, limit: int
    ) -> Sequence[StoredRejection]:
        """Newest first, those with ids below ``before``."""

    async def get(self, model_id: int, rejection_id: int) -> StoredRejection | None: ...
    async def sums(self) -> Sequence[RejectedSum]:
        """How many batches were ever refused, by model and reason."""

    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` entries that are older; the counts of them stay."""


class Targets(Protocol):
    """Where events go."""

    async def put(self, target: Target) -> bool:
        """Create or replace; True where it was created. Replacing enables it again."""

    async def get(self, name: str) -> Target | None: ...
    async def page(self, after: str | None, limit: int) -> Sequence[Target]: ...
    async def delete(self, name: str) -> bool: ...
    async def disable(self, name: str, reason: str) -> None: ...


class Outbox(Protocol):
    """Events, their deliveries, and the attempts."""

    async def add(self, event: Event, targets: Sequence[str]) -> Sequence[int]:
        """Store an event with one pending delivery per target.

        When it is a resolve, every delivery of the same ordering key that is still pending is
        superseded, also to a target that is disabled now and may be enabled again.
        """

    async def told(self, ordering: str) -> Collection[str]:
        """Targets that were last told, under an ordering key, that something fires."""

    async def claim(
        self, limit: int, lease: timedelta, per_target: int = PER_TARGET
    ) -> Sequence[Claimed]:
        """Lease due deliveries: the oldest pending one of each (ordering key, target).

        No target has more than ``per_target`` leased at a time.
        """

    async def record(self, delivery_id: int, attempt: Attempt, outcome: Next) -> None: ...
    async def redeliver(self, delivery_id: int) -> bool:
        """Make it pending again, due now, with the same event; False where there is none."""

    async def pending(self) -> int: ...
    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` older events with their deliveries and attempts.

        Not what is to be delivered yet, nor the firing of what was not told to be over.
        """


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


class Views(Operations, Overviews, Present, Protocol):
    """Read-side queries: what people and metrics are shown."""

    async def windows(
        self, query: WindowQuery, before: datetime | None, limit: int
    ) -> Sequence[WindowSummary]:
        """Newest first, those that start before ``before``."""

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
    async def tallies(self) -> Sequence[TallySum]:
        """Ingest counters of all models, by model and version."""

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

    def read(self) -> AbstractAsyncContextManager[Unit]: ...
    def write(self) -> AbstractAsyncContextManager[Unit]: ...


class Clock(Protocol):
    """The present time, aware, UTC."""

    def __call__(self) -> datetime: ...


class Sender(Protocol):
    """Makes one try of a delivery. Never raises for what the network or the receiver does."""

    async def send(self, claimed: Claimed, now: datetime) -> Attempt: ...


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
