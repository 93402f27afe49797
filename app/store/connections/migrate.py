"""Brings a database to the schema that this program needs; safe with two starters at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.store.connections.engine import is_sqlite, parse, postgres_engine, sqlite_engine
from app.store.connections.faults import translated
from app.store.connections.whereabouts import Whereabouts

SCRIPTS = Path(__file__).parents[1] / "migrations"
STARTERS = 0x1EE0A7
"""The advisory lock that starters take in turn, until the end of their transaction."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What became of a database: numbers of schemas, the first None where there was nothing."""

    before: str | None
    after: str


async def migrate(url: str) -> Migrated | None:
    """Bring the database up to date in one transaction; None where that changed nothing.

    A starter killed anywhere leaves what was there before. Of two at once the second waits, and
    then finds nothing to do.
    """
    with translated(Whereabouts.of(parse(url))):
        async with _engine(url) as engine, engine.begin() as connection:
            await _alone(connection)
            if await connection.run_sync(_is_current):
                return None
            before = await connection.run_sync(_present)
            await connection.run_sync(_upgrade)
            after = await connection.run_sync(_present)
            return Migrated(before, after or "")


async def is_current(database: str | AsyncEngine) -> bool:
    """Whether the database has the schema that this program needs."""
    address = database.url if isinstance(database, AsyncEngine) else parse(database)
    with translated(Whereabouts.of(address)):
        if isinstance(database, AsyncEngine):
            async with database.connect() as connection:
                return await connection.run_sync(_is_current)
        async with _engine(database, read_only=True) as engine, engine.connect() as connection:
            return await connection.run_sync(_is_current)


@asynccontextmanager
async def _engine(url: str, *, read_only: bool = False) -> AsyncIterator[AsyncEngine]:
    address = parse(url)
    if is_sqlite(address):
        Path(address.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = sqlite_engine(address, read_only=read_only)
    else:
        engine = postgres_engine(address, read_only=read_only, size=1)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _alone(connection: AsyncConnection) -> None:
    # SQLite has begun its transaction as the only writer already
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"select pg_advisory_xact_lock({STARTERS})"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _is_current(connection: Connection) -> bool:
    heads = ScriptDirectory(str(SCRIPTS)).get_heads()
    present = MigrationContext.configure(connection).get_current_heads()
    return set(present) == set(heads)


def _present(connection: Connection) -> str | None:
    heads = MigrationContext.configure(connection).get_current_heads()
    return ", ".join(heads) or None


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")
