"""Each statement on SQLite is one trip to its thread, and says what it always did."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import bindparam, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import SqlStore, migrate
from app.store.connections.engine import parse, sqlite_engine, sqlite_url

NUMBERS = text(
    "with recursive n(x) as (select 1 union all select x + 1 from n where x < :last) "
    "select x, -x as y from n"
)
ADD = text("insert into kept values (:x)")
ENDLESS = text(
    "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
)


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    engine = sqlite_engine(parse(sqlite_url(tmp_path)))
    async with engine.begin() as made:
        await made.execute(text("create table kept (x integer primary key)"))
        yield made
    await engine.dispose()


async def test_a_statement_is_one_trip(
    connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: list[object] = []
    go = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, work: Any, *given: Any, **named: Any) -> Any:
        trips.append(work)
        return await go(self, work, *given, **named)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    await connection.execute(NUMBERS, {"last": 1_000})
    assert len(trips) == 1


async def test_rows_are_read_by_name_in_every_way(connection: AsyncConnection) -> None:
    rows = (await connection.execute(NUMBERS, {"last": 3})).all()
    assert [(row.x, row.y) for row in rows] == [(1, -1), (2, -2), (3, -3)]
    found = await connection.execute(NUMBERS, {"last": 5})
    assert found.fetchone() == (1, -1)
    assert found.fetchmany(2) == [(2, -2), (3, -3)]
    assert [row.x for row in found] == [4, 5]
    assert found.keys() == ["x", "y"]
    assert (await connection.execute(NUMBERS, {"last": 2})).scalars().all() == [1, 2]
    assert (await connection.execute(text("select 1 as one where 0"))).all() == []
    streamed = await connection.stream(NUMBERS, {"last": 4})
    assert [row.x async for row in streamed] == [1, 2, 3, 4]


async def test_what_was_written_is_counted(connection: AsyncConnection) -> None:
    await connection.execute(ADD, [{"x": x} for x in range(10)])
    gone = text("delete from kept where x in :some").bindparams(bindparam("some", expanding=True))
    assert (await connection.execute(gone, {"some": [1, 2, 99]})).rowcount == 2
    back = await connection.execute(text("insert into kept values (null) returning x"))
    assert back.scalar_one() == 10


async def test_errors_are_the_usual_ones_and_the_connection_lives_on(
    connection: AsyncConnection,
) -> None:
    await connection.execute(ADD, {"x": 1})
    with pytest.raises(IntegrityError):
        await connection.execute(ADD, {"x": 1})
    with pytest.raises(OperationalError, match="no such table"):
        await connection.execute(text("select * from nowhere"))
    assert (await connection.execute(text("select count(*) from kept"))).scalar_one() == 1


async def test_nobody_waits_for_the_end_of_what_was_given_up(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await migrate(url)
    store = SqlStore(url)

    async def read() -> None:
        async with store.read() as unit:
            await unit.session.connection.execute(ENDLESS)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.2)
    reading.cancel()
    done, _ = await asyncio.wait({reading}, timeout=30)
    assert done
    async with store.read() as unit:
        assert await unit.models.ground("none") is None
    await asyncio.wait_for(store.close(), 30)
