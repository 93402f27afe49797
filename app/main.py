"""The composition root: the only file that knows every other part of the service."""

import asyncio
import gc
import math
import resource
import secrets
import signal
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

import structlog
import uvicorn
from fastapi import FastAPI

import drift_core.kernels
from app.address import listen_on, url_of
from app.allocating import keep_freed
from app.api.application import http_app
from app.api.edge.auth import digest
from app.api.edge.doorkeeper import UNLIMITED, Doorkeeper
from app.api.edge.patience import Patience
from app.api.edge.protocol import ProblemProtocol
from app.api.gate import Gate
from app.api.state import Api, BodyLimits, Budget
from app.dashboard.pages import furnish, install
from app.dashboard.place import Dashboard
from app.domain.errors import LeewayError
from app.domain.rows import siphash
from app.egress import forwarding, guarded_client, parse_allow
from app.metrics import Exposition
from app.metrics.neighbours import Neighbours, Render
from app.ports.targets import Asker
from app.settings import Settings, environment, own_names
from app.sources.formats import scan
from app.sources.objects import Buckets, Kinds, Opener
from app.steps.ask_retraining import Retrainer
from app.steps.close import Closer
from app.steps.cut import Cutter
from app.steps.deliver import Deliverer
from app.steps.ingest import Group, Intake
from app.steps.lanes import Lanes
from app.steps.retrain import hear_delivery
from app.steps.take import Taker
from app.steps.tallying import Tallying
from app.steps.watch import Watcher
from app.steps.watch_retrainings import RetrainingWatch
from app.steps.watch_traffic import TrafficWatch
from app.store import Migrated, SqlStore, is_current, migrate
from app.store.counts import encoding
from app.targets import TARGETS, Reach, RegistrySender, Secrets, TargetKinds
from app.watching import Watching, retraining_loop, traffic_loop
from app.workers import Workers

CODE_VERSION = version("leeway")
USER_AGENT = f"leeway/{CODE_VERSION}"
DRAIN_SECONDS = 8
"""For requests in flight; intake is answered in five, whatever the database does."""
WRITER_SECONDS = 2
TAKING = 1 / 3
"""Of the time for a request, that in which some of its answer must be taken."""
UPLOADS = 4
"""Of the largest size, that may lie on disk at a time."""
OTHER_FILES = 200
"""Open files that are no client's connection."""
SOURCE_THREADS = 2
YOUNG = 50_000
"""Objects that are made before the collector looks at them: at its own 700 it looks at a group's
rows several times while they are counted, which takes a tenth of a small request."""

log = structlog.get_logger("leeway")


def utc_now() -> datetime:
    """Return the present time; the clock of everything that the database's clock does not rule."""
    return datetime.now(UTC)


def warm_up() -> None:
    """Load every compiled kernel, so that no request waits for a compiler."""
    drift_core.kernels.warm_up()
    scan.warm_up()
    encoding.warm_up()
    siphash.warm_up()


@dataclass
class Service:
    """All that lives while the process serves."""

    store: SqlStore
    group: Group
    workers: Workers
    pool: Lanes
    writing: "asyncio.Task[None]"
    taker: Taker
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    migrated: bool = False

    async def stop(self) -> None:
        """End loops and writer at once; by now every request was answered or given up."""
        self.draining.set()
        await asyncio.gather(self._stop_working(), self._stop_writing())

    async def _stop_working(self) -> None:
        await self.workers.stop()
        await self.taker.stop()

    async def _stop_writing(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.group.drained(), WRITER_SECONDS)
        self.writing.cancel()
        await asyncio.gather(self.writing, return_exceptions=True)

    async def ready(self) -> Mapping[str, bool]:
        """Answer each check of readiness by name."""
        checks = {f"loop_{loop.name}": loop.alive for loop in self.workers.loops} | {
            "writer": not self.writing.done(),
            "accepting": not self.draining.is_set(),
        }
        try:
            async with self.store.read():
                checks["database"] = True
            self.migrated = self.migrated or await is_current(self.store.engine)
        except LeewayError:
            checks["database"] = False
        return checks | {"migrations": self.migrated}


