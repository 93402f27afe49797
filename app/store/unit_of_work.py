"""Transactions: each hands out the stores of all nouns, and the database's clock."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app import ports
from app.domain.batch import CountedBatch, Outcome
from app.domain.errors import Unavailable
from app.domain.model import Standing
from app.store.connections.engine import FileLock, is_sqlite, parse, postgres_engine, sqlite_engine
from app.store.connections.faults import translated
from app.store.connections.whereabouts import Whereabouts
from app.store.declared.models import Models
from app.store.declared.monitors import Monitors
from app.store.declared.segments import Segments
from app.store.intake.batches import Batches
from app.store.intake.heartbeats import Heartbeats
from app.store.intake.rejections import Rejections
from app.store.intake.sequences import Sequences
from app.store.intake.writer import Writer
from app.store.keeping.retention_preview import Ageing
from app.store.keeping.upkeep import Upkeep
from app.store.sources.objects import Objects
from app.store.sources.sources import Sources
from app.store.telling.alerts import Alerts
from app.store.telling.outbox import Outbox
from app.store.telling.retrainings import Retrainings
from app.store.telling.targets import Targets
from app.store.telling.traffic import Traffic
from app.store.transactions.cache import Cache
from app.store.transactions.grounds import Grounds
from app.store.transactions.session import Session
from app.store.views.views import Views
from app.store.windows.borders import Borders
from app.store.windows.history import History
from app.store.windows.verdicts import Verdicts
from app.store.windows.windows import Windows

WRITER_PATIENCE = 4.0
OPEN_PATIENCE = 3.5
ROW_IDS = 100_000_000
TRANSACTION_PATIENCE = 60.0
"""Longer than the server lets a statement run: only a connection that swallows answers lasts."""

# for this transaction only, since a pooler may hand the connection to somebody else afterwards
BEGIN_WRITE = text(
    "select clock_timestamp(), set_config('lock_timeout', '2s', true),"
    " set_config('statement_timeout', '30s', true),"
    " set_config('idle_in_transaction_session_timeout', '5s', true)"
)
BEGIN_READ = text("select clock_timestamp(), set_config('statement_timeout', '30s', true)")


@dataclass(frozen=True, slots=True)
class Unit:
    """One transaction."""

    session: Session
    models: ports.Models = field(init=False)
    batches: ports.Batches = field(init=False)
    rejections: ports.Rejections = field(init=False)
    windows: ports.Windows = field(init=False)
    monitors: ports.Monitors = field(init=False)
    alerts: ports.Alerts = field(init=False)
    outbox: ports.Outbox = field(init=False)
    targets: ports.Targets = field(init=False)
    sources: ports.Sources = field(init=False)
    objects: ports.Objects = field(init=False)
    heartbeats: ports.Heartbeats = field(init=False)
    sequences: ports.Sequences = field(init=False)
    segments: ports.Segments = field(init=False)
    traffic: ports.Traffic = field(init=False)
    retrainings: ports.Retrainings = field(init=False)
    ageing: ports.Ageing = field(init=False)
    upkeep: ports.Upkeep = field(init=False)
    views: ports.Views = field(init=False)
    verdicts: ports.Verdicts = field(init=False)
    history: ports.History = field(init=False)
    borders: ports.Borders = field(init=False)

    def __post_init__(self) -> None:
        for name, store in STORES.items():
            object.__setattr__(self, name, store(self.session))

    @property
    def now(self) -> datetime:
        return self.session.now


STORES = {
    "models": Models,
    "batches": Batches,
    "rejections": Rejections,
    "windows": Windows,
    "monitors": Monitors,
    "alerts": Alerts,
    "outbox": Outbox,
    "targets": Targets,
    "sources": Sources,
    "objects": Objects,
    "heartbeats": Heartbeats,
    "sequences": Sequences,
    "segments": Segments,
    "traffic": Traffic,
    "retrainings": Retrainings,
    "ageing": Ageing,
    "upkeep": Upkeep,
    "views": Views,
    "verdicts": Verdicts,
    "history": History,
    "borders": Borders,
}


class SqlStore:
    """Opens transactions on SQLite or PostgreSQL."""

    def __init__(
        self,
        url: str,
        *,
        clock: ports.Clock | None = None,
        patience: float = TRANSACTION_PATIENCE,
        row_ids: int = ROW_IDS,
    ) -> None:
        """Connect on first use; a SQLite file is locked for this process at once.

        Parameters
        ----------
        url
            ``sqlite:///path`` or ``postgresql://user:password@host/name``.
        clock
            Takes the place of the database's clock.
        patience
            Seconds after which a transaction is given up.
        row_ids
            How many row ids may be remembered, about, for models that count each row once.

        Raises
        ------
        Conflict
            The SQLite file is open in another process.
        """
        address = parse(url)
        self._where = Whereabouts.of(address)
        self._clock = clock
        self._patience = patience
        self._cache = Cache(row_ids)
        self._lock: FileLock | None = None
        self._writing: asyncio.Lock | None = None
        if is_sqlite(address):
            self._lock = FileLock(Path(address.database or ""))
            self._writing = asyncio.Lock()
            self._writer = sqlite_engine(address)
            self._reader = sqlite_engine(address, read_only=True)
        else:
            self._writer = postgres_engine(address)
            self._reader = postgres_engine(address, read_only=True)
        self._grounds = Grounds(self._read_ground)
        self._groups = Writer(address, self._cache, clock, patience)

    @property
    def engine(self) -> AsyncEngine:
        """The reading engine, for ``is_current``."""
        return self._reader

    async def close(self) -> None:
        """Close all connections and give the file free."""
        await self._groups.close()
        await self._writer.dispose()
        await self._reader.dispose()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """Open a transaction that sees one snapshot and writes nothing."""
        with translated(self._where):
            async with self._transaction(self._reader, BEGIN_READ) as session:
                yield Unit(session)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """Open a transaction; commit on leaving, or roll back on an error.

        SQLite has one writer, and waiting for it is first come, first served.
        """
        async with self._turn():
            with translated(self._where):
                async with self._transaction(self._writer, BEGIN_WRITE) as session:
                    yield Unit(session)
        if session.changes:
            self._grounds.forget()

    async def ground(self, name: str, *, fresh: bool = False) -> Standing | None:
        """Return what a model's rows are counted on, as it was at most a second ago."""
        return self._by_clock(await self._grounds.of(name, fresh=fresh))

    def ground_at_hand(self, name: str) -> Standing | None:
        return self._by_clock(self._grounds.at_hand(name))

    def _by_clock(self, found: Standing | None) -> Standing | None:
        if found is None or self._clock is None:
            return found
        return Standing(found.ground, self._clock())

    async def _read_ground(self, name: str) -> Standing | None:
        async with self.read() as unit:
            ground = await unit.models.ground(name)
            return None if ground is None else Standing(ground, unit.now)

    async def commit(self, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
        """Write a group of batches in a transaction of its own; one outcome per batch."""
        async with self._turn():
            return await self._groups.commit(group)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._writing is None:
            yield
            return
        try:
            async with asyncio.timeout(WRITER_PATIENCE):
                await self._writing.acquire()
        except TimeoutError:
            raise Unavailable("the database is busy writing", code="database-busy") from None
        try:
            yield
        finally:
            self._writing.release()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine, begin: TextClause) -> AsyncIterator[Session]:
        connection, began = await _within(OPEN_PATIENCE, self._begin(engine, begin))
        try:
            async with asyncio.timeout(self._patience) as patience:
                now = self._clock() if self._clock else began
                yield Session(connection, now, self._cache, engine is self._reader)
                await connection.commit()
        except TimeoutError:
            if not patience.expired():
                raise
            raise Unavailable("the database does not answer", code="database-away") from None
        finally:
            # rolls back what was not committed, also when we are being cancelled
            await asyncio.shield(asyncio.ensure_future(connection.close()))

    async def _begin(
        self, engine: AsyncEngine, begin: TextClause
    ) -> tuple[AsyncConnection, datetime]:
        async with AsyncExitStack() as opened:
            connection = await opened.enter_async_context(engine.connect())
            await connection.begin()
            now = datetime.now(UTC)
            if self._lock is None:
                now = (await connection.execute(begin)).scalar_one()
            opened.pop_all()  # all went well: closing it is up to the transaction
        return connection, now


async def _within(
    seconds: float, opening: Coroutine[Any, Any, tuple[AsyncConnection, datetime]]
) -> tuple[AsyncConnection, datetime]:
    """Return what ``opening`` gives; leave it behind where the database does not answer in time.

    Cancelling waits for the driver, which waits for the server: too long for a caller.
    """
    task = asyncio.create_task(opening)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        _abandon(task)
        raise
    if not done:
        _abandon(task)
        raise Unavailable("the database does not answer", code="database-away")
    return task.result()


def _abandon(task: "asyncio.Task[tuple[AsyncConnection, datetime]]") -> None:
    _abandoned.add(task)
    task.add_done_callback(_abandoned.discard)
    task.add_done_callback(_give_back)
    task.cancel()


def _give_back(task: "asyncio.Task[tuple[AsyncConnection, datetime]]") -> None:
    if not task.cancelled() and task.exception() is None:
        closing = asyncio.create_task(task.result()[0].close())
        _abandoned.add(closing)
        closing.add_done_callback(_abandoned.discard)


_abandoned: set[asyncio.Task[Any]] = set()
"""Keeps tasks that nobody waits for from being collected before they end."""
