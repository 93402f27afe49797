"""What watching object storage asks of the world: the store of sources, and the buckets."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from app.domain.batch import Table
from app.domain.errors import Fault
from app.domain.sources.source import (
    Claim,
    Listed,
    Look,
    ObjectState,
    Scope,
    Source,
    Staged,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a source has come."""

    found: int
    """Objects that wait or are being read."""
    counted: int
    quarantined: int
    rows: int
    bytes: int
    """Of the objects that were counted."""
    waiting_bytes: int
    oldest_waiting: datetime | None
    """When the first of the objects that wait was seen."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source, its last look, and how far it has come."""

    source: Source
    created_at: datetime
    looked_at: datetime | None
    """When the last whole listing began."""
    looking: bool
    listed: int
    """Objects that the last whole listing showed."""
    error: str | None
    """Code of what kept the last look from its end."""
    floor: datetime | None
    """Objects last modified before are not taken any more: what was known of them is pruned."""
    progress: Progress


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of a source and what became of it."""

    id: int
    listed: Listed
    state: ObjectState
    tries: int
    reason: str | None
    detail: str | None
    faults: Sequence[Fault]
    rows: int
    batch: str
    """Key of its receipt."""
    seen_at: datetime
    due_at: datetime
    done_at: datetime | None


class Sources(Protocol):
    """Sources of models and the set of their objects."""

    async def put(self, source: Source) -> bool:
        """Create or replace, and have it looked at now; True where it was created."""

    async def get(self, model_id: int, name: str) -> SourceState | None: ...
    async def page(self, model_id: int, after: str | None, limit: int) -> Sequence[SourceState]: ...
    async def delete(self, model_id: int, name: str) -> bool:
        """Hide it at once; ``prune`` removes its objects in steps."""

    async def all(self) -> Sequence[SourceState]: ...
    async def living(self, ids: Collection[int]) -> set[int]:
        """Of sources those that nobody deleted, nor their model."""

    async def hasten(self, source_id: int) -> None:
        """Have the next look at once, though not within seconds of the last one."""

    async def begin_look(self, holder: str, lease: timedelta) -> Look | None:
        """Lease a source that is due to be listed."""

    async def unknown(
        self, source: Source, listed: Sequence[Listed], *, old: bool = False
    ) -> Sequence[Listed]:
        """Of listed objects those that are not in the set, and not below its floor but if asked."""

    async def note(self, look: Look, listed: Sequence[Listed], lease: timedelta) -> int | None:
        """Add what is unknown, and keep the lease; how many were added, None where it is lost."""

    async def end_look(self, look: Look, began: datetime, listed: int, error: str | None) -> None:
        """Give the lease back, and set the time of the next look."""

    async def add(self, source: Source, listed: Sequence[Listed]) -> int:
        """Add what is unknown without a look; how many were added."""

    async def begin_backfill(self, source_id: int, holder: str, lease: timedelta) -> None:
        """Let windows of the past wait for a source that is switched off, until the lease ends.

        Asked again before `end_backfill` it goes on, as of the moment at which it began.
        """

    async def end_backfill(self, source_id: int, holder: str) -> bool:
        """Let them be judged; False where somebody else goes on with it."""


class Objects(Protocol):
    """Objects on their way from found to counted."""

    async def claim(
        self, limit: int, holder: str, lease: timedelta, within: Sequence[Scope] | None = None
    ) -> Sequence[Claim]:
        """Lease objects that are due, of each source the oldest first.

        ``within``: these only, also of sources that are switched off.
        """

    async def keep(self, ids: Sequence[int], holder: str, lease: timedelta) -> None:
        """Extend leases that are still the holder's."""

    async def release(self, holder: str, ids: Sequence[int]) -> None:
        """Give leases back as if nothing had been tried."""

    async def staged(self, object_id: int) -> Staged | None: ...
    async def stage(self, object_id: int, holder: str, staged: Staged) -> bool:
        """Keep what was counted so far; False where the lease is lost."""

    async def count(self, rows: Mapping[int, int]) -> None:
        """Mark objects counted with so many rows, whoever holds them now."""

    async def fail(self, verdicts: Mapping[int, Verdict], holder: str) -> set[int]:
        """Keep why objects could not be counted, of those still the holder's; their ids."""

    async def page(
        self, source_id: int, state: ObjectState | None, after: int, limit: int
    ) -> Sequence[StoredObject]:
        """By id, those after ``after``."""

    async def in_states(self, within: Sequence[Scope]) -> Mapping[ObjectState, int]:
        """How many objects are in which state."""

    async def quarantined(self, within: Sequence[Scope]) -> Mapping[str, int]:
        """How many objects are quarantined for which reason."""

    async def retry(self, source_id: int, object_id: int | None, reason: str | None) -> int:
        """Take quarantined objects again, one or all (of a reason); how many."""

    async def prune(self, limit: int) -> int:
        """Forget at most ``limit`` done objects that are older than their source remembers."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of an object, and how far it has been read with them."""

    table: Table
    bytes: int
    parts: int | None = None
    """Parts that are complete now, where reading may go on from behind them."""


class Reading(Protocol):
    """One object, opened; the rest happens in threads, since it reads and decodes."""

    def pieces(self, parts: int) -> Iterator[Piece]:
        """Yield its rows from behind the first ``parts`` parts.

        Raises
        ------
        Trouble
            It cannot be read, or is not what it should be.
        """


class Buckets(Protocol):
    """Object storage, read and never written."""

    def pages(self, source: Source, today: date) -> AsyncIterator[Sequence[Listed]]:
        """Yield all objects of a source page by page; raises `Trouble`."""

    async def open(self, source: Source, listed: Listed) -> Reading:
        """Return an object of exactly the content that was listed; raises `Trouble`."""


class SourceKinds(Protocol):
    """Knows what may be declared as a source."""

    async def check(self, source: Source) -> None:
        """Refuse what cannot be read.

        Raises
        ------
        Invalid
            URL, options or format are wrong, or lead to what is not allowed.
        """


__all__ = [
    "Buckets",
    "Objects",
    "Piece",
    "Progress",
    "Reading",
    "SourceKinds",
    "SourceState",
    "Sources",
    "StoredObject",
]
