"""Migrations: equal to the tables, safe with two starters and under a kill."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from app.domain.model import Model
from app.store import SqlStore, is_current, migrate, sqlite_url, tables
from app.store.connections.migrate import SCRIPTS
from tests import postgres
from tests.app.conftest import Place
from tests.app.store import processes
from tests.app.store.made import NINE, active, batch, close_all

HEADS = [path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py")]


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes databases without any table."""
    if request.param == "sqlite":
        names = iter(range(1000))
        return lambda: sqlite_url(tmp_path / str(next(names)))
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.create


async def test_migrations_make_what_the_tables_say(store: SqlStore, place: Place) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "compare_server_default": place.is_postgres}
        return list(
            compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata)
        )

    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_database_says_whether_it_is_current(empty: Callable[[], str]) -> None:
    url = empty()
    assert not await is_current(url)
    done = await migrate(url)
    assert done is not None
    assert (done.before, done.after) == (None, max(HEADS))
    assert await is_current(url)
    assert await migrate(url) is None


async def test_starters_at_once_migrate_once(empty: Callable[[], str]) -> None:
    url = empty()
    done = await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert sorted(one is not None for one in done) == [False, False, False, True]
    assert await is_current(url)


def test_processes_at_once_migrate_once(empty: Callable[[], str]) -> None:
    url = empty()
    starters = [processes.start(processes.migrating, url) for _ in range(3)]
    for starter in starters:
        starter.join(processes.PATIENCE)
    assert sorted(starter.exitcode or 0 for starter in starters) == [0, 0, 1]


async def test_a_kill_at_any_moment_leaves_all_or_nothing(empty: Callable[[], str]) -> None:
    """Kills spread over the time that a whole run takes; at least one must hit the middle."""
    url = empty()
    cut_short = 0
    for milliseconds in (0, 5, 10, 20, 30, 45, 60, 80, 100, 130):
        starter = processes.start(processes.migrating, url)
        await asyncio.sleep(milliseconds / 1000)
        cut_short += starter.exitcode is None
        processes.killed(starter)
        if await is_current(url):
            url = empty()
    assert cut_short >= 3
    await migrate(url)
    assert await is_current(url)
    store = SqlStore(url)
    async with store.read() as unit:
        assert await unit.models.page(None, 1) == []
    await store.close()


async def test_views_show_verdicts_to_people_who_know_sql(
    store: SqlStore, model: Model, place: Place
) -> None:
    grid_set = await active(store, model)
    async with store.write() as unit:
        await unit.batches.commit([batch(model, grid_set, "k")])
    await close_all(store)
    async with store.read() as unit:
        shown = await unit.session.connection.exec_driver_sql(
            "select model, window_start, feature, state, p_adjusted from latest_verdict"
            " where state = 'drift'"
        )
        (row,) = shown.all()
        estimates = await unit.session.connection.exec_driver_sql(
            "select statistic, value, threshold from latest_estimate where value is not null"
        )
        assert estimates.all() == [("psi", 0.31, 0.2)]
    start = NINE if place.is_postgres else "2026-03-02T09:00:00.000Z"
    assert tuple(row) == ("flights", start, "dep/delay %", "drift", 2e-9)
