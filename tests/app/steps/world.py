"""The use cases joined: a store, the steps, and a client of them that makes rows."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from app.domain.batch import Counted, Repeated, Table
from app.domain.model import Feature, Kind, Role, Schema, Settings
from app.steps.close import Closed, Closer
from app.steps.cut import Cutter
from app.steps.declare import declare_model
from app.steps.ingest import Group, Intake, Posted
from app.steps.register import Registered, register
from app.store import SqlStore
from tests.app.conftest import Hands

HOUR = timedelta(hours=1)
MODEL = "m"
START = datetime(2026, 3, 2, 3, tzinfo=UTC)
SCHEMA = Schema(
    (
        Feature("at", Kind.IGNORED, Role.TIMESTAMP),
        Feature("x", Kind.NUMERIC),
        Feature("c", Kind.CATEGORICAL),
    )
)


def rows(start: datetime, count: int = 400, shift: float = 0.0, seed: int = 1) -> Table:
    """Rows evenly spread over the hour from ``start``; ``shift`` moves the number x."""
    draw = np.random.default_rng(seed)
    times = [start + HOUR * i / count for i in range(count)]
    columns = {
        "at": pl.Series(times, dtype=pl.Datetime("us", "UTC")),
        "x": pl.Series(draw.normal(shift, 1, count)),
        "c": pl.Series(draw.choice(["a", "b", "c"], count)),
    }
    return Table(columns, count)


def keyed(table: Table, key: str | None, version: str | None = None) -> Posted:
    text = "".join(str(column.to_list()) for column in table.columns.values())  # type: ignore[union-attr]
    return Posted(MODEL, table, key, version, "http", hashlib.sha256(text.encode()).digest())


@dataclass
class World:
    """Declared model, uploaded reference, running writer."""

    store: SqlStore
    clock: Hands
    intake: Intake
    closer: Closer
    pool: ThreadPoolExecutor
    cutter: Cutter = field(init=False)

    def __post_init__(self) -> None:
        self.cutter = Cutter(self.store)

    async def declare(self, **settings: object) -> None:
        await declare_model(self.store, MODEL, Settings(**settings), SCHEMA)  # type: ignore[arg-type]

    async def reference(self, seed: int = 7, count: int = 4_000) -> Registered:
        return await register(
            self.store, self.pool, MODEL, rows(START - HOUR, count, 0, seed), None
        )

    async def send(
        self, start: datetime, key: str | None = None, version: str | None = None, **made: object
    ) -> Counted | Repeated:
        table = rows(start, **made)  # type: ignore[arg-type]
        return await self.intake.ingest(keyed(table, key or f"{start}-{made}", version))

    async def cut(self) -> int:
        """Open the windows by rows that have ended; return how many."""
        return sum([await self.cutter.cut(uncut) for uncut in await self.cutter.due()])

    async def close(self) -> list[Closed]:
        """Judge what is due, in order."""
        await self.cut()
        closed = [await self.closer.close(due) for due in await self.closer.due()]
        return [one for one in closed if one is not None]


@contextlib.asynccontextmanager
async def world(store: SqlStore, clock: Hands) -> AsyncIterator[World]:
    group = Group(store, 64_000_000)
    writing = asyncio.create_task(group.run())
    with ThreadPoolExecutor(2) as pool:
        yield World(store, clock, Intake(store, group, pool), Closer(store, "/test", "0"), pool)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
