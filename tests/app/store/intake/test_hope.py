"""A group written on what is remembered: true in one flight, and harmless where it is not so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import make_url

from app.domain.batch import Counted, CountedBatch, Recount, Repeated, Reused
from app.domain.model import Model, Settings
from app.store import SqlStore
from app.store.intake.hope import hope_for
from app.store.transactions.cache import Cache
from app.store.transactions.ledger import Ledger
from app.store.transactions.memory import MOST, RECENT, WARY, Memory
from app.store.transactions.placing import Admitted, Known, Slot
from tests.app.conftest import Place
from tests.app.store.connections.test_doubt import Forgetful, through
from tests.app.store.intake.test_batches import conserved, held
from tests.app.store.made import (
    GRIDS,
    HOUR,
    NINE,
    NOW,
    OTHER_GRIDS,
    SCHEMA,
    active,
    batch,
    close_all,
    pane,
    reference,
)
from tests.chaos.proxy import CHUNK, Mode, Pair


@asynccontextmanager
async def other(place: Place) -> AsyncIterator[SqlStore]:
    """Another replica on the same database."""
    if not place.is_postgres:
        pytest.skip("on SQLite nothing is remembered: there are no flights")
    made = SqlStore(place.url, clock=place.clock)
    try:
        yield made
    finally:
        await made.close()


async def warmed(store: SqlStore, model: Model) -> int:
    """Commit until the window is known to be open; the id of the grid set."""
    grid_set = await active(store, model)
    for key in ("warm", "warmer"):
        await store.commit([batch(model, grid_set, key)])
    return grid_set


def hopeful(store: SqlStore, *group: CountedBatch) -> bool:
    ledger = Ledger(_Nothing(), lambda: NOW, store._cache)  # type: ignore[arg-type]
    return hope_for(group, store._cache.memory, ledger) is not None


class _Nothing:
    """A connection that nobody uses."""

    class dialect:  # noqa: N801  SQLAlchemy's name
        name = "postgresql"


async def test_what_is_remembered_is_hoped_for_and_counted(
    store: SqlStore, model: Model, place: Place
) -> None:
    async with other(place):
        grid_set = await warmed(store, model)
        new = [batch(model, grid_set, key, pane(NINE, 10, seed)) for seed, key in enumerate("kl")]
        assert hopeful(store, *new)
        outcomes = await store.commit(new)
        assert [type(o) for o in outcomes] == [Counted, Counted]
        async with store.read() as unit:
            kept = [await unit.batches.receipt(model.id, key) for key in "kl"]
        assert [o.receipt for o in outcomes if isinstance(o, Counted)] == kept
    assert await held(store, model) == 40
    assert (await conserved(store))["counted"] == 40


async def test_what_is_not_all_new_and_known_is_not_hoped_for(
    store: SqlStore, model: Model, place: Place
) -> None:
    async with other(place):
        grid_set = await active(store, model)
        first = batch(model, grid_set, "k")
        assert not hopeful(store, first)
        await warmed(store, model)
        assert hopeful(store, first)
        later = replace(first.envelope, declared_at=NOW + HOUR)
        for group in (
            [first, first],
            [batch(model, grid_set + 1, "k")],
            [replace(first, envelope=later)],
            [batch(model, grid_set, "k", pane(NINE + HOUR))],
            [batch(model, grid_set, "k", version="unknown")],
        ):
            assert not hopeful(store, *group)


async def test_a_window_that_was_closed_meanwhile_is_restated(
    store: SqlStore, model: Model, place: Place
) -> None:
    async with other(place) as replica:
        grid_set = await warmed(store, model)
        await close_all(replica)
        new = batch(model, grid_set, "k")
        assert hopeful(store, new)
        (outcome,) = await store.commit([new])
        assert isinstance(outcome, Counted)
        (revision,) = await close_all(replica)
        assert (revision.number, revision.gathered.rows) == (2, 30)
        assert not hopeful(store, batch(model, grid_set, "l"))
    assert (await conserved(store))["counted"] == 30


async def test_a_model_that_was_declared_anew_or_moved_to_another_grid_set_is_noticed(
    store: SqlStore, model: Model, place: Place
) -> None:
    async with other(place) as replica:
        grid_set = await warmed(store, model)
        place.clock.forward(HOUR)
        async with replica.write() as unit:
            await unit.models.declare(model.name, Settings(strict=True), SCHEMA)
        (outcome,) = await store.commit([batch(model, grid_set, "k")])
        assert isinstance(outcome, Counted)  # it does not say by which declaration it was counted
        await store.commit([batch(model, grid_set, "l")])
        async with replica.write() as unit:
            grids = await unit.models.add_grid_set(model.id, OTHER_GRIDS)
            made = reference(grids.number, "f2", OTHER_GRIDS.size)
            moved = await unit.models.add_baseline(model.id, made)
            await unit.models.activate(model.id, moved.number)
        new = batch(model, grid_set, "m")
        assert hopeful(store, new)
        assert [type(o) for o in await store.commit([new])] == [Recount]
    assert await held(store, model) == 40


async def test_a_key_that_another_replica_has_written_is_known(
    store: SqlStore, model: Model, place: Place
) -> None:
    async with other(place) as replica:
        grid_set = await warmed(store, model)
        sent = batch(model, grid_set, "k")
        await replica.commit([sent])
        liar = replace(
            batch(model, grid_set, "l"),
            envelope=replace(sent.envelope, key="k", fingerprint=b"x" * 16),
        )
        assert hopeful(store, sent)
        assert [type(o) for o in await store.commit([sent])] == [Repeated]
        assert [type(o) for o in await store.commit([liar])] == [Reused]
    assert await held(store, model) == 30
    assert await conserved(store) == {
        "received": 40, "counted": 30, "duplicate": 10, "late": 0, "rejected": 0,
    }  # fmt: skip


@pytest.mark.parametrize("loss", [Mode.CUT_AFTER, Mode.CUT_BEFORE])
async def test_an_answer_that_is_lost_counts_once(
    store: SqlStore, model: Model, place: Place, loss: Mode
) -> None:
    async with through(place) as (broken, proxy):
        grid_set = await warmed(broken, model)
        new = [batch(model, grid_set, key) for key in "kl"]
        assert hopeful(broken, *new)
        proxy.losses.append(loss)
        outcomes = await broken.commit(new)
        assert not proxy.losses
    assert [type(o) for o in outcomes] == [Counted, Counted]
    assert await held(store, model) == 40
    assert await conserved(store) == {
        "received": 40, "counted": 40, "duplicate": 0, "late": 0, "rejected": 0,
    }  # fmt: skip


async def test_a_key_that_comes_again_costs_no_hope_of_others(
    store: SqlStore, model: Model, place: Place
) -> None:
    async with other(place) as replica:
        grid_set = await warmed(store, model)
        sent = batch(model, grid_set, "k")
        await store.commit([sent])
        assert not hopeful(store, sent)
        await replica.commit([batch(model, grid_set, "l")])
        assert hopeful(store, batch(model, grid_set, "l"))
        await store.commit([batch(model, grid_set, "l")])
        # who sends one again sends more: a while nothing is hoped, so that nothing fails
        assert [hopeful(store, batch(model, grid_set, "m")) for _ in range(WARY)] == [False] * WARY
        assert hopeful(store, batch(model, grid_set, "m"))


@pytest.mark.usefixtures("store")
async def test_a_clock_that_stood_still_is_noticed(model: Model, place: Place) -> None:
    """As after a machine was suspended: the first group would say that it came an hour ago."""
    if not place.is_postgres:
        pytest.skip("on SQLite nothing is remembered: there are no flights")
    slow = SqlStore(place.url)
    try:
        grid_set = await warmed(slow, model)
        writer = slow._groups
        assert writer._heard is not None
        writer._heard = writer._heard[0] - HOUR, writer._heard[1]
        new = batch(model, grid_set, "k")
        assert hopeful(slow, new)
        assert [type(o) for o in await slow.commit([new])] == [Counted]
    finally:
        await slow.close()
    with psycopg.connect(direct(place)) as connection:
        query = "select min(last_commit) > now() - interval '1 minute' from tally"
        assert connection.execute(query).fetchone() == (True,)


def direct(place: Place) -> str:
    url = make_url(place.url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


class Hasty(Forgetful):
    """Passes a commit on and leaves at once, while the server is still at it."""

    async def _requests(self, reader: asyncio.StreamReader, pair: Pair) -> None:
        while data := await reader.read(CHUNK):
            await self._forward(data, pair.server)
            if b"COMMIT\0" in data and self.losses:
                self.losses.pop()
                pair.cut()
                return


SLOW_COMMIT = """
create function dawdle() returns trigger language plpgsql as
  $$ begin if new.key = 'slow' then perform pg_sleep(0.5); end if; return null; end $$;
