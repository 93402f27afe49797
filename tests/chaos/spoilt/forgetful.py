"""A service whose receipts are not unique: what is sent again counts again."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

import app.main
from app.store import migrate
from app.store.engine import parse
from tests.e2e.nursery import serve_children


async def migrate_and_spoil(url: str) -> bool:
    changed = await migrate(url)
    engine = create_async_engine(parse(url))
    async with engine.begin() as connection:
        await connection.execute(text("alter table receipt drop constraint if exists pk_receipt"))
    await engine.dispose()
    return changed


if __name__ == "__main__":
    app.main.migrate = migrate_and_spoil  # type: ignore[attr-defined]
    serve_children()
