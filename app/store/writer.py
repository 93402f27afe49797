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
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app import ports
from app.domain.batch import CountedBatch, Outcome
from app.domain.errors import Unavailable
from app.store import groups, locks
from app.store.cache import Cache
from app.store.engine import is_sqlite, writing_engine
from app.store.faults import translated, worth_another_try
from app.store.ledger import Answer, Ledger

TRIES = 2
PAUSE = 0.05
CLOSING = 2.0

# for this transaction only, since a pooler may hand the connection to somebody else afterwards;
# materialized, so that the limits hold before the locks are waited for
BEGIN = text(
    "with limits as materialized (select clock_timestamp() as now,"
    " set_config('lock_timeout', '2s', true) as waiting,"
    " set_config('statement_timeout', '30s', true) as working,"
    " set_config('idle_in_transaction_session_timeout', '5s', true) as idling)"
    " select limits.now, pg_advisory_xact_lock_shared(u.m, u.v) from limits,"
    " unnest(cast(:models as int[]), cast(:versions as int[])) as u(m, v)"
)


class Writer:
    """Commits groups, one after the other."""

    def __init__(
        self, address: URL, cache: Cache, clock: ports.Clock | None, patience: float
    ) -> None:
        self._engine: Engine = writing_engine(address)
        self._sqlite = is_sqlite(address)
        self._cache = cache
        self._clock = clock
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leeway-writer")
        self._used: socket.socket | None = None
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
        given_up = threading.Event()
        work = loop.run_in_executor(self._thread, self._commit, group, given_up)
        done, _ = await asyncio.wait({work}, timeout=self._patience)
        if not done:
            work.add_done_callback(_forget)
            given_up.set()
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

    def _commit(
        self, group: Sequence[CountedBatch], given_up: threading.Event
    ) -> Sequence[Outcome]:
        """Try again where the connection broke or others were in the way.

        What was given up while it waited for its turn, or for the database, is not begun: whoever
        sent it was told so, and may send it again without a key.

        A connection that broke during the commit leaves in doubt whether it is durable; the
        receipts tell.
        """
        with translated():
            for left in reversed(range(TRIES)):
                try:
                    _go_on(given_up)
                    return self._write(group, given_up, doubtful=left < TRIES - 1)
                except (DBAPIError, psycopg.Error) as error:
                    if not left or given_up.is_set() or not worth_another_try(error):
                        raise
                    time.sleep(PAUSE * random.random())  # noqa: S311  so that two do not meet again
        raise AssertionError("the last try returns or raises")

    def _write(
        self, group: Sequence[CountedBatch], given_up: threading.Event, *, doubtful: bool
    ) -> Sequence[Outcome]:
        with self._engine.connect() as connection:
            if self._sqlite:
                with connection.begin():
                    now = self._clock() if self._clock else datetime.now(UTC)
                    ledger = Ledger(connection, lambda: now, self._cache)
                    # nothing breaks it off from outside, so it looks again before it commits
                    frame = groups.Frame(lambda: _go_on(given_up), lambda: _go_on(given_up))
                    return groups.write(ledger, group, frame, doubtful=doubtful)
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)  # noqa: S101  for the type checker
            try:
                with self._breakable(driver):
                    _go_on(given_up)  # from here on it is broken off
                    return self._write_in_flights(connection, driver, group, doubtful)
            except psycopg.Error:
                if driver.closed:
                    connection.invalidate()
                raise

    def _write_in_flights(
        self,
        connection: Connection,
        driver: "psycopg.Connection[Any]",
        group: Sequence[CountedBatch],
        doubtful: bool,
    ) -> Sequence[Outcome]:
        """Begin with the first question and commit with the last: neither is a trip of its own."""
        begun: list[Answer] = []
        moments: list[datetime] = []

        def begin() -> None:
            series = locks.shared((b.envelope.model_id, b.envelope.version) for b in group)
            begun.append(ledger.ask(BEGIN, series))

        def now() -> datetime:
            if not moments:
                at: datetime = begun[0]()[0].now
                moments.append(self._clock() if self._clock else at.astimezone(UTC))
            return moments[0]

        ledger = Ledger(connection, now, self._cache, driver=driver)
        return groups.write(ledger, group, groups.Frame(begin, driver.commit), doubtful=doubtful)

    @contextmanager
    def _breakable(self, driver: "psycopg.Connection[Any]") -> Iterator[None]:
        """Keep the connection's socket at hand for whoever loses patience."""
        self._used = socket.socket(fileno=driver.fileno())
        try:
            yield
        finally:
            self._used.detach()
            self._used = None


def _go_on(given_up: threading.Event) -> None:
    if given_up.is_set():
        raise Unavailable("the database does not answer", code="database-away")


def _forget(work: "asyncio.Future[Sequence[Outcome]]") -> None:
    if not work.cancelled():
        work.exception()  # nobody is left to hear of it
