"""Alerts that fired before they were told of in groups end as what they were told to be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, column, table

from app.domain.alerts.group import GroupKey, GroupReason, settle
from app.domain.monitors.monitor import ALL_VERSIONS, TRAFFIC_MONITOR
from app.store import SqlStore, migrate, sqlite_url
from app.store.engine import is_sqlite, parse, postgres_engine, sqlite_engine
from app.store.migrate import SCRIPTS
from app.store.types import Instant
from tests import postgres
from tests.app.store.made import HOUR, NINE, NOW

BEFORE = "0016"
MOMENTS = {"created_at", "changed_at", "since", "window_start"}


def insert(connection: Connection, name: str, *rows: dict[str, object]) -> None:
    """Insert into a table as it is there, with moments where the database has such."""
    found = Table(name, MetaData(), autoload_with=connection).c
    known = (column(one.name, Instant() if one.name in MOMENTS else one.type) for one in found)
    connection.execute(table(name, *known).insert(), list(rows))


def earlier(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, BEFORE)
    span = dict.fromkeys(("window", "lateness", "final_after"), HOUR.seconds * 1_000_000)
    moments = {"created_at": NOW, "changed_at": NOW}
    insert(connection, "model", {"name": "m", "strict": False, **span, **moments})
    about = {"model_id": 1, "monitor": "default", "version": "v", "segment": "", "worst": ["x"]}
    about |= {"since": NINE, "window_start": NINE, "changed_at": NOW, "reason": "evidence"}
    insert(
        connection,
        "alert",
        about | {"segment": "o=a", "state": "firing"},
        about | {"segment": "o=b", "state": "resolved"},
        about | {"version": ALL_VERSIONS, "monitor": TRAFFIC_MONITOR, "state": "firing"},
    )


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.create()


async def run(url: str, work: Callable[[Connection], object]) -> None:
    address = parse(url)
    engine = sqlite_engine(address) if is_sqlite(address) else postgres_engine(address)
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()


async def test_who_was_told_to_fire_is_so_in_its_group(url: str) -> None:
    await run(url, earlier)
    await migrate(url)
    store = SqlStore(url)
    async with store.write() as unit:
        key = GroupKey(1, "v", "default")
        members = await unit.alerts.members(key)
        assert [(one.segment, one.told) for one in members] == [("o=a", True), ("o=b", False)]
        assert settle(members).outcome.reason is GroupReason.STILL_FIRING
        assert await unit.alerts.unsettled(1, "v") == []
        (traffic,) = await unit.alerts.members(GroupKey(1, ALL_VERSIONS, TRAFFIC_MONITOR))
        assert not traffic.told
        await unit.alerts.resolve(members[0].alert_id, "not_champion")
        await unit.alerts.note(members[0].alert_id, {})
        assert await unit.alerts.unsettled(1, "v") == ["default"]
    await store.close()
