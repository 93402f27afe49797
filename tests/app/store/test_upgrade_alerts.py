"""Alerts that fired before they were told of in groups end as what they were told to be."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, column, select, table

from app.domain.alerts.event import FIRING, RESOLVED, rfc3339
from app.domain.alerts.group import GroupKey, GroupReason, settle
from app.domain.monitors.monitor import ALL_VERSIONS, TRAFFIC_MONITOR
from app.domain.verdicts.judgement import WindowKey
from app.steps.close import Closer
from app.steps.settle import resolve_all
from app.store import SqlStore, migrate, sqlite_url
from app.store import tables as t
from app.store.connections.engine import is_sqlite, parse, postgres_engine, sqlite_engine
from app.store.connections.migrate import SCRIPTS
from app.store.transactions.types import Instant
from tests import postgres
from tests.app.store.made import HOUR, NINE, NOW

BEFORE = "0016"
MOMENTS = {"created_at", "changed_at", "since", "window_start", "time", "due_at", "start_at"}
MOMENTS |= {"requested_at", "deadline_at"}


def insert(connection: Connection, name: str, *rows: dict[str, object]) -> None:
    """Insert into a table as it is there, with moments where the database has such."""
    found = Table(name, MetaData(), autoload_with=connection).c
    known = (column(one.name, Instant() if one.name in MOMENTS else one.type) for one in found)
    connection.execute(table(name, *known).insert(), list(rows))


def earlier(connection: Connection, version: str = BEFORE) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)
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


STORIES = [
    ("o=a", FIRING, "superseded"),
    ("o=a", RESOLVED, "delivered"),
    ("o=a", FIRING, "delivered"),
    ("o=c", FIRING, "pending"),
    ("o=b", FIRING, "delivered"),
    ("o=b", RESOLVED, "pending"),
]
"""What was told of segments by themselves, oldest first; that c fires reached nobody yet."""


def alone(connection: Connection) -> None:
    earlier(connection)
    mine = {"model_id": 1, "monitor": "default", "version": "v", "segment": "o=c", "worst": ["x"]}
    mine |= {"since": NINE, "window_start": NINE, "changed_at": NOW, "reason": "evidence"}
    insert(connection, "alert", mine | {"state": "firing"})
    taking = {"name": "hook", "kind": "webhook", "options": {}, "enabled": True}
    insert(connection, "target", taking | {"changed_at": NOW})
    for number, (segment, kind, state) in enumerate(STORIES):
        data = {"model": "m", "version": "v", "segment": segment, "monitor": "default"}
        data |= {"severity": "P2", "since": rfc3339(NINE), "features": []}
        data |= {"window": {"start": rfc3339(NINE)}}
        about = {"ordering": f"alert/1/v/{segment}/default", "body": b"{}"}
        about["body"] = json.dumps({"data": data}).encode()
        at = NOW + number * HOUR
        told = {"id": f"e{number}", "type": kind, "subject": "m/v", "time": at}
        insert(connection, "event", told | about)
        sent = {"event_id": f"e{number}", "target": "hook", "ordering": about["ordering"]}
        sent |= {"state": state, "tries": 0, "due_at": at, "created_at": at, "changed_at": at}
        insert(connection, "delivery", sent)


async def deliveries(store: SqlStore) -> list[tuple[str, str, str]]:
    d, e = t.delivery.c, t.event.c
    query = select(e.id, d.ordering, e.ordering.label("same"), d.state).join(
        t.event, e.id == d.event_id
    )
    async with store.read() as unit:
        rows = (await unit.session.connection.execute(query.order_by(d.id))).all()  # type: ignore[attr-defined]
    assert all(row.ordering == row.same for row in rows)
    return [(row.id, row.ordering.split("/")[3], row.state) for row in rows]


async def test_what_segments_were_told_by_themselves_is_of_their_group(url: str) -> None:
    await run(url, alone)
    await migrate(url)
    store = SqlStore(url)
    assert await deliveries(store) == [
        ("e0", "o=a", "superseded"),
        ("e1", "o=a", "delivered"),
        ("e2", "", "delivered"),
        ("e3", "", "superseded"),
        ("e4", "o=b", "delivered"),
        ("e5", "o=b", "pending"),
    ], "only ends are still to be told, each by its own name"
    (announced,) = await Closer(store, "/test", "0").settle()
    assert announced.deliveries == 1
    async with store.write() as unit:
        assert list(await unit.outbox.told("alert/1/v//default")) == ["hook"]
        (last,) = [one for one in await unit.outbox.claim(9, HOUR) if one.event_type == FIRING]
    data = json.loads(last.body)["data"]
    assert (data["group"]["reason"], data["segment"]) == ("joined", "o=c")
    async with store.write() as unit:
        model = await unit.models.by_id(1)
        assert model is not None
        await resolve_all(unit, "/test", model, lambda one: one.version == "v", "not_champion")
        ended = select(t.event.c.body).where(t.event.c.subject == "m/v/default")
        bodies = await unit.session.connection.execute(ended.where(t.event.c.type == RESOLVED))  # type: ignore[attr-defined]
        (data,) = [json.loads(body)["data"] for body in bodies.scalars()]
        assert data["told_alone"] == ["o=a", "o=c"]
        assert await unit.outbox.told_alone("alert/1/v//default") == []
    await store.close()


def barred(connection: Connection) -> None:
    earlier(connection, "0021")
    row = {"model_id": 1, "version": "v", "monitor": "default", "start_at": NINE}
    insert(connection, "alert_barrier", row)


async def test_a_barrier_of_before_holds_for_every_segment(url: str) -> None:
    await run(url, barred)
    await migrate(url)
    store = SqlStore(url)
    async with store.read() as unit:
        for segment in ("", "o=a"):
            window = WindowKey(1, "v", segment, "base", NINE)
            assert await unit.alerts.barriers(window) == {"default": NINE}
    await store.close()
