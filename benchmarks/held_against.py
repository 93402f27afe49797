"""How much room it takes to keep what windows were held against.

Run ``python benchmarks/held_against.py``. A model of 16 numbers and 4 texts, hourly windows of
10,000 rows over fifteen days, on SQLite. Each time one monitor asks about all columns, against the
reference and one kind of other traffic; told is what a window takes in the tables that tell of it.
"""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from app.domain.monitors.monitor import Against, AgainstKind, Monitor
from app.steps.ask import declare_monitor
from app.store import SqlStore, migrate, sqlite_url
from benchmarks.lifetime import HOUR, PLAIN, START, World, batch, declare

WINDOWS = 360
DAY = timedelta(days=1)
KINDS = {
    "no other": (),
    "the window before": (Against(AgainstKind.PREVIOUS),),
    "the same hour a week before": (Against(AgainstKind.SAME_HOUR),),
    "a trailing day": (Against(AgainstKind.TRAILING, span=DAY),),
    "a trailing week": (Against(AgainstKind.TRAILING, span=7 * DAY),),
}
SAID = ("judgement", "verdict", "estimate")


async def sizes(url: str, also: tuple[Against, ...]) -> dict[str, float]:
    """Return the kB of each table a window."""
    await migrate(url)
    world = World(SqlStore(url, clock=lambda: world.now), ())
    await declare(world)
    await declare_monitor(world.store, "/bench", "m", Monitor("default", 0, also=also))
    for number in range(WINDOWS):
        world.now = START + (number + 1) * HOUR
        await world.store.commit([batch(world, START + number * HOUR)])
        for due in await world.closer.due():
            await world.closer.close(due)
    async with world.store.engine.connect() as connection:
        rows = (await connection.execute(text(PLAIN))).all()
    await world.store.close()
    return {name: float(size) / 1e3 / WINDOWS for name, size in rows}


def main() -> None:
    print("| held against | its counts | what is said | counts of windows |\n|---|---:|---:|---:|")
    for name, also in KINDS.items():
        with tempfile.TemporaryDirectory(prefix="leeway-bench-") as folder:
            found = asyncio.run(sizes(sqlite_url(Path(folder)), also))
        said = sum(found[one] for one in SAID)
        shown = found["counterpart"], said, found["revision"]
        print(f"| {name} | {' | '.join(f'{one:.1f} kB' for one in shown)} |", flush=True)


if __name__ == "__main__":
    main()
