"""One open transaction, as the stores of nouns see it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.transactions.cache import Cache
from app.store.transactions.ledger import AnyRow, Ledger
from app.store.transactions.said import Said

__all__ = ["AnyRow", "Ledger", "Session"]

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """A connection inside a transaction, the database's time, and what the process remembers."""

    connection: AsyncConnection
    now: datetime
    cache: Cache
    is_reading: bool = False
    """Whether it sees only what was committed, which may be remembered."""
    postgres: bool = field(init=False)
    changes: set[str] = field(default_factory=set)
    """What others may remember wrongly once this transaction is committed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "postgres", self.connection.dialect.name == "postgresql")

    @property
    def said(self) -> Said:
        """What is remembered of verdicts; of this transaction's own ones nothing, they may go."""
        return self.cache.said if self.is_reading else Said()

    def redeclares(self) -> None:
        """Note that this transaction changes what batches are counted by."""
        self.changes.add("grounds")

    def insert(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """Return an insert that knows ``on conflict``, which both databases spell alike."""
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)

    async def run(
        self, work: Callable[Concatenate[Ledger, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do in this transaction what is written for a ledger."""
        return await self.connection.run_sync(
            lambda connection: work(
                Ledger(connection, lambda: self.now, self.cache, looped=True), *args, **kwargs
            )
        )
