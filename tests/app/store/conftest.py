"""Every test of the store runs on SQLite and on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.domain.model import Model
from app.store import SqlStore, migrate
from tests import postgres
from tests.app.store.made import NOW, declared


class Hands:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, span: timedelta) -> None:
        self.now += span


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database of its own for one test."""

    url: str
    clock: Hands

    @property
    def is_postgres(self) -> bool:
        return self.url.startswith("postgresql")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres_server: postgres.Server) -> str:
    """The name of a migrated database to copy."""
    url = postgres_server.create()
    asyncio.run(migrate(url))
    return url.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'leeway.db'}"
        asyncio.run(migrate(url))
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.create(request.getfixturevalue("template"))
    return Place(url, Hands(NOW))


@pytest.fixture
async def store(place: Place) -> AsyncIterator[SqlStore]:
    made = SqlStore(place.url, clock=place.clock)
    yield made
    await made.close()


@pytest.fixture
async def model(store: SqlStore) -> Model:
    """A model with an active baseline, hourly windows and two features."""
    return await declared(store)
