"""One open transaction without ``await``, as the commit path sees it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ParamSpec, TypeAlias, TypeVar

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Executable, Row, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import IntegrityError
from sqlalchemy.util import await_only

from app.store.transactions.cache import Cache

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row whose columns are read by name."""
Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Callable[[], Sequence[AnyRow]]
"""Waits for the rows of a statement that was sent."""
P = ParamSpec("P")
T = TypeVar("T")
DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Ledger:
    """A transaction in a thread of its own: no turn of the event loop between statements.

    On PostgreSQL the statements of one ``flight`` are sent together and answered together: under
    load a round trip takes longer than what is done at its end.
    """

    connection: Connection
    begun: Callable[[], datetime]
    cache: Cache
    looped: bool = False
    """Whether this runs on the event loop after all, where nothing may take long."""
    driver: "psycopg.Connection[Any] | None" = None
    """PostgreSQL's connection itself, where flights are to be sent over it."""
    postgres: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "postgres", self.connection.dialect.name == "postgresql")

    @property
    def now(self) -> datetime:
        """The database's time when the transaction began."""
        return self.begun()

    @contextmanager
    def flight(self) -> Iterator[None]:
        """Send what is asked and written within together; answers may be read within, too."""
        if self.driver is None:
            yield
            return
        with self.driver.pipeline():
            yield

    def ask(self, query: Executable, given: Given) -> Answer:
        """Send a statement built once; its parameters must be what the driver itself takes."""
        if self.driver is None:
            rows = self.rows(query, given)
            return lambda: rows
        cursor = self.driver.cursor(row_factory=namedtuple_row)
        spoken = _spoken(query)
        cursor.execute(spoken.text, {**spoken.constants, **given})
        return lambda: spoken.read(cursor.fetchall())

    def tell(self, statement: Executable, given: Given | Sequence[Given]) -> None:
        """Execute a statement that returns nothing; on PostgreSQL all rows are in one mapping."""
        if self.driver is None or not isinstance(given, Mapping):
            self.connection.execute(statement, given)
        else:
            self.driver.cursor().execute(_spoken(statement).text, given)

    def attempt(self, statement: Executable, given: Given) -> bool:
        """Execute a statement that may violate a key; False, and nothing was done, where it does.

        Not within a flight: it is one of its own.
        """
        if self.driver is None:
            try:
                with self.connection.begin_nested():
                    self.connection.execute(statement, given)
            except IntegrityError:
                return False
            return True
        done = True
        with self.driver.pipeline() as flight:
            # the answer may be there before all is sent, so any of these may raise it
            try:
                self.driver.execute("savepoint attempt")
                self.tell(statement, given)
                self.driver.execute("release savepoint attempt")
                flight.sync()
            except psycopg.IntegrityError:
                done = False
                with suppress(psycopg.errors.PipelineAborted):
                    flight.sync()
        if not done:
            self.driver.execute("rollback to savepoint attempt")
        return done

    def rows(self, query: Executable, given: Given | None = None) -> Sequence[AnyRow]:
        """Execute a statement that returns rows; not within a flight."""
        return self.connection.execute(query, given).all()

    def insert(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """Return an insert that knows ``on conflict``, which both databases spell alike."""
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)

    def heavy(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what takes long for a processor, never on the event loop."""
        if not self.looped:
            return work(*args, **kwargs)
        done: T = await_only(asyncio.to_thread(work, *args, **kwargs))
        return done


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A statement as the driver wants it, and what makes values of its columns ours."""

    text: bytes
    constants: Mapping[str, Any]
    processors: tuple[tuple[int, Callable[[Any], Any]], ...]

    def read(self, rows: Sequence[Any]) -> Sequence[AnyRow]:
        if not self.processors:
            return rows
        made = []
        for row in rows:
            values = list(row)
            for index, process in self.processors:
                values[index] = process(values[index])
            made.append(type(row)(*values))
        return made


@cache
def _spoken(statement: Executable) -> _Spoken:
    compiled = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    processors = enumerate(column.type.result_processor(DIALECT, None) for column in columns)
    return _Spoken(
        str(compiled).encode(), compiled.params, tuple((i, p) for i, p in processors if p)
    )
