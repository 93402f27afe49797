"""SQLite's driver, asked once for each statement: what it runs in lies behind a queue.

SQLAlchemy makes a cursor, executes, fetches and closes, each a trip to the connection's thread and
back; under load a trip takes longer than most statements.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.util import await_only


class OneTripCursor:
    """A cursor whose rows come with the answer to its statement."""

    def __init__(self, connection: "OneTripConnection") -> None:
        self._connection = connection
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    def execute(self, operation: str, parameters: Sequence[Any] | None = None) -> None:
        """Execute a statement and take all of its rows."""
        self._go(sqlite3.Cursor.execute, operation, parameters or ())

    def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Execute a statement once for each of some parameters."""
        self._go(sqlite3.Cursor.executemany, operation, parameters)

    def _go(self, how: Callable[..., Any], operation: str, parameters: Sequence[Any]) -> None:
        found = self._connection.ask(_run, how, operation, parameters)
        self.description, self.rowcount, self.lastrowid, rows = found
        self._rows = deque(rows)

    def fetchone(self) -> Any:  # noqa: ANN401  a row as the driver gives it
        """Return the next row; None where there is none left."""
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return some rows."""
        wanted = self.arraysize if size is None else size
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def __iter__(self) -> Iterator[Any]:
        while self._rows:
            yield self._rows.popleft()

    def close(self) -> None:
        """Drop the rows; the driver's own cursor is closed long since."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Do what SQLAlchemy asks of cursors that may still be open; this one never is."""


class OneTripConnection(AsyncAdapt_aiosqlite_connection):
    """SQLAlchemy's connection, but for its cursors."""

    __slots__ = ()

    def cursor(self, server_side: bool = False) -> Any:  # noqa: ANN401  as there
        """Return a cursor; one for rows in portions is SQLAlchemy's own."""
        return super().cursor(server_side) if server_side else OneTripCursor(self)

    def ask(self, work: Callable[..., Any], *given: Any) -> Any:  # noqa: ANN401  what it returns
        """Do something in the connection's thread, with the connection itself."""
        driver: Any = self._connection
        try:
            return await_only(driver._execute(lambda: work(driver._conn, *given)))  # noqa: SLF001
        except (sqlite3.Error, ValueError) as error:
            # a closed connection is a ValueError, which SQLAlchemy makes an error of the database
            self._handle_exception(error)
        except asyncio.CancelledError:
            # its thread would go on to the statement's end, and closing it would wait for that
            driver._conn.interrupt()  # noqa: SLF001
            raise


def _run(
    connection: sqlite3.Connection,
    how: Callable[..., Any],
    operation: str,
    parameters: Sequence[Any],
) -> tuple[Any, int, int | None, list[Any]]:
    cursor = connection.cursor()
    try:
        how(cursor, operation, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return cursor.description, cursor.rowcount, cursor.lastrowid, rows
    finally:
        cursor.close()


def in_one_trip(engine: Engine) -> None:
    """Let an engine over aiosqlite ask once for each statement."""

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _: object, given: Any, named: Any) -> OneTripConnection:  # noqa: ANN401
        made = dialect.connect(*given, **named)
        return OneTripConnection(dialect.loaded_dbapi, made.driver_connection)
