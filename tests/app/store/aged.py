"""History that ages in a test: what is kept how long, time that passes, and what is there."""

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import func, select

from app.domain.batch import Counted, PaneCounts, Repeated
from app.domain.model import Model
from app.domain.retention import Grain, Retention
from app.domain.verdicts.judgement import WindowKey, WindowRow
from app.domain.window import PANE
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Hands
from tests.app.store.made import active, batch, pane

DAY = timedelta(days=1)
RETENTION = Retention(
    panes=3 * DAY, hours=10 * DAY, distributions=10 * DAY, days=20 * DAY, windows=30 * DAY
)
FINAL = timedelta(days=2)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


async def send(store: SqlStore, model: Model, key: str, *panes: PaneCounts) -> Counted | Repeated:
    (outcome,) = await store.commit([batch(model, await active(store, model), key, *panes)])
    assert isinstance(outcome, Counted | Repeated)
    return outcome


async def retain(store: SqlStore) -> set[str]:
    """Work until nothing is due; the kinds of work that were done."""
    done: set[str] = set()
    for _ in range(500):
        async with store.write() as unit:
            turn = await unit.upkeep.retain()
        if turn is None:
            return done - {"nothing"}
        done.add(turn)
    raise AssertionError("retention comes to no end")


async def later(store: SqlStore, clock: Hands, span: timedelta) -> set[str]:
    clock.forward(span)
    return await retain(store)


async def grains(store: SqlStore) -> dict[Grain, int]:
    """Rows that are held in sums of each grain."""
    d = t.delta.c
    async with store.read() as unit:
        query = select(d.minutes, func.sum(d.rows).label("held")).group_by(d.minutes)
        rows = (await unit.session.connection.execute(query)).all()
    return {Grain(row.minutes): int(row.held) for row in rows}


async def held(store: SqlStore, model: Model, start: datetime, end: datetime) -> np.ndarray | None:
    async with store.read() as unit:
        key = WindowKey(model.id, "default", "", "default", start)
        gathered = await unit.windows.gather(WindowRow(0, key, end, None, 0))
    return gathered.vector


async def straddled(store: SqlStore, model: Model, start: datetime, end: datetime) -> bool:
    async with store.read() as unit:
        key = WindowKey(model.id, "default", "", "default", start)
        return await unit.windows.straddled(WindowRow(0, key, end, None, 0))


def hours_of(start: datetime, hours: int) -> list[PaneCounts]:
    """Three rows in every pane."""
    return [pane(start + i * PANE, 3, i) for i in range(4 * hours)]
