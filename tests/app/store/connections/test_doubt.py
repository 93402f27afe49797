"""A commit that was sent and not answered: it is durable or not, and the retry knows which."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import make_url

from app.domain.batch import Counted, Repeated
from app.domain.errors import Unavailable
from app.domain.model import Model
from app.store import SqlStore
from app.store.connections import doubt
from tests.app.conftest import Place
from tests.app.store.intake.test_batches import conserved, held
from tests.app.store.made import HOUR, NINE, active, batch, pane
from tests.chaos.proxy import CHUNK, Mode, Pair, Proxy


@dataclass
class Forgetful(Proxy):
    """Loses some commits, or the answers to them, and the connection with them."""

    losses: list[Mode] = field(default_factory=list)

    async def _requests(self, reader: asyncio.StreamReader, pair: Pair) -> None:
        while data := await reader.read(CHUNK):
            if b"COMMIT\0" in data and self.losses:
                if self.losses.pop() is Mode.CUT_BEFORE:
                    pair.cut()
                    return
                pair.doomed = True
            await self._forward(data, pair.server)


@asynccontextmanager
async def through(
    place: Place, kind: type[Forgetful] = Forgetful
) -> AsyncIterator[tuple[SqlStore, Forgetful]]:
    """A store whose connections are forgetful."""
    if not place.is_postgres:
        pytest.skip("SQLite has no connections to break, and so tries once")
    url = make_url(place.url)
    assert url.port is not None
    proxy = kind(url.port, random.Random(1))
    front = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = front.sockets[0].getsockname()[1]
    store = SqlStore(url.set(port=port).render_as_string(hide_password=False), clock=place.clock)
    try:
        yield store, proxy
    finally:
        await store.close()
        front.close()


@pytest.mark.parametrize("loss", [Mode.CUT_AFTER, Mode.CUT_BEFORE])
async def test_repeats_are_tallied_once_whether_their_commit_was_durable_or_not(
    store: SqlStore, model: Model, place: Place, loss: Mode
) -> None:
    sent = batch(model, await active(store, model))
    await store.commit([sent])
    later = sent.envelope.received_at + timedelta(seconds=3)
    again = replace(sent, envelope=replace(sent.envelope, received_at=later))
    async with through(place) as (broken, proxy):
        proxy.losses.append(loss)
        (outcome,) = await broken.commit([again])
        assert not proxy.losses
    assert isinstance(outcome, Repeated)
    assert await conserved(store) == {
        "received": 20, "counted": 10, "duplicate": 10, "late": 0, "rejected": 0,
    }  # fmt: skip


@pytest.mark.parametrize("loss", [Mode.CUT_AFTER, Mode.CUT_BEFORE])
async def test_new_batches_are_counted_once_and_said_to_be(
    store: SqlStore, model: Model, place: Place, loss: Mode
) -> None:
    grid_set = await active(store, model)
    old, new = batch(model, grid_set), batch(model, grid_set, "k2", pane(NINE + HOUR, 7))
    await store.commit([old])
    async with through(place) as (broken, proxy):
        proxy.losses.append(loss)
        outcome = (await broken.commit([new, new]))[0]
        assert not proxy.losses
    assert isinstance(outcome, Counted)
    assert await held(store, model) == 17
    assert await conserved(store) == {
        "received": 24, "counted": 17, "duplicate": 7, "late": 0, "rejected": 0,
    }  # fmt: skip


async def test_a_commit_that_is_under_way_is_waited_for(place: Place) -> None:
    if not place.is_postgres:
        pytest.skip("SQLite has no connections to break, and so tries once")
    with psycopg.connect(place.url) as first, psycopg.connect(place.url) as second:

        def begun() -> str:
            row = first.execute("select pg_current_xact_id()::text").fetchone()
            assert row is not None
            return str(row[0])

        for end, durable in ((first.commit, True), (first.rollback, False)):
            asked = asyncio.to_thread(doubt.was_committed, second, begun(), lambda: None)
            answer = asyncio.create_task(asked)
            assert not (await asyncio.wait({answer}, timeout=0.2))[0]
            end()
            assert await answer is durable
            second.rollback()
        given_up = threading.Event()

        def go_on() -> None:
            if given_up.is_set():
                raise Unavailable("given up")

        answer = asyncio.create_task(asyncio.to_thread(doubt.was_committed, second, begun(), go_on))
        given_up.set()
        with pytest.raises(Unavailable):
            await answer


async def test_a_transaction_that_a_crash_took_was_not_committed(place: Place) -> None:
    """Its number is given to another one later."""
    if not place.is_postgres:
        pytest.skip("SQLite has no connections to break, and so tries once")
    with psycopg.connect(place.url) as connection:
        assert not doubt.was_committed(connection, str(1 << 40), lambda: None)
