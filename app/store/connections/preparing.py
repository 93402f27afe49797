"""Statements that the server plans once and keeps, where the connection is surely one of its own.

A group's statements take as long to plan as to run. A pooler that hands out another connection for
each transaction would not know them there.
"""

from typing import Any, Protocol, cast

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from app.store.connections.faults import sqlstate

AFTER = 5
"""Times that a statement is executed before it is kept."""
MISLAID = frozenset({"26000", "42P05", "0A000"})
"""There is no such statement, there is one already, or what it returns has changed."""


class Answering(Protocol):
    """As much of a connection as is asked here."""

    @property
    def info(self) -> Any:  # noqa: ANN401  the driver's own
        """What is known of it."""

    def execute(self, query: str, /) -> "psycopg.Cursor[Any]":
        """Send a statement."""


def keep_statements(engine: Engine) -> None:
    """Let each new connection of an engine keep its statements, unless a pooler is in between."""

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:  # noqa: ARG001
        driver = cast("psycopg.Connection[Any]", connection)
        if is_direct(driver):
            driver.prepare_threshold = AFTER
        driver.rollback()


def is_direct(connection: Answering) -> bool:
    """Whether it is the server's own process that greeted us; poolers greet with another number."""
    row = connection.execute("select pg_backend_pid()").fetchone()
    return row is not None and row[0] == connection.info.backend_pid


def mislaid(error: DBAPIError | psycopg.Error) -> bool:
    """Whether a kept statement was the trouble: on a new connection the same will do."""
    return sqlstate(error) in MISLAID
