"""The writer of groups: one thread with a connection that nobody else uses.

A group costs few statements and no turn of the event loop between them. What the thread waits for
can be broken off from outside, since a server that went silent would hold it for ever.
"""

import asyncio
import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app import ports
from app.domain.batch import Counted, CountedBatch, Outcome
from app.domain.errors import Unavailable
from app.store.connections import doubt
from app.store.connections.engine import is_sqlite, writing_engine
from app.store.connections.faults import translated, worth_another_try
from app.store.connections.preparing import mislaid
from app.store.connections.whereabouts import Whereabouts
from app.store.intake import groups
from app.store.intake.hope import hope_for, outcomes
from app.store.intake.hope import write as write_hope
from app.store.intake.receipts import key_of
from app.store.transactions import locks
from app.store.transactions.cache import Cache
from app.store.transactions.ledger import Answer, AnyRow, Ledger

TRIES = 2
PAUSE = 0.05
CLOSING = 2.0

# the driver's own begin and commit each wait for their answer, which is a trip more than it takes
OPEN, CLOSE = "begin isolation level read committed", "COMMIT"

# for this transaction only, since a pooler may hand the connection to somebody else afterwards;
# materialized, so that the limits hold before the locks are waited for
BEGIN = text(
    "with limits as materialized (select clock_timestamp() as now,"
    " set_config('lock_timeout', '2s', true) as waiting,"
    " set_config('statement_timeout', '30s', true) as working,"
    " set_config('idle_in_transaction_session_timeout', '5s', true) as idling)"
    " select limits.now, cast(pg_current_xact_id() as text) as xid,"
    " pg_advisory_xact_lock_shared(u.m, u.v) from limits,"
    " unnest(cast(:models as int[]), cast(:versions as int[])) as u(m, v)"
)

# in one order, so that two who wait for each other's keys cannot; the locks are those of `claiming`
AWAIT_KEYS = text(
    "select pg_advisory_xact_lock(u.lock) from (select distinct"
    " hashtextextended(k.key, k.model) as lock"
    " from unnest(cast(:keys as text[]), cast(:models as int[])) as k(key, model)"
    " order by lock) as u"
)


@dataclass(slots=True)
class _Order:
    """A group that is to be committed, and how far that has come."""

    group: Sequence[CountedBatch]
    given_up: threading.Event = field(default_factory=threading.Event)
    sent: str | None = None
    """The transaction whose commit was sent last."""
    hoped: bool = False
    """Whether it was sent on what is remembered, in a transaction whose number was not heard."""

    def go_on(self) -> None:
        if self.given_up.is_set():
            raise Unavailable("the database does not answer", code="database-away")


