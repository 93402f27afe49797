"""What was said of windows before monitors were declared reads the same afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, column, select, table

from app.domain.model import Feature, Kind, Role, Schema
from app.domain.monitors.monitor import TRAFFIC, page_level, usual_monitors
from app.domain.telling.reports import WindowQuery
from app.store import SqlStore, migrate, sqlite_url
from app.store import tables as t
from app.store.connections.engine import is_sqlite, parse, postgres_engine, sqlite_engine
from app.store.connections.migrate import SCRIPTS
from app.store.declared import documents
from app.store.transactions.types import Instant
from tests import postgres
from tests.app.store.made import HOUR, NINE, NOW

BEFORE = "0009"
WIDTH = timedelta(hours=6)
OUTPUTS = Schema((Feature("x", Kind.NUMERIC), Feature("p", Kind.NUMERIC, Role.SCORE)))
LATEST = "select model, monitor, feature, state, p_adjusted, revision from latest_verdict"
VALUES = "select feature, statistic, value, threshold, n_cur from latest_estimate"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.create()


def insert(connection: Connection, name: str, *rows: dict[str, object]) -> None:
    """Insert into a table as it is now, with moments where the database has such."""
    reflected = Table(name, MetaData(), autoload_with=connection)
    moments = {"start_at", "end_at", "opened_at", "closed_at", "judged_at"}
    columns = (
        column(one.name, Instant() if one.name in moments else one.type) for one in reflected.c
    )
    connection.execute(table(name, *columns).insert(), list(rows))


def said(revision: int, state: str, p_value: float) -> tuple[dict[str, object], dict[str, object]]:
    verdict = {"revision_id": revision, "feature": "x", "state": state, "warning": False}
    verdict |= {"page": state == "drift", "p_adjusted": p_value, "rules": ["psi"]}
    estimate = {"revision_id": revision, "feature": "x", "statistic": "psi", "value": 0.31}
    return verdict, estimate | {"threshold": 0.2, "n_ref": 100, "n_cur": 10 * revision}


def earlier(connection: Connection) -> None:
    """Make the schema of before, and a window with two revisions."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, BEFORE)
    span = {"window": WIDTH, "lateness": HOUR, "final_after": HOUR}
    about = {"name": "m", "strict": False, "created_at": NOW, "changed_at": NOW} | span
    about |= {"active_baseline": 1, "schema": documents.schema_document(OUTPUTS)}
    for values in (about, about | {"name": "new", "active_baseline": None}):
        connection.execute(t.model.insert().values(values))
    model = connection.execute(select(t.model.c.id).where(t.model.c.name == "m")).scalar_one()
    window = {"model_id": model, "version": "v", "segment": "", "monitor": "default"}
    window |= {"start_at": NINE, "end_at": NINE + WIDTH, "opened_at": NOW, "closed_at": NOW}
    insert(connection, "window", window | {"revision": 2})
    revision = {"window_id": 1, "baseline": 1, "warning": False, "reason": None}
    revision |= {"monitor_version": 1, "code_version": "0", "digest": "d", "judged_at": NOW}
    insert(
        connection,
        "revision",
        revision | {"number": 1, "cause": "closed", "rows": 10, "state": "ok", "page": False},
        revision | {"number": 2, "cause": "late_rows", "rows": 20, "state": "drift", "page": True},
    )
    both = [said(1, "ok", 0.5), said(2, "drift", 1e-9)]
    insert(connection, "verdict", *(verdict for verdict, _ in both))
    insert(connection, "estimate", *(estimate for _, estimate in both))


async def run(url: str, work: Callable[[Connection], object]) -> object:
    address = parse(url)
    engine = sqlite_engine(address) if is_sqlite(address) else postgres_engine(address)
    async with engine.begin() as connection:
        found = await connection.run_sync(work)
    await engine.dispose()
    return found


def shown(connection: Connection) -> list[object]:
    found = [connection.exec_driver_sql(query).all() for query in (LATEST, VALUES)]
    return [[tuple(row) for row in rows] for rows in found]


async def test_what_was_said_reads_the_same(url: str) -> None:
    await run(url, earlier)
    before = await run(url, shown)
    assert before == [[("m", "default", "x", "drift", 1e-9, 2)], [("x", "psi", 0.31, 0.2, 20)]]
    await migrate(url)
    assert await run(url, shown) == before
    store = SqlStore(url)
    async with store.write() as unit:
        model = await unit.models.find("m")
        assert model is not None
        report = await unit.views.window(WindowQuery(model.id, "v"), NINE)
        level = select(t.judgement.c.id, t.judgement.c.revision_id, t.judgement.c.page_level)
        connection = unit.session.connection  # type: ignore[attr-defined]
        levels = (await connection.execute(level.order_by(t.judgement.c.id))).all()
        beside = select(t.judgement.c.counterpart_id).distinct()
        assert (await connection.execute(beside)).all() == [(None,)], "nothing was kept of it"
        again = {"revision_id": 1, "monitor": "m", "monitor_version": 1, "comparison": "reference"}
        again |= {"state": "ok", "warning": False, "page": False, "judged_at": NOW}
        made = (
            t.judgement.insert().values(again | {"code_version": "0"}).returning(t.judgement.c.id)
        )
        assert (await connection.execute(made)).scalar_one() == 3, "ids go on where they were"
    await store.close()
    assert report is not None
    assert (report.summary.state, report.summary.page, report.summary.rows) == ("drift", True, 20)
    assert (report.summary.baseline, report.summary.monitor_version) == (1, 1)
    assert [(one.number, one.state, one.rows) for one in report.revisions] == [
        (1, "ok", 10),
        (2, "drift", 20),
    ]
    assert [one.estimates[0].n_cur for one in report.features] == [20]
    assert [tuple(row) for row in levels] == [(n, n, page_level(WIDTH)) for n in (1, 2)]


async def test_models_get_the_monitors_that_a_first_baseline_brings(url: str) -> None:
    await run(url, earlier)
    await migrate(url)
    store = SqlStore(url)
    async with store.read() as unit:
        old, new = [await unit.models.find(name) for name in ("m", "new")]
        assert old is not None
        assert new is not None
        found = [one.monitor for one in await unit.monitors.page(old.id, None, 9)]
        assert await unit.monitors.of(old.id) == found[:-1]
        assert await unit.monitors.page(new.id, None, 9) == []
    await store.close()
    usual = sorted(usual_monitors(OUTPUTS), key=lambda one: one.name)
    assert found[-1:] == usual[-1:] == [TRAFFIC]
    # what was declared before there were figures of outputs tells none until it is declared again
    assert [replace(one, version=1, outputs=None) for one in usual] == found
    assert [one.name for one in found] == ["default", "predictions", "quality", "traffic"]
