"""Statements that the server keeps: where it is surely the same server, and never in the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from app.domain.batch import Counted
from app.domain.model import Model
from app.store import SqlStore
from app.store.connections.engine import parse, writing_engine
from app.store.connections.preparing import AFTER, is_direct
from app.store.intake.writer import Writer
from app.store.transactions.cache import Cache
from tests.app.conftest import Place
from tests.app.store.intake.test_batches import held
from tests.app.store.made import active, batch

KEPT = text("select count(*) from pg_prepared_statements where name like '\\_pg3%'")
FORGOTTEN = text("do $$ begin execute 'deallocate all'; end $$")
"""The driver does not see that they are gone."""


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    if not place.is_postgres:
        pytest.skip("SQLite plans in no time")
    made = writing_engine(parse(place.url))
    yield made
    made.dispose()


@dataclass
class Pooled:
    """A connection as a pooler hands it out: greeted by the pooler, answered by some server."""

    server: "psycopg.Connection[Any]"
    info: SimpleNamespace

    def execute(self, query: str, /) -> "psycopg.Cursor[Any]":
        return self.server.execute(query.encode())


def test_a_server_of_its_own_is_told_from_a_pooler(place: Place, engine: Engine) -> None:
    with psycopg.connect(place.url) as connection:
        assert is_direct(connection)
        greeted = SimpleNamespace(backend_pid=connection.info.backend_pid + 1)
        assert not is_direct(Pooled(connection, greeted))
    with engine.connect() as ours:
        driver = ours.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        assert driver.prepare_threshold == AFTER


async def test_kept_statements_that_are_gone_are_made_anew(
    engine: Engine, store: SqlStore, model: Model, place: Place
) -> None:
    grid_set = await active(store, model)
    writer = Writer(parse(place.url), Cache(), place.clock, patience=5.0)
    writer._engine, given = engine, writer._engine
    given.dispose()
    for turn in range(3 * AFTER):
        (outcome,) = await writer.commit([batch(model, grid_set, f"k{turn}")])
        assert isinstance(outcome, Counted)
        if turn == 2 * AFTER:
            with engine.connect() as ours:
                assert ours.execute(KEPT).scalar_one() > 0
                ours.execute(FORGOTTEN)
    await writer.close()
    assert await held(store, model) == 3 * AFTER * 10
