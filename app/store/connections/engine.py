"""Connections: from a URL to engines with the settings that our promises rest on."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from app.domain.errors import Conflict, Invalid
from app.store.connections.one_trip import in_one_trip
from app.store.connections.preparing import keep_statements

POOL = 8
POOL_PATIENCE = 3.5
PING_AFTER = 1.0
SQLITE_READERS = 4
STARTERS = 16

# keepalives and `tcp_user_timeout` notice a network that swallows packets; without prepared
# statements a pooler may give every transaction another connection (`preparing` has the exception)
PSYCOPG: Mapping[str, Any] = MappingProxyType(
    {
        "prepare_threshold": None,
        "connect_timeout": 4,
        "keepalives": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": "leeway",
    }
)
SQLITE_PRAGMAS = ("busy_timeout=5000", "synchronous=FULL", "foreign_keys=ON")


def parse(url: str) -> URL:
    """Return the address of the database with the driver that we use for it.

    Raises
    ------
    Invalid
        It is neither ``sqlite:///path`` nor ``postgresql://...``; the URL itself is not repeated,
        since it may hold a password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Invalid("the database URL cannot be read") from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        path = parsed.database or ""
        if path in ("", ":memory:") or path.startswith("file:"):
            raise Invalid("SQLite needs a file: sqlite:///path/to/leeway.db")
        return parsed.set(drivername="sqlite+aiosqlite")
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise Invalid("the database URL must begin with sqlite:/// or postgresql://")


def sqlite_url(data_dir: Path) -> str:
    """Return the URL of the embedded database in a data folder."""
    return f"sqlite:///{(data_dir / 'leeway.db').absolute()}"


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def postgres_engine(url: URL, *, read_only: bool = False, size: int = POOL) -> AsyncEngine:
    options: dict[str, Any] = {"isolation_level": "READ COMMITTED"}
    if read_only:
        # one snapshot for all that a reader looks at
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=POOL_PATIENCE,
        hide_parameters=True,
        connect_args=dict(PSYCOPG),
        execution_options=options,
    )
    _ping_when_rested(engine.sync_engine)
    return engine


def _ping_when_rested(engine: Engine) -> None:
    """Ask a connection that was not used for a while whether it still lives.

    To ask each time would cost every batch two round trips; one that breaks in between is
    ``Unavailable`` once, and all of its age are replaced.
    """
    dialect = engine.dialect

    @event.listens_for(engine, "checkin")
    def _rest(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info["rested_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wake(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
        since = entry.info.get("rested_since")
        if since is None or time.monotonic() - since < PING_AFTER:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool tries another one


def sqlite_engine(url: URL, *, read_only: bool = False) -> AsyncEngine:
    """Return an engine over one file; its writer has one connection, for one writer at a time."""
    engine = create_async_engine(
        url,
        pool_size=SQLITE_READERS if read_only else 1,
        max_overflow=0,
        pool_timeout=POOL_PATIENCE,
        connect_args={"isolation_level": None, "timeout": 5.0},
        hide_parameters=True,
    )
    in_one_trip(engine.sync_engine)
    _prepare_each(engine.sync_engine, read_only=read_only)
    return engine


def writing_engine(url: URL) -> Engine:
    """Return an engine without ``await``, of one connection, for the thread that writes groups."""
    if is_sqlite(url):
        engine = create_engine(
            url.set(drivername="sqlite+pysqlite"),
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            connect_args={"isolation_level": None, "timeout": 5.0},
            hide_parameters=True,
        )
        _prepare_each(engine, read_only=False)
        return engine
    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        connect_args=dict(PSYCOPG),
    )
    keep_statements(engine)

    @event.listens_for(engine, "connect")
    def _by_hand(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:  # noqa: ARG001
        # the writer says itself when a transaction begins
        engine.dialect.set_isolation_level(connection, "AUTOCOMMIT")

    _ping_when_rested(engine)
    return engine


def _prepare_each(engine: Engine, *, read_only: bool) -> None:
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:  # noqa: ARG001
        _prepare(connection, read_only=read_only)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _prepare(connection: DBAPIConnection, *, read_only: bool) -> None:
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    if read_only:
        cursor.execute("PRAGMA query_only=ON")
    else:
        mode = _write_ahead(cursor)
        if mode is None or mode[0] != "wal":
            raise Conflict(
                "this file system cannot hold SQLite's write-ahead log; use a local disk",
                code="unsuited-file-system",
            )
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> Any:  # noqa: ANN401  a row as the driver gives it
    """Turn the write-ahead log on, and return what SQLite says of it.

    Of several that do so at once on a new file SQLite refuses all but one without waiting; it does
    wait for the right to write, after which the log is there.
    """
    for _ in range(STARTERS):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return cursor.fetchone()
        except sqlite3.OperationalError:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    cursor.execute("PRAGMA journal_mode=WAL")
    return cursor.fetchone()


class FileLock:
    """Keeps a second process away from a SQLite file; the kernel frees it with the process."""

    def __init__(self, database: Path) -> None:
        """Take the lock.

        Raises
        ------
        Conflict
            Another process (or another store in this one) has the database open.
        """
        database.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise Conflict(
                f"{database} is open in another process. SQLite serves one process: stop the "
                "other one, or use PostgreSQL for several",
                code="database-in-use",
            ) from None

    def release(self) -> None:
        os.close(self._file)