class Writer:
    """Commits groups, one after the other."""

    def __init__(
        self, address: URL, cache: Cache, clock: ports.Clock | None, patience: float
    ) -> None:
        self._engine: Engine = writing_engine(address)
        self._sqlite = is_sqlite(address)
        self._where = Whereabouts.of(address)
        self._cache = cache
        self._clock = clock
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leeway-writer")
        self._used: socket.socket | None = None
        self._heard: tuple[datetime, float] | None = None
        """The database's time, and by our own clock when it was that."""
        self._closed = False

    async def commit(self, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
        """Write a group in one transaction and return when it is durable.

        Raises
        ------
        Unavailable
            The database does not answer, or is locked. Nothing is lost: the same group may be
            committed again.
        """
        loop = asyncio.get_running_loop()
        order = _Order(group)
        work = loop.run_in_executor(self._thread, self._commit, order)
        done, _ = await asyncio.wait({work}, timeout=self._patience)
        if not done:
            work.add_done_callback(_forget)
            order.given_up.set()
            self._break_off()
            raise Unavailable("the database does not answer", code="database-away")
        return work.result()

    async def close(self) -> None:
        """Close the connection, whatever it waits for; once is enough."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._thread, self._engine.dispose)
        if not (await asyncio.wait({work}, timeout=CLOSING))[0]:
            self._break_off()
        self._thread.shutdown(wait=False)

    def _break_off(self) -> None:
        if self._used is not None:
            with suppress(OSError):
                self._used.shutdown(socket.SHUT_RDWR)

    def _commit(self, order: _Order) -> Sequence[Outcome]:
        """Try again where the connection broke or others were in the way.

        What was given up while it waited for its turn, or for the database, is not begun: whoever
        sent it was told so, and may send it again without a key.

        A connection that broke during the commit leaves in doubt whether it is durable; PostgreSQL
        tells. SQLite has no connection to break: what fails there is not tried again.
        """
        with translated(self._where):
            for left in reversed(range(TRIES)):
                try:
                    order.go_on()
                    return self._write(order)
                except (DBAPIError, psycopg.Error) as error:
                    worth_it = worth_another_try(error) or mislaid(error)
                    if not left or order.given_up.is_set() or not worth_it:
                        raise
                    time.sleep(PAUSE * random.random())  # noqa: S311  so that two do not meet again
        raise AssertionError("the last try returns or raises")

    def _write(self, order: _Order) -> Sequence[Outcome]:
        with self._engine.connect() as connection:
            if self._sqlite:
                with connection.begin():
                    now = self._clock() if self._clock else datetime.now(UTC)
                    ledger = Ledger(connection, lambda: now, self._cache)
                    # nothing breaks it off from outside, so it looks again before it commits
                    frame = groups.Frame(order.go_on, order.go_on)
                    return groups.write(ledger, order.group, frame)
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)  # noqa: S101  for the type checker
            try:
                with self._breakable(driver):
                    order.go_on()  # from here on it is broken off
                    return self._write_in_flights(connection, driver, order)
            except psycopg.Error as error:
                if driver.closed or mislaid(error):
                    connection.invalidate()
                raise

    def _write_in_flights(
        self, connection: Connection, driver: "psycopg.Connection[Any]", order: _Order
    ) -> Sequence[Outcome]:
        """Begin with the first question and commit with the last: neither is a trip of its own."""
        if order.sent is None and not order.hoped:
            done = self._write_hopefully(connection, driver, order)
            if done is not None:
                return done
        sent, begun = order.sent, list[Answer]()
        durable = sent is not None and doubt.was_committed(driver, sent, order.go_on)

        def begin() -> None:
            driver.execute(OPEN, prepare=False)
            begun.append(ledger.ask(BEGIN, _series(order.group)))
            if order.hoped:
                # the server may still be at it: then its keys are waited for, else it finds ours
                ledger.tell(AWAIT_KEYS, _keys(order.group))

        @cache
        def opened() -> AnyRow:
            return begun[0]()[0]

        @cache
        def now() -> datetime:
            self._hear(opened().now)
            return self._about_now()

        def end() -> None:
            order.sent = opened().xid
            driver.execute(CLOSE, prepare=False)

        ledger = Ledger(connection, now, self._cache, driver=driver)
        frame = groups.Frame(begin, end)
        done = groups.write(ledger, order.group, frame, durable=durable, hoped=order.hoped)
        self._cache.memory.wrote(
            key_of(batch)
            for batch, outcome in zip(order.group, done, strict=True)
            if isinstance(outcome, Counted)
        )
        return done

    def _write_hopefully(
        self, connection: Connection, driver: "psycopg.Connection[Any]", order: _Order
    ) -> Sequence[Outcome] | None:
        """Write in one flight what is all new, as far as is remembered; None where it is not."""
        ledger = Ledger(connection, self._about_now, self._cache, driver=driver)
        hope = None
        if self._heard is not None or self._clock is not None:
            hope = hope_for(order.group, self._cache.memory, ledger)
        if hope is None:
            return None
        begun = list[Answer]()

        def begin() -> None:
            driver.execute(OPEN, prepare=False)
            begun.append(ledger.ask(BEGIN, _series(order.group)))

        def end() -> None:
            driver.execute(CLOSE, prepare=False)

        order.hoped = True
        about = None if self._clock else ledger.now
        if not write_hope(ledger, hope, begin, end, about):
            driver.rollback()
            order.hoped = False
            self._cache.memory.drop(hope.models, hope.slots)
            return None
        self._cache.memory.wrote(hope.receipts)
        self._hear(begun[0]()[0].now)
        return outcomes(hope)

    def _hear(self, now: datetime) -> None:
        self._heard = now.astimezone(UTC), _elapsed()

    def _about_now(self) -> datetime:
        """Return the database's time, from when it was last heard."""
        if self._clock is not None:
            return self._clock()
        assert self._heard is not None  # noqa: S101  whoever asks has heard it
        at, then = self._heard
        return at + timedelta(seconds=_elapsed() - then)

    @contextmanager
    def _breakable(self, driver: "psycopg.Connection[Any]") -> Iterator[None]:
        """Keep the connection's socket at hand for whoever loses patience."""
        self._used = socket.socket(fileno=driver.fileno())
        try:
            yield
        finally:
            self._used.detach()
            self._used = None


def _series(group: Sequence[CountedBatch]) -> dict[str, list[int]]:
    return locks.shared((b.envelope.model_id, b.envelope.version) for b in group)


def _keys(group: Sequence[CountedBatch]) -> dict[str, list[str] | list[int]]:
    owners = [(batch.envelope.key, batch.envelope.model_id) for batch in group]
    return {"keys": [key for key, _ in owners], "models": [model for _, model in owners]}


def _elapsed() -> float:
    """Return seconds since some time, those of a suspended machine too, where the system tells."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _forget(work: "asyncio.Future[Sequence[Outcome]]") -> None:
    if not work.cancelled():
        work.exception()  # nobody is left to hear of it
