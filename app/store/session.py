"""One open transaction, as the stores of nouns see it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.cache import Cache

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row whose columns are read by name."""


@dataclass(frozen=True, slots=True)
class Session:
    """A connection inside a transaction, the database's time, and what the process remembers."""

    connection: AsyncConnection
    now: datetime
    cache: Cache
    postgres: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "postgres", self.connection.dialect.name == "postgresql")

    def insert(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """Return an insert that knows ``on conflict``, which both databases spell alike."""
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)