def create_app(
    settings: Settings,
    variables: Mapping[str, str] | None = None,
    refused: Counter[tuple[str, int]] | None = None,
    neighbours: Neighbours | None = None,
) -> FastAPI:
    """Return the application; nothing is opened before its lifespan begins.

    ``variables`` is where ``env:NAME`` secrets are read; the process environment by default.
    ``refused`` counts refused requests, those of the server among them where it knows it.
    ``neighbours`` are the other processes behind the same address.
    """
    known = environment() if variables is None else variables
    counted = Counter[tuple[str, int]]() if refused is None else refused

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with serving(settings, known, counted, neighbours) as (service, api):
            app.state.api = api
            app.state.service = service
            furnish(app, Dashboard(service.store, CODE_VERSION, bool(settings.api_keys)))
            yield

    app = http_app(CODE_VERSION, lifespan, settings.root_path)
    install(app)
    return app


@asynccontextmanager
async def serving(
    settings: Settings,
    variables: Mapping[str, str],
    refused: Counter[tuple[str, int]],
    neighbours: Neighbours | None = None,
) -> AsyncIterator[tuple[Service, Api]]:
    """Open everything in order, and close it in the reverse of it."""
    await asyncio.to_thread(warm_up)
    async with AsyncExitStack() as stack:
        store = SqlStore(settings.url, row_ids=settings.row_ids)
        stack.push_async_callback(store.close)
        await migrate(settings.url)  # only now: nobody changes tables under another process
        pool = Lanes(settings.threads)
        stack.callback(pool.shutdown)
        allow = parse_allow(settings.allow)
        client = await stack.enter_async_context(guarded_client(allow, user_agent=USER_AGENT))
        reach = Reach(client, Secrets(variables), public_url=settings.public_url)
        closer = Closer(store, settings.event_source, CODE_VERSION)
        sender = RegistrySender(TARGETS, reach)
        deliverer = Deliverer(store, sender, tell=partial(hear_delivery, settings.event_source))
        retrainer = Retrainer(settings.event_source)
        opener = Opener(variables, await stack.enter_async_context(forwarding(allow)))
        taker, watching = _watching(store, Buckets(Kinds(allow), opener), stack)
        workers = Workers(
            store,
            Cutter(store),
            closer,
            deliverer,
            utc_now,
            settings.receipts_kept,
            (
                *watching.loops(),
                traffic_loop(TrafficWatch(store, settings.event_source), utc_now),
                retraining_loop(RetrainingWatch(store, retrainer, sender), utc_now),
            ),
        )
        group = Group(store, settings.queue_limit)
        writing = asyncio.create_task(group.run(), name="writer")
        service = Service(store, group, workers, pool, writing, taker)
        stack.push_async_callback(service.stop)
        workers.start()
        kinds = TargetKinds(TARGETS, allow), sender, Kinds(allow)
        shown = settings.metrics_features
        series = Exposition(store, CODE_VERSION, refused, features=shown)
        render: Render = series.render
        if neighbours is not None:
            render = await stack.enter_async_context(neighbours.sharing(series))
        yield service, _api(settings, service, *kinds, series, render)


def _watching(store: SqlStore, buckets: Buckets, stack: AsyncExitStack) -> tuple[Taker, Watching]:
    """Return what reads object storage; its threads wait for the network, so they are its own."""
    pool = ThreadPoolExecutor(SOURCE_THREADS, thread_name_prefix="sources")
    stack.callback(pool.shutdown, wait=False, cancel_futures=True)
    holder = secrets.token_hex(8)
    taker = Taker(store, Tallying(store, buckets, pool, holder))
    return taker, Watching(Watcher(store, buckets, holder), taker, utc_now)


