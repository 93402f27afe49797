"""A backfill from its first listing to its last object, against the database of the service."""

import asyncio
import os
import secrets
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path

from rich.console import Console

from app.backfill import show
from app.backfill.order import AWAY, INTERRUPTED, UNUSABLE, Order, Stop
from app.backfill.place import allowed, own_source, widened
from app.backfill.pool import Pool
from app.backfill.tally import Tally
from app.backfill.under_way import UnderWay
from app.domain.errors import Conflict, Invalid, LeewayError, Unavailable
from app.domain.sources.prefix import Real, scope_of
from app.domain.sources.source import Source
from app.egress import forwarding
from app.ports import Unit
from app.settings import Settings, environment
from app.sources.objects import Buckets, Kinds, Opener
from app.steps.enlist import Enlisted, Enlisting, others_of
from app.steps.take import Taker
from app.store import SqlStore, is_current

AHEAD = 2
"""Objects that each worker has before it, so that none waits for the next claim."""
NO_DATABASE = (
    "there is no database of this version at LEEWAY_DATABASE_URL (or in LEEWAY_DATA_DIR): set it "
    "as for the service, and start that, or run 'leeway migrate', first"
)
RESUME = "Run the same again to go on: what is counted stays counted, and counts once."


def backfill(order: Order, settings: Settings, out: Console, err: Console) -> int:
    """Count a prefix and say what became of it; return the exit status.

    Parameters
    ----------
    order
        What was asked.
    settings
        Of the service: its database, and what it may reach.
    out
        Where the table goes.
    err
        Where progress, refusals and reasons to stop go.
    """
    found, tally = Enlisted(), Tally()
    with show.shown(err, quiet=order.quiet) as shown:
        try:
            _find_database(settings)
            status = asyncio.run(_backfill(order, settings, shown, (found, tally)))
        except Stop as stop:
            shown.note(str(stop), "red")
            status = stop.status
        except LeewayError as error:
            shown.note(error.detail, "red")
            status = AWAY if isinstance(error, Unavailable) else UNUSABLE
        except KeyboardInterrupt:
            status = INTERRUPTED
    for line in show.refusals(tally):
        shown.note(line)
    if status in (AWAY, INTERRUPTED) and found.listed:
        shown.note(RESUME)
    if not order.quiet and found.listed:
        out.print(show.table(order, found, tally))
    return status


async def _backfill(
    order: Order, settings: Settings, shown: show.Shown, so_far: tuple[Enlisted, Tally]
) -> int:
    holder = secrets.token_hex(8)
    async with AsyncExitStack() as stack:
        store = await _opened(settings, stack)
        allow = allowed(order, settings.allow)
        proxy = await stack.enter_async_context(forwarding(allow))
        # asked once of each folder: a link that changes meanwhile changes nothing
        real = cache(os.path.realpath)
        own, others = await _declared(store, order, Kinds(allow), real)
        allow = widened(allow, others)
        pool = await stack.enter_async_context(Pool(store, holder, order.workers, allow, proxy))
        taker = Taker(
            store,
            pool,
            slots=order.workers * (1 + AHEAD),
            large_at_once=order.workers + 1,
            within=[scope_of(source, own, real) for source in (*others, own)],
        )
        stack.push_async_callback(taker.stop)
        run = UnderWay(order, store, own, taker, pool, shown, *so_far)
        buckets = Buckets(Kinds(allow), Opener(environment(), proxy))
        await run.enlist(buckets, Enlisting(store, own, others, order.forgotten, real))
        return await run.count()


def _find_database(settings: Settings) -> None:
    """Refuse a file that is not there, which opening would make."""
    scheme, _, path = settings.url.partition(":///")
    if scheme == "sqlite" and not Path(path).is_file():
        raise Stop(NO_DATABASE)


async def _opened(settings: Settings, stack: AsyncExitStack) -> SqlStore:
    try:
        store = SqlStore(settings.url, row_ids=settings.row_ids)
    except Conflict as error:
        raise Stop(
            f"{error.detail}. A service on SQLite counts a prefix itself, if it is declared as a "
            "source of the model"
        ) from None
    stack.push_async_callback(store.close)
    async with store.read():
        pass
    if not await is_current(store.engine):
        raise Stop(NO_DATABASE)
    return store


async def _declared(
    store: SqlStore, order: Order, kinds: Kinds, real: Real
) -> tuple[Source, list[Source]]:
    """Return our own source, declared, and those of the model that reach the same objects."""
    async with store.read() as unit:
        own = await _own(unit, order)
    try:
        await kinds.check(own)
    except Invalid as error:
        said = "; ".join(fault.detail for fault in error.faults) or error.detail
        raise Stop(f"{order.url}: {said}") from None
    async with store.write() as unit:
        # nobody declares a source of this model meanwhile
        await unit.models.hold(own.model_id)
        own = await _own(unit, order)
        await unit.sources.put(own)
        known = [state.source for state in await unit.sources.all()]
    (own,) = (one for one in known if (one.model_id, one.name) == (own.model_id, own.name))
    return own, others_of(own, known, real)


async def _own(unit: Unit, order: Order) -> Source:
    ground = await unit.models.ground(order.model)
    if ground is None:
        raise Stop(f"there is no model {order.model!r}")
    if ground.active is None:
        raise Stop(
            f"model {order.model!r} has no baseline yet: POST one to "
            f"/v1/models/{order.model}/baselines first"
        )
    known = [one.source for one in await unit.sources.all() if one.source.model == order.model]
    return own_source(order, ground.model, known)
