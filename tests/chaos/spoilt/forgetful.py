"""A service whose receipts and runs are not unique: what comes again counts and is asked again."""

import secrets
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

import app.main
import app.steps.ask_retraining
import app.steps.settle
from app.domain.model import Model
from app.domain.retrainings.policy import Held, Wish
from app.domain.retrainings.retraining import Origin
from app.ports import Unit
from app.steps.ask_retraining import Asked, Retrainer
from app.store import Migrated, migrate
from app.store.connections.engine import parse
from tests.e2e.nursery import serve_children


async def migrate_and_spoil(url: str) -> Migrated | None:
    changed = await migrate(url)
    engine = create_async_engine(parse(url))
    async with engine.begin() as connection:
        await connection.execute(text("alter table receipt drop constraint if exists pk_receipt"))
        await connection.execute(text("drop index if exists uq_retraining_in_flight"))
    await engine.dispose()
    return changed


class Eager(Retrainer):
    """Asks for an episode under a name that it draws, and is not sure that it has asked."""

    async def ask(self, unit: Unit, model: Model, wish: Wish, origin: Origin) -> Asked | Held:
        for _ in range(2):
            drawn = replace(wish, episode=f"{wish.episode}/{secrets.token_hex(4)}")
            asked = await super().ask(unit, model, drawn, origin)
        return asked


def never(*_: object) -> None:
    """Nothing is in the way."""


if __name__ == "__main__":
    app.main.migrate = migrate_and_spoil  # type: ignore[attr-defined]
    app.steps.settle.Retrainer = Eager  # type: ignore[misc]
    app.steps.ask_retraining.held = never  # type: ignore[assignment]
    serve_children()