def _api(
    settings: Settings,
    service: Service,
    kinds: TargetKinds,
    asker: Asker,
    sources: Kinds,
    series: Exposition,
    render: Render,
) -> Api:
    return Api(
        store=service.store,
        intake=Intake(service.store, service.group, service.pool),
        targets=kinds,
        asker=asker,
        sources=sources,
        pool=service.pool,
        metrics=render,
        requests=series.requests,
        ready=service.ready,
        draining=service.draining.is_set,
        refused=series.refused,
        limits=BodyLimits(
            rows=settings.body_limit,
            columnar=settings.columnar_body_limit,
            rows_inflated=settings.inflated_limit,
            columnar_inflated=settings.columnar_inflated_limit,
            baseline=settings.baseline_body_limit,
            baseline_columnar=settings.columnar_baseline_limit,
            baseline_inflated=settings.baseline_inflated_limit,
        ),
        budget=Budget(settings.queue_limit * 2),
        uploads=settings.upload_dir,
        room=Budget(settings.columnar_baseline_limit * UPLOADS),
        gate=Gate(settings.decoding_limit),
        keys=tuple(digest(key.get_secret_value()) for key in settings.api_keys),
        hosts=own_names(settings),
        event_source=settings.event_source,
        code_version=CODE_VERSION,
    )


class Server(uvicorn.Server):
    """uvicorn, which also tells the application at once that it is asked to stop."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            for listener in sockets or ():
                log.info("listening", url=url_of(listener))
        # what is there by now stays; a full collection would stop everything to look at it again
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG)

    def handle_exit(self, sig: int, frame: object) -> None:
        service: Service | None = getattr(self.config.app.state, "service", None)  # type: ignore[union-attr]
        if service is not None:
            service.draining.set()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]


def make_server(
    settings: Settings,
    variables: Mapping[str, str] | None = None,
    neighbours: Neighbours | None = None,
) -> Server:
    """Return a server for ``settings``; its ``serve`` runs until it is told to stop."""
    return Server(server_config(settings, variables, neighbours))


def server_config(
    settings: Settings,
    variables: Mapping[str, str] | None = None,
    neighbours: Neighbours | None = None,
) -> uvicorn.Config:
    """Return how uvicorn is to serve the application."""
    patience = Patience(
        head=settings.head_timeout,
        request=settings.request_timeout,
        steady=settings.upload_rate,
        answer=settings.request_timeout * TAKING,
    )
    refused = Counter[tuple[str, int]]()
    app = create_app(settings, variables, refused, neighbours)
    most = settings.connections_per_address, connections_in_all()
    keeper = Doorkeeper(patience, *most, refused)
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=math.ceil(patience.idle),
        h11_max_incomplete_event_size=64_000,
        http=partial(ProblemProtocol, keeper=keeper),  # type: ignore[arg-type]  # only called
        ws="none",
        lifespan="on",
    )


def connections_in_all() -> int:
    """Return how many connections leave enough open files to databases, uploads and targets."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return UNLIMITED if most == resource.RLIM_INFINITY else max(most - OTHER_FILES, most // 2)


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; return the exit status, 0 for an end that was asked for."""
    return run(settings, make_server(settings), lambda: [listen_on(settings)])


def run(settings: Settings, server: Server, listen: Callable[[], list[socket.socket]]) -> int:
    """Run a server on what ``listen`` opens, once the database is ready; return as `serve` does."""
    if not settings.api_keys:
        log.warning("open", detail="no API keys are set: whoever reaches this address may write")
    keep_freed(environment())
    # uvicorn raises the signal again when all is done; ending on request is no failure
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(prepare(settings))
        server.run(sockets=listen())
    except LeewayError as error:
        log.error("cannot_start", detail=error.detail)  # noqa: TRY400  not where, but what
        return 1
    except KeyboardInterrupt:
        return 0
    return 0 if server.started else 1


async def prepare(settings: Settings) -> Migrated | None:
    """Open and migrate the database once, so that what is wrong with it is said in one line.

    Returns what that changed; None where there was nothing to do.
    """
    store = SqlStore(settings.url)
    try:
        return await migrate(settings.url)
    finally:
        await store.close()
