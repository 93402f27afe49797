"""Stores for tests: every test that asks for one runs on SQLite and on a real PostgreSQL."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.store import SqlStore, migrate, sqlite_url
from tests import conserved, postgres
from tests.app.store.made import NOW


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


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    folder = tmp_path_factory.mktemp("migrated")
    asyncio.run(migrate(sqlite_url(folder)))
    return folder / "leeway.db"


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "leeway.db")
        yield Place(sqlite_url(tmp_path), Hands(NOW))
    else:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        url = server.create(request.getfixturevalue("template"))
        yield Place(url, Hands(NOW))
        server.drop(url)


@pytest.fixture
async def store(place: Place) -> AsyncIterator[SqlStore]:
    made = SqlStore(place.url, clock=place.clock)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def conservation(request: pytest.FixtureRequest) -> Iterator[None]:
    """End every test that has a database with the law; receipts are pruned where days passed."""
    place: Place | None = None
    if "place" in request.fixturenames:
        place = request.getfixturevalue("place")
    yield
    if place is not None and "spoils" not in request.fixturenames:
        conserved.check_place(place.url, all_receipts=place.clock.now - NOW < timedelta(days=1))


@pytest.fixture
def spoils() -> None:
    """Asked for by a test that damages what is stored, so that it cannot add up afterwards."""
