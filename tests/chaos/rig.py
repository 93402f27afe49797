"""What a run consists of: its settings, and every process of it, started and ended together."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.alerts.signature import write_secret
from tests import seaweed
from tests.chaos.children import Child, Link, Receiver
from tests.chaos.clock import Clock, build_clock
from tests.chaos.database import Database, Postgres, Sqlite
from tests.chaos.disk import Disk
from tests.chaos.faults import WEIGHTS
from tests.chaos.objects import Objects
from tests.chaos.plan import PANE, Shape
from tests.chaos.replica import Replica
from tests.e2e.server import free_port

KEEP = "keep"
"""A file of this name in a run's folder keeps the folder."""
DAYS_BACK = 12
"""Event time begins so long ago: windows must not reach the future before a run ends."""


@dataclass(frozen=True, slots=True)
class Floors:
    """Fewer than these, and a success would mean nothing."""

    kills: int = 0
    restarts: int = 0
    strikes: int = 0
    acknowledged: int = 0
    retries: int = 0
    duplicates: int = 0
    deliveries: int = 0
    retrainings: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """The settings of a run; all that is drawn is drawn from ``seed``."""

    seed: int
    seconds: float
    """How long faults strike."""
    longest: float
    """The same, where less has happened by then than ``floors`` ask for."""
    sqlite: bool = False
    replicas: int = 2
    models: int = 8
    levels: int = 64
    workers: int = 64
    rate: float = 300.0
    """Batches begun in a second, at most."""
    faults: float = 0.85
    """Faults drawn in a second, on average."""
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    megabytes: int = 2_000
    """Size of the database's disk."""
    objects: float = 0.0
    """Share of batches that come as objects of an S3 server."""
    look_every: float = 60.0
    """Seconds between looks at the database in the middle of the storm."""
    spoilt: str | None = None
    """A module of ``tests.chaos.spoilt`` that serves in place of the service."""
    floors: Floors = Floors()

    def shape(self, forms: tuple[str, ...]) -> Shape:
        day = int(time.time()) // 86_400 - DAYS_BACK
        origin = day * 86_400 // PANE * PANE
        return Shape(self.seed, origin, self.models, self.levels, forms, self.objects)


@dataclass
class Stage:
    """Every process of a run, and the links between them."""

    run: Run
    folder: Path
    database: Database
    replicas: list[Replica]
    receiver: Receiver
    fronts: list[Link]
    """Client to replica."""
    backs: list[Link]
    """Replica to database."""
    hook: Link
    """Replica to receiver."""
    clock: Clock | None
    """Of the last replica."""
    objects: Objects | None = None
    store: Link | None = None
    """Replica to object storage."""

    @property
    def sent(self) -> Path:
        """The client's log."""
        return self.folder / "sent.jsonl"

    @property
    def links(self) -> list[Link]:
        stores = [self.store] if self.store else []
        return [*self.fronts, *self.backs, self.hook, *stores]

    @property
    def children(self) -> list[Child]:
        """All that is started and watched."""
        objects = [self.objects] if self.objects else []
        return [*self.links, self.receiver, *objects, *self.replicas]


@asynccontextmanager
async def raised(run: Run) -> AsyncIterator[Stage]:
    """Start everything, and end it by process id."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(scratch())
        disk = Disk(folder / "disk", run.megabytes)
        stack.callback(disk.close)
        database: Database
        if run.sqlite:
            database = Sqlite(disk)
        else:
            database = Postgres(disk, free_port(), folder / "postgres.log")
        stack.push_async_callback(database.close)
        await database.start()
        stage = _stage(run, folder, database)
        for child in stage.children:
            stack.push_async_callback(child.close)
        await asyncio.gather(*(child.start() for child in stage.children))
        for child in stage.children:
            child.watch()
        database.watch()
        yield stage


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a folder for logs and data; what is in it stays where the run itself has failed."""
    folder = Path(tempfile.mkdtemp(prefix="leeway-chaos-"))
    folder.chmod(0o755)  # PostgreSQL runs as somebody else where we are root
    yield folder
    if not (folder / KEEP).exists():
        shutil.rmtree(folder, ignore_errors=True)


def _stage(run: Run, folder: Path, database: Database) -> Stage:
    def link(name: str, upstream: int) -> Link:
        return Link(name, (free_port(), upstream), run.seed, folder / f"{name}.log")

    clock = None if run.sqlite else build_clock(folder)
    objects = Objects(folder / "objects", folder / "objects.log") if run.objects else None
    store = link("store", objects.port) if objects else None
    fronts, backs, replicas = [], [], []
    for number in range(1 if run.sqlite else run.replicas):
        place = folder / f"replica-{number}"
        place.mkdir()
        url = database.url() if isinstance(database, Sqlite) else ""
        if isinstance(database, Postgres):
            backs.append(link(f"back-{number}", database.port))
            url = database.url(backs[-1].port)
        env = {
            "LEEWAY_DATABASE_URL": url,
            "LEEWAY_ALLOW": "127.0.0.1",
            "LEEWAY_LOG_LEVEL": "warning",
            "HOOK_SECRET": write_secret(b"s" * 32),
            **seaweed.SECRETS,
        }
        if clock is not None and number == run.replicas - 1:
            env |= clock.environment
        replica = Replica(f"replica-{number}", free_port(), place, env, run.spoilt)
        replicas.append(replica)
        fronts.append(link(f"front-{number}", replica.port))
    receiver = Receiver(free_port(), folder, [front.url for front in fronts])
    hook = link("hook", receiver.port)
    parts = (replicas, receiver, fronts, backs, hook, clock, objects, store)
    return Stage(run, folder, database, *parts)
