"""Connections: what is refused at once, and what a database that is away means."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from app.domain.errors import Conflict, Invalid, Unavailable
from app.domain.model import Settings
from app.store import SqlStore, is_current, migrate, sqlite_url
from app.store.connections.engine import PING_AFTER, parse
from tests.app.conftest import Place
from tests.app.store import processes


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://h/d",
        "leeway.db",
        "sqlite:///file:x?mode=memory",
    ],
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(Invalid):
        parse(url)


def test_a_refused_url_is_not_repeated() -> None:
    with pytest.raises(Invalid) as caught:
        parse("mysql://user:hunter2@host/db")
    assert "hunter2" not in caught.value.detail


@pytest.mark.parametrize("url", ["postgres://u:p@h:1/d", "postgresql://u:p@h:1/d"])
def test_both_spellings_of_postgresql_are_taken(url: str) -> None:
    parsed = parse(url)
    assert (parsed.drivername, parsed.password, parsed.database) == ("postgresql+psycopg", "p", "d")


async def test_a_second_store_on_one_file_is_refused(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "new folder")
    await migrate(url)
    store = SqlStore(url)
    with pytest.raises(Conflict, match="another process"):
        SqlStore(url)
    await store.close()
    await SqlStore(url).close()


async def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    holder = processes.start(processes.holding, url)
    with pytest.raises(Conflict) as caught:
        SqlStore(url)
    processes.killed(holder)
    assert caught.value.code == "database-in-use"
    await SqlStore(url).close()


async def test_the_settings_that_durability_rests_on(store: SqlStore, place: Place) -> None:
    async with store.write() as unit:
        shown = unit.session.connection.exec_driver_sql
        if place.is_postgres:
            names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
            found = [(await shown(f"show {name}")).scalar_one() for name in names]
            assert found == ["2s", "30s", "5s"]
        else:
            names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            found = [(await shown(f"pragma {name}")).scalar_one() for name in names]
            assert found == ["wal", 2, 1, 5000]


async def test_a_reader_cannot_write(store: SqlStore) -> None:
    with pytest.raises(Unavailable):
        async with store.read() as unit:
            await unit.models.declare("m", Settings(), None)


async def test_a_database_that_is_away_is_unavailable_at_once() -> None:
    store = SqlStore("postgresql://u:p@127.0.0.1:9/none")
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        async with store.read():
            pass
    with pytest.raises(Unavailable):
        await is_current(store.engine)
    assert time.monotonic() - begun < 5
    await store.close()


async def test_a_database_that_says_nothing_is_unavailable_soon() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    store = SqlStore(f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/none")
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        async with store.write():
            pass
    assert time.monotonic() - begun < 6
    await store.close()
    silent.close()


async def test_a_killed_backend_is_unavailable_and_then_healed(
    store: SqlStore, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("SQLite has no backends")
    kill = (
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
    )
    with pytest.raises(Unavailable):
        async with store.write() as unit:
            await unit.session.connection.exec_driver_sql(kill)
    async with store.write() as unit:
        assert await unit.models.page(None, 1) == []


async def test_a_full_disk_is_unavailable_and_harms_nothing(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await migrate(url)
    store = SqlStore(url)
    async with store.write() as unit:
        pages = (await unit.session.connection.exec_driver_sql("pragma page_count")).scalar_one()
        await unit.session.connection.exec_driver_sql(f"pragma max_page_count = {pages}")
    with pytest.raises(Unavailable):
        await _declare_many(store, 2_000)
    async with store.write() as unit:
        assert await unit.models.page(None, 1) == []
        await unit.session.connection.exec_driver_sql("pragma max_page_count = 1000000")
        await unit.models.declare("m", Settings(), None)
    await store.close()


async def _declare_many(store: SqlStore, count: int) -> None:
    async with store.write() as unit:
        for number in range(count):
            await unit.models.declare(f"m{number}", Settings(), None)


async def test_the_lock_file_is_private(tmp_path: Path) -> None:
    await SqlStore(sqlite_url(tmp_path)).close()
    assert (tmp_path / "leeway.db.lock").stat().st_mode & 0o777 == 0o600


async def test_a_transaction_that_is_never_answered_is_given_up(place: Place) -> None:
    if not place.is_postgres:
        pytest.skip("SQLite has no network")
    store = SqlStore(place.url, patience=0.3)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        async with store.write() as unit:
            await unit.session.connection.exec_driver_sql("select pg_sleep(20)")
    assert time.monotonic() - begun < 12
    async with store.write() as unit:
        assert await unit.models.page(None, 1) == []
    await store.close()


async def test_a_connection_that_rested_is_asked_before_it_is_used(place: Place) -> None:
    if not place.is_postgres:
        pytest.skip("SQLite has no backends")
    store, other = SqlStore(place.url), SqlStore(place.url)
    async with store.read():
        pass
    async with other.write() as unit:
        await unit.session.connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    await asyncio.sleep(PING_AFTER + 0.1)
    async with store.read() as unit:
        assert await unit.models.page(None, 1) == []
    await store.close()
    await other.close()
