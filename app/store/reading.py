"""A store that only reads: beside whoever writes, and without a lock on a SQLite file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.domain.errors import Conflict, NotFound
from app.store.connections.engine import is_sqlite, parse, postgres_engine, sqlite_engine
from app.store.connections.faults import translated
from app.store.connections.migrate import is_current
from app.store.connections.whereabouts import Whereabouts
from app.store.transactions.cache import Cache
from app.store.transactions.session import Session
from app.store.unit_of_work import BEGIN_READ, Unit


class SqlReader:
    """Opens transactions that see one snapshot each."""

    def __init__(self, url: str) -> None:
        """Connect on first use.

        Raises
        ------
        NotFound
            There is no such SQLite file.
        """
        address = parse(url)
        self._where = Whereabouts.of(address)
        self._cache = Cache()
        self._sqlite = is_sqlite(address)
        if self._sqlite and not Path(address.database or "").is_file():
            raise NotFound(f"there is no database at {address.database}")
        engine = sqlite_engine if self._sqlite else postgres_engine
        self._engine = engine(address, read_only=True)

    async def check(self) -> None:
        """Look at the schema.

        Raises
        ------
        Conflict
            It is not the one that this program needs.
        """
        if not await is_current(self._engine):
            detail = "the database has another schema than this program: run 'leeway migrate'"
            raise Conflict(detail, code="schema-not-current")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """Open a transaction that sees one snapshot."""
        with translated(self._where):
            async with self._engine.connect() as connection, connection.begin():
                now = datetime.now(UTC)
                if not self._sqlite:
                    now = (await connection.execute(BEGIN_READ)).scalar_one()
                yield Unit(Session(connection, now, self._cache, is_reading=True))

    async def close(self) -> None:
        await self._engine.dispose()
