"""A database with data of an earlier schema is brought up to date, also by starters that die."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, column, func, inspect, select, table

from app.domain.alerts.delivery import Topic
from app.domain.retention import Grain, Stage
from app.store import SqlStore, is_current, migrate, sqlite_url
from app.store import tables as t
from app.store.connections.engine import is_sqlite, parse, postgres_engine, sqlite_engine
from app.store.connections.migrate import SCRIPTS
from app.store.transactions.types import Instant
from tests import postgres
from tests.app.store import processes
from tests.app.store.made import HOUR, NINE, NOW

BEFORE = "0008"
WINDOW = table(
    "window",
    *(column(name) for name in ("model_id", "version", "segment", "monitor", "revision")),
    *(column(name, Instant()) for name in ("start_at", "end_at", "opened_at")),
)
"""As it was then."""
ROWS = 1_000
DELAYS = (0, 10, 25, 45, 70)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes databases without any table."""
    if request.param == "sqlite":
        names = itertools.count()

        def fresh() -> str:
            folder = tmp_path / str(next(names))
            folder.mkdir()
            return sqlite_url(folder)

        return fresh
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.create


def earlier(connection: Connection) -> None:
    """Make the schema of before, with a model, its windows and deltas."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, BEFORE)
    assert "minutes" not in {one["name"] for one in inspect(connection).get_columns("delta")}
    span = dict.fromkeys(("window", "lateness", "final_after"), HOUR)
    moments = {"created_at": NOW, "changed_at": NOW}
    ids: dict[str, int] = {}
    for owner, row in (
        (t.model, {"name": "m", "strict": False, **span, **moments}),
        (t.grid_set, {"number": 1, "digest": "", "cells": 1, "grids": b"", "created_at": NOW}),
        (t.series, {"version": "v", "segment": ""}),
    ):
        owners = {key: value for key, value in ids.items() if key in owner.c}
        made = connection.execute(owner.insert().values(row | owners).returning(owner.c.id))
        ids[f"{owner.name}_id"] = made.scalar_one()
    hook = {"name": "hook", "kind": "webhook", "options": {}, "enabled": True, "changed_at": NOW}
    connection.execute(t.target.insert().values(hook))
    starts = [NINE + number * HOUR for number in range(ROWS)]
    sums = {"rows": 1, "batches": 1, "total": 1, "bytes": 1, "counts": b"x" * 500}
    series = ids["series_id"]
    connection.execute(
        t.delta.insert(), [sums | {"series_id": series, "pane": start} for start in starts]
    )
    window = {"model_id": ids["model_id"], "version": "v", "segment": "", "monitor": "default"}
    window |= {"opened_at": NOW, "revision": 0}
    connection.execute(
        WINDOW.insert(),
        [window | {"start_at": start, "end_at": start + HOUR} for start in starts],
    )


async def made(url: str) -> str:
    address = parse(url)
    engine = sqlite_engine(address) if is_sqlite(address) else postgres_engine(address)
    async with engine.begin() as connection:
        await connection.run_sync(earlier)
    await engine.dispose()
    return url


async def whole(url: str) -> None:
    """All that was there is there, as what it meant before."""
    assert await is_current(url)
    store = SqlStore(url)
    async with store.read() as unit:
        connection = unit.session.connection
        deltas = select(t.delta.c.minutes, t.delta.c.kept_from, func.count()).group_by(
            t.delta.c.minutes, t.delta.c.kept_from
        )
        assert (await connection.execute(deltas)).all() == [(Grain.PANE, None, ROWS)]
        windows = select(t.window.c.stage, func.count()).group_by(t.window.c.stage)
        assert (await connection.execute(windows)).all() == [(Stage.LIVE, ROWS)]
        model = await unit.models.find("m")
        assert model is not None
        assert model.settings.retention is None
        assert model.settings.segments is None
        plans = select(t.grid_set.c.segments)
        assert (await connection.execute(plans)).scalars().all() == [None]
        assert model.removed_until is None
        assert await unit.retrainings.policy(model.id) is None
        assert await unit.retrainings.page(model.id, None, None, 1) == []
        target = await unit.targets.get("hook")
        assert target is not None
        assert target.takes == set(Topic)
        assert await unit.sequences.join(1) == 0
    await store.close()


async def test_what_is_there_keeps_its_meaning(empty: Callable[[], str]) -> None:
    url = await made(empty())
    assert not await is_current(url)
    done = await migrate(url)
    assert done is not None
    assert done.before is not None
    assert done.before < done.after
    await whole(url)


async def test_starters_at_once_upgrade_once(empty: Callable[[], str]) -> None:
    url = await made(empty())
    starters = [processes.start(processes.migrating, url) for _ in range(3)]
    for starter in starters:
        await asyncio.to_thread(starter.join, processes.PATIENCE)
    assert sorted(starter.exitcode or 0 for starter in starters) == [0, 0, 1]
    await whole(url)


async def test_a_kill_at_any_moment_loses_nothing(empty: Callable[[], str]) -> None:
    """Each upgrade is killed at another moment; whoever starts next finds all or nothing done."""
    url = await made(empty())
    cut_short = 0
    for milliseconds in DELAYS:
        starter = processes.start(processes.migrating, url)
        await asyncio.sleep(milliseconds / 1000)
        cut_short += starter.exitcode is None
        processes.killed(starter)
        if await is_current(url):
            await whole(url)
            url = await made(empty())
    assert cut_short >= 2
    await migrate(url)
    await whole(url)
