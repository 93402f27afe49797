"""A source in memory: a real store of obstore's, a watcher and takers over it."""

import gzip
import io
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import obstore
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from obstore.store import MemoryStore, ObjectStore, S3Store

from app.domain.batch import Table
from app.domain.rejection import RejectionQuery, StoredRejection
from app.domain.sources.source import Listed, ObjectState, Source
from app.egress import parse_allow
from app.ports.sources import Piece, Reading, SourceState, StoredObject
from app.sources.formats import Limits
from app.sources.objects import Buckets, Kinds, parquet
from app.sources.objects.reading import fetch_all
from app.steps.take import Taken, Taker
from app.steps.tallying import Tallying
from app.steps.watch import Watcher
from app.store import SqlStore
from tests.app.conftest import Hands
from tests.app.steps.world import MODEL, START, World, rows

NAME = "logs"
URL = "s3://bucket/logs"


@dataclass
class OneStore:
    """Opens the same store for every source."""

    store: ObjectStore

    def open(self, _: Source) -> ObjectStore:
        return self.store


@dataclass
class Bucket:
    """A model's source over a store in memory."""

    world: World
    files: ObjectStore
    watcher: Watcher
    takers: list[Taker] = field(default_factory=list)

    @property
    def store(self) -> SqlStore:
        return self.world.store

    @property
    def clock(self) -> Hands:
        return self.world.clock

    def taker(self, holder: str = "one", **options: object) -> Taker:
        stage = options.pop("stage_bytes", 64_000_000)
        buckets = options.pop("buckets", self.watcher.buckets)
        tallying = Tallying(self.store, buckets, self.world.pool, holder, stage)  # type: ignore[arg-type]
        made = Taker(self.store, tallying, jitter=lambda: 0.0, **options)  # type: ignore[arg-type]
        self.takers.append(made)
        return made

    async def declare(self, **options: object) -> None:
        async with self.store.write() as unit:
            model = await unit.models.find(MODEL)
            assert model is not None
            source = Source(model.id, MODEL, NAME, URL)
            await unit.sources.put(replace(source, **options))  # type: ignore[arg-type]

    def put(self, key: str, body: bytes) -> None:
        obstore.put(self.files, f"logs/{key}", body)

    async def look(self) -> int:
        """List the source now; how many objects are new."""
        self.clock.forward(timedelta(minutes=2))
        looked = await self.watcher.once()
        assert looked is not None
        assert looked.error is None
        return looked.added

    async def take(self, taker: Taker | None = None) -> list[Taken]:
        """Take all that is due."""
        taker = taker or self.taker()
        taken: list[Taken] = []
        while (found := await taker.once()) or taker.busy:
            taken += found
        return taken

    async def state(self) -> SourceState:
        async with self.store.read() as unit:
            model = await unit.models.find(MODEL)
            assert model is not None
            found = await unit.sources.get(model.id, NAME)
        assert found is not None
        return found

    async def objects(self, state: ObjectState | None = None) -> list[StoredObject]:
        known = await self.state()
        async with self.store.read() as unit:
            return list(await unit.objects.page(known.source.id, state, 0, 10_000))

    async def rejections(self) -> list[StoredRejection]:
        async with self.store.read() as unit:
            model = await unit.models.find(MODEL)
            assert model is not None
            return list(await unit.rejections.page(RejectionQuery(model.id), None, 99))

    async def counted(self) -> int:
        """Rows that the model's panes hold."""
        return (await self.tallies())["counted"]

    async def tallies(self) -> dict[str, int]:
        """The sums of the model's counters; received is always what became of it."""
        async with self.store.read() as unit:
            sums = [one for one in await unit.views.tallies() if one.model == MODEL]
        names = ("received", "counted", "duplicate", "late", "rejected")
        found = {name: sum(getattr(one, name) for one in sums) for name in names}
        assert found["received"] == sum(found[name] for name in names[1:])
        return found


@asynccontextmanager
async def bucket(world: World, *, baseline: bool = True) -> AsyncIterator[Bucket]:
    """A model with a reference and a source over an empty store."""
    await world.declare()
    if baseline:
        await world.reference()
    files = MemoryStore()
    made = Bucket(world, files, Watcher(world.store, over(files), "one"))
    await made.declare()
    yield made
    for taker in made.takers:
        await taker.stop()


@dataclass
class Breaking:
    """Reads large objects as the real one does, notes the parts, and breaks after some."""

    buckets: Buckets
    read: list[int]
    after: int | None = None

    async def open(self, source: Source, listed: Listed) -> "Breaking":
        self.file = await fetch_all(await self._store(source), listed)
        return self

    async def _store(self, source: Source) -> ObjectStore:
        return self.buckets._store(source)

    def pieces(self, parts: int) -> Iterator[Piece]:
        for piece in parquet.pieces(self.file, parts, Limits()):
            if self.after is not None and len(self.read) >= self.after:
                raise RuntimeError("the power failed")
            yield piece
            if piece.parts is not None:
                self.read.append(piece.parts)


@dataclass
class BreakingAt:
    """Breaks in a way that nobody foresaw at one object."""

    key: str
    buckets: Buckets

    async def open(self, source: Source, listed: Listed) -> Reading:
        if listed.key == self.key:
            raise RuntimeError("odd")
        return await self.buckets.open(source, listed)


def over(files: ObjectStore) -> Buckets:
    """Every source has its objects in this store."""
    return Buckets(Kinds(parse_allow("")), OneStore(files))  # type: ignore[arg-type]


def away() -> ObjectStore:
    """A store behind an address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return S3Store(
        "bucket",
        endpoint=f"http://127.0.0.1:{port}",
        region="us-east-1",
        skip_signature=True,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )


def frame(table: Table) -> pl.DataFrame:
    return pl.DataFrame(dict(table.columns))


def some(count: int = 40, seed: int = 1) -> pl.DataFrame:
    """Rows of the model of this world."""
    return frame(rows(START, count, seed=seed))


def as_ndjson(found: pl.DataFrame) -> bytes:
    return (
        found.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        .write_ndjson()
        .encode()
    )


def as_json(found: pl.DataFrame) -> bytes:
    return json.dumps([json.loads(line) for line in as_ndjson(found).splitlines()]).encode()


def as_csv(found: pl.DataFrame) -> bytes:
    return (
        found.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")).write_csv().encode()
    )


def as_parquet(found: pl.DataFrame, group: int | None = None) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(found.to_arrow()), out, row_group_size=group or max(1, found.height))
    return out.getvalue()


def as_arrow(found: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    found.write_ipc(out)
    return out.getvalue()


def packed(body: bytes) -> bytes:
    return gzip.compress(body)