create constraint trigger dawdling after insert on receipt deferrable initially deferred
  for each row execute function dawdle();
"""


async def test_a_commit_that_is_still_under_way_is_waited_for(
    store: SqlStore, model: Model, place: Place
) -> None:
    async with through(place, Hasty) as (broken, proxy):
        grid_set = await warmed(broken, model)
        with psycopg.connect(direct(place)) as connection:
            connection.execute(SLOW_COMMIT)
        new = [batch(model, grid_set, key) for key in ("fast", "slow")]
        assert hopeful(broken, *new)
        proxy.losses.append(Mode.CUT_AFTER)
        outcomes = await broken.commit(new)
        assert not proxy.losses
    assert [type(o) for o in outcomes] == [Counted, Counted]
    assert await conserved(store) == {
        "received": 40, "counted": 40, "duplicate": 0, "late": 0, "rejected": 0,
    }  # fmt: skip


def test_memory_is_bounded_and_forgets_what_closed() -> None:
    memory, admitted = Memory(), Admitted(1, GRIDS.size, HOUR, HOUR, NOW)
    slot = Slot(1, "v", "", NINE)
    memory.note({1: admitted}, {slot: Known(7, None)})
    assert (memory.model(1), memory.windows[slot].id) == (admitted, 7)
    memory.note({1: admitted}, {slot: Known(7, NOW)})
    assert slot not in memory.windows
    for number in range(MOST + 10):
        memory.note({number: admitted}, {Slot(number, "v", "", NINE): Known(number, None)})
    assert len(memory.windows) <= MOST
    assert memory.model(MOST) is not None
    memory.drop([MOST], [Slot(MOST, "v", "", NINE)])
    assert memory.model(MOST) is None
    assert memory.windows.keys() == {Slot(n, "v", "", NINE) for n in range(MOST + 1, MOST + 10)}
    assert Cache().memory.model(1) is None


def test_keys_that_were_written_are_remembered_up_to_a_number() -> None:
    memory = Memory()
    memory.wrote([(1, str(number)) for number in range(RECENT + 1)])
    assert memory.expects_new([(1, "0"), (2, "5")])
    assert not memory.expects_new([(1, "new"), (1, str(RECENT))])
