"""A deleted model leaves nothing behind, in whatever table; others keep all they have."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, LargeBinary, Table, Text, func, select
from sqlalchemy.sql.sqltypes import JSON, Integer, Numeric

from app.store import SqlStore
from app.store import tables as t
from app.store.transactions.types import Instant, Span
from tests.app.store.made import NOW

OF_NOBODY = {
    "target",  # of the installation
    *("event", "delivery", "attempt"),  # what was told stays on record
    *("seen_key", "seen_day", "seen"),  # hashes that say no model, and go by the day
}
OWNED = [table for table in t.metadata.sorted_tables if table.name not in OF_NOBODY]
Ids = dict[str, int]


def owners(table: Table) -> list[str]:
    """The tables that its columns point to; `model_id` points to models also without a key."""
    keys = [key.column.table.name for column in table.c for key in column.foreign_keys]
    return keys or (["model"] if "model_id" in table.c else [])


def some(column: Column[Any], ids: Ids, index: int) -> object:
    """A value that a column takes, and no other model's row has."""
    for key in column.foreign_keys:
        return ids[key.column.table.name]
    if column.name == "model_id":
        return ids["model"]
    kinds: tuple[tuple[type, object], ...] = (
        (Instant, NOW),
        (Span, timedelta(hours=1)),
        (Boolean, False),
        (LargeBinary, b"x"),
        (JSON, {}),
        (Text, f"text {index}"),
        (Integer, 1),
        (Numeric, 1.0),
    )
    return next(value for kind, value in kinds if isinstance(column.type, kind))


async def fill(store: SqlStore, index: int) -> Ids:
    """Put a row into every table that is a model's."""
    ids: Ids = {}
    async with store.write() as unit:
        for table in OWNED:
            values = {
                column.name: some(column, ids, index)
                for column in table.c
                if not column.nullable and column.identity is None
            }
            made = await unit.session.connection.execute(
                table.insert().values(values).returning(*table.primary_key.columns)
            )
            ids[table.name] = made.one()[0]
    return ids


async def rows(store: SqlStore) -> dict[str, int]:
    async with store.read() as unit:
        connection = unit.session.connection
        return {
            table.name: (
                await connection.execute(select(func.count()).select_from(table))
            ).scalar_one()
            for table in OWNED
        }


def test_every_table_is_somebodys() -> None:
    """A new table belongs to a model in a way that is seen here, or is listed as nobody's."""
    assert [table.name for table in OWNED if table.name != "model" and not owners(table)] == []
    assert {table.name for table in t.metadata.sorted_tables if not owners(table)} <= (
        OF_NOBODY | {"model"}
    )


@pytest.mark.usefixtures("spoils")
async def test_nothing_of_a_deleted_model_remains(store: SqlStore) -> None:
    mine, _ = await fill(store, 1), await fill(store, 2)
    assert set((await rows(store)).values()) == {2}
    async with store.write() as unit:
        await unit.models.hide(mine["model"])
    for _ in range(200):
        async with store.write() as unit:
            if not await unit.models.purge():
                break
    assert await rows(store) == {table.name: 1 for table in OWNED}
