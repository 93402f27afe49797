"""One model's history from its first row until retention has removed it, and beyond."""

import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import text

from app.domain.batch import CountedBatch, Envelope, Findings, PaneCounts
from app.domain.model import WHOLE, Baseline, Model, Settings
from app.domain.retention import Retention
from app.domain.window import PANE
from app.steps.close import Closer
from app.steps.maintain import maintain
from app.store import SqlStore, migrate
from benchmarks import progress
from benchmarks.bench_commit import TEXTS, grids, schema
from benchmarks.intake.cpu import spent

WINDOWS, ROWS, TENTHS, AGAIN = 1_000, 10_000, 10, 500
DRAWS = 40
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
FINAL = 45 * DAY
"""Longer than the run, so that nothing is touched before it ends."""
RETENTION = Retention(panes=45 * DAY)
KEPT = timedelta(days=31)
SERVED = """
select relname, pg_total_relation_size(oid) from pg_class where relkind = 'r'
and relnamespace = 'public'::regnamespace
"""
PLAIN = """
select s.tbl_name, sum(d.pgsize) from dbstat d join sqlite_master s on s.name = d.name
group by s.tbl_name
"""


@dataclass
class Life:
    """Seconds of commits and of portions of retention, and MB of tables at some moments.

    ``computed`` are the processor's seconds of each tenth, those of the server's processes as well.
    """

    commits: list[float] = field(default_factory=list)
    computed: list[float] = field(default_factory=list)
    portions: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass
class World:
    """A store with one model, and the time there."""

    store: SqlStore
    processes: Sequence[int]
    now: datetime = START
    model: Model | None = None
    grid_set: int = 0
    number: int = 0
    panes: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    @property
    def closer(self) -> Closer:
        return Closer(self.store, "/bench", "0")


async def lived(url: str, processes: Sequence[int]) -> Life:
    await migrate(url)
    life = Life()
    world = World(SqlStore(url, clock=lambda: world.now), processes)
    await declare(world)
    await _send(world, life, WINDOWS)
    await _measure(world, life, "at first")
    for age, moment in (
        (FINAL, "hours"),
        (RETENTION.hours, "days, no distributions"),
        (RETENTION.windows, "all gone"),
    ):
        world.now = max(world.now, START + WINDOWS * HOUR + age + 2 * DAY)
        await _retain(world, life)
        await _measure(world, life, moment.replace(",", " and"), shrink=moment != "all gone")
    await _send(world, Life(), AGAIN)
    await _measure(world, life, "half as many again")
    await world.store.close()
    return life


async def declare(world: World) -> None:
    on, draw = grids(), np.random.default_rng(1)
    world.panes = [_drawn(draw, ROWS // 4) for _ in range(DRAWS)]
    cells, counts = _drawn(draw, 100_000)
    reference = np.zeros(on.size, np.int64)
    reference[cells] = counts
    async with world.store.write() as unit:
        settings = Settings(final_after=FINAL, retention=RETENTION)
        world.model, _ = await unit.models.declare("m", settings, schema())
        stored = await unit.models.add_grid_set(world.model.id, on)
        made = Baseline(
            0, "default", stored.number, "f", 100_000, reference, schema(), (), {}, START
        )
        baseline = await unit.models.add_baseline(world.model.id, made)
        await unit.models.activate(world.model.id, baseline.number)
    world.grid_set = stored.id


def _drawn(draw: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells and counts of rows: normal numbers, and texts of which few are frequent."""
    on = grids()
    vector = np.zeros(on.size, np.int64)
    for index, name in enumerate(on.names):
        if index < TEXTS:
            ranks = np.minimum(draw.geometric(0.15, rows), 50) - 1
            vector[on.slice(name)] = on[name].count([f"level {rank}" for rank in ranks]).cells
        else:
            vector[on.slice(name)] = on[name].count(draw.normal(size=rows)).cells
    cells = np.flatnonzero(vector)
    return cells, vector[cells]


async def _send(world: World, life: Life, windows: int) -> None:
    """A batch for every hour; windows are judged and the house is kept meanwhile."""
    begin = world.now.replace(minute=0, second=0)
    before = spent(world.processes)
    for number in range(windows):
        world.now = max(world.now, begin + (number + 1) * HOUR)
        made = batch(world, begin + number * HOUR)
        life.commits.append(await _timed(world.store.commit([made])))
        if number % 10 == 9:
            for due in await world.closer.due():
                await world.closer.close(due)
            await maintain(world.store, KEPT)
        if number % (windows // TENTHS) == windows // TENTHS - 1:
            progress.say(f"storage: {number + 1} windows")
            before, began = spent(world.processes), before
            life.computed.append(before - began)


def batch(world: World, start: datetime) -> CountedBatch:
    if world.model is None:
        raise LookupError("nothing is declared")
    world.number += 1
    panes = tuple(
        PaneCounts(WHOLE, start + i * PANE, ROWS // 4, *world.panes[(4 * world.number + i) % DRAWS])
        for i in range(4)
    )
    key = f"key-{world.number:012}"
    envelope = Envelope(world.model.id, key, bytes(16), "default", "http", True, world.now)
    last = start + HOUR - timedelta(seconds=1)
    return CountedBatch(envelope, world.grid_set, ROWS, panes, Findings(), start, last)


async def _retain(world: World, life: Life) -> None:
    turn: str | None = "begin"
    while turn is not None:
        begun = time.perf_counter()
        async with world.store.write() as unit:
            turn = await unit.upkeep.retain()
        if turn not in (None, "nothing"):
            life.portions.setdefault(str(turn), []).append(time.perf_counter() - begun)
    while (await maintain(world.store, KEPT)).busy:
        pass


async def _timed(work: Awaitable[Any]) -> float:
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


async def _measure(world: World, life: Life, moment: str, *, shrink: bool = False) -> None:
    """Note MB by table. PostgreSQL's are compacted first, to show what they hold."""
    async with world.store.engine.connect() as connection:
        served = connection.dialect.name == "postgresql"
        if served:
            plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await plain.execute(text("set transaction_read_only = off"))
            await plain.execute(text("vacuum full" if shrink else "vacuum"))
        rows = (await connection.execute(text(SERVED if served else PLAIN))).all()
        found = {name: float(size) / 1e6 for name, size in rows}
        if served:
            whole = text("select pg_database_size(current_database())")
        else:
            whole = text("select page_count * page_size from pragma_page_count, pragma_page_size")
        size = float((await connection.execute(whole)).scalar_one()) / 1e6
    life.sizes[moment] = {**found, "all": sum(found.values()), "file": size}
