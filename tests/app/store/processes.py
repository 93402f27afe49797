"""What tests of the store run in processes of their own, so that they can be killed.

A fork server imports everything once; each process is then a fork of it, ready at once.
"""

import asyncio
import multiprocessing
import time
from datetime import timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Event

from app.store import SqlStore, migrate
from tests.app.store.made import NOW

CONTEXT: ForkServerContext = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.app.store.processes"])
PATIENCE = 60.0


def migrating(url: str, ready: Event) -> None:
    """Migrate and exit with 1 where that changed something."""
    ready.set()
    raise SystemExit(int(asyncio.run(migrate(url)) is not None))


def retaining(url: str, ready: Event) -> None:
    """Make history of long ago coarser and remove it, a portion after the other, until killed."""

    async def work() -> None:
        store = SqlStore(url, clock=lambda: NOW + timedelta(days=15))
        turn: str | None = "begin"
        while turn is not None:
            async with store.write() as unit:
                turn = await unit.upkeep.retain()
            ready.set()
        await store.close()

    asyncio.run(work())


def holding(url: str, ready: Event) -> None:
    """Hold the database's lock until killed."""
    store = SqlStore(url)
    ready.set()
    time.sleep(PATIENCE)
    del store


def start(target: object, url: str) -> ForkServerProcess:
    """Start one of the above and wait until it is ready."""
    ready = CONTEXT.Event()
    process = CONTEXT.Process(target=target, args=(url, ready))  # type: ignore[arg-type]
    process.start()
    assert ready.wait(PATIENCE)
    return process


def killed(process: ForkServerProcess) -> None:
    process.kill()
    process.join(PATIENCE)
    process.close()
