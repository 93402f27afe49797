"""The writer of groups: exactly once over connections that break, and never waiting for ever."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.domain.batch import Counted, Gone, InFlight, Recount, Repeated, Reused
from app.domain.errors import Unavailable
from app.domain.model import Model, Settings, VersionRole
from app.domain.telling.reports import WindowQuery
from app.store import SqlStore
from app.store.connections.engine import parse
from app.store.intake import groups
from app.store.intake.writer import Writer
from app.store.transactions.cache import Cache
from tests.app.conftest import Place
from tests.app.store.intake.test_batches import conserved, held
from tests.app.store.made import HOUR, NINE, SCHEMA, active, batch, close_all, declared, pane

END_BACKENDS = text(
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)
LEFT_OPEN = text(
    "select count(*) from pg_stat_activity where datname = current_database()"
    " and pid <> pg_backend_pid() and state like 'idle in transaction%'"
)


async def test_a_group_has_one_outcome_for_each_batch(store: SqlStore, model: Model) -> None:
    grid_set = await active(store, model)
    first, second = batch(model, grid_set, "k"), batch(model, grid_set, "l", pane(NINE + HOUR))
    liar = replace(first, envelope=replace(first.envelope, fingerprint=b"x" * 16))
    stale = batch(model, grid_set + 1, "m")
    outcomes = await store.commit([first, second, first, liar, stale])
    assert [type(o) for o in outcomes] == [Counted, Counted, Repeated, Reused, Recount]
    again = await store.commit([second, liar])
    assert [type(o) for o in again] == [Repeated, Reused]
    assert await held(store, model) == 20
    assert (await conserved(store))["received"] == 40
    async with store.read() as unit:
        assert len(await unit.views.windows(WindowQuery(model.id, "default"), None, 9)) == 2


async def test_closed_windows_are_restated_and_final_ones_take_nothing(
    store: SqlStore, model: Model, place: Place
) -> None:
    grid_set = await active(store, model)
    await store.commit([batch(model, grid_set, "k")])
    await close_all(store)
    await store.commit([batch(model, grid_set, "l")])
    (revision,) = await close_all(store)
    assert (revision.number, revision.gathered.rows) == (2, 20)
    place.clock.forward(model.settings.final_after)
    (outcome,) = await store.commit([batch(model, grid_set, "m")])
    assert isinstance(outcome, Counted)
    assert (outcome.receipt.counted, outcome.receipt.late) == (0, 10)


async def test_a_width_that_was_remembered_wrongly_is_noticed(
    store: SqlStore, model: Model
) -> None:
    grid_set = await active(store, model)
    await store.commit([batch(model, grid_set + 1, "learns the width")])
    async with store.write() as unit:
        await unit.models.declare(model.name, Settings(window=4 * HOUR), SCHEMA)
    await store.commit([batch(model, grid_set, "k")])
    await store.commit([batch(model, grid_set, "l", pane(NINE + HOUR))])
    async with store.read() as unit:
        (window,) = await unit.views.windows(WindowQuery(model.id, "default"), None, 9)
    assert window.rows == 20


async def test_what_was_counted_by_another_declaration_is_counted_again(
    store: SqlStore, model: Model, place: Place
) -> None:
    found = await store.ground(model.name)
    assert found is not None
    sent = batch(model, await active(store, model))
    at = found.ground.declared_at
    sent = replace(sent, envelope=replace(sent.envelope, declared_at=at))
    place.clock.forward(HOUR)
    async with store.write() as unit:
        await unit.models.declare(model.name, Settings(strict=True), SCHEMA)
    assert [type(o) for o in await store.commit([sent])] == [Recount]
    async with store.write() as unit:
        await unit.models.hide(model.id)
    assert [type(o) for o in await store.commit([sent])] == [Gone]


async def test_a_group_whose_commit_was_not_heard_is_counted_and_tallied_once(
    store: SqlStore, model: Model
) -> None:
    grid_set = await active(store, model)
    sent = [batch(model, grid_set, key) for key in "kl"]
    twice = [*sent, replace(sent[0])]
    first = await store.commit(twice)
    async with store.write() as unit:
        again = await unit.session.run(groups.write, twice, durable=True)
    assert [type(o) for o in again] == [Counted, Counted, Repeated]
    assert again == first
    assert await held(store, model) == 20
    assert await conserved(store) == {
        "received": 30, "counted": 20, "duplicate": 10, "late": 0, "rejected": 0,
    }  # fmt: skip


async def test_a_group_that_was_wrongly_taken_for_durable_is_written(
    store: SqlStore, model: Model
) -> None:
    sent = batch(model, await active(store, model))
    async with store.write() as unit:
        (outcome,) = await unit.session.run(groups.write, [sent], durable=True)
    assert isinstance(outcome, Counted)
    assert (await conserved(store))["counted"] == await held(store, model) == 10


async def test_a_broken_connection_is_replaced_unnoticed(
    store: SqlStore, model: Model, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("SQLite has no connections to break")
    grid_set = await active(store, model)
    await store.commit([batch(model, grid_set, "k")])
    async with store.write() as unit:
        await unit.session.connection.execute(END_BACKENDS)
    (outcome,) = await store.commit([batch(model, grid_set, "l")])
    assert isinstance(outcome, Counted)
    other = SqlStore(place.url)
    assert await held(other, model) == 20
    await other.close()


async def test_a_group_that_waits_too_long_is_given_up_and_may_come_again(
    store: SqlStore, model: Model, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("on SQLite only one transaction writes at a time")
    hasty = SqlStore(place.url, clock=place.clock, patience=0.2)
    sent = batch(model, await active(store, model))
    async with store.write() as unit:
        await unit.models.hold(model.id)
        with pytest.raises(Unavailable):
            await hasty.commit([sent])
    await hasty.close()
    (outcome,) = await store.commit([sent])
    assert isinstance(outcome, Counted)
    assert await held(store, model) == 10


async def test_what_was_given_up_is_not_written_afterwards(
    store: SqlStore, model: Model, place: Place
) -> None:
    """Neither what waits for the database, nor what waits behind it for its turn."""
    hasty = Writer(parse(place.url), Cache(), place.clock, patience=0.2)
    grid_set = await active(store, model)
    sent = [batch(model, grid_set, key) for key in "kl"]
    async with store.write() as unit:
        await unit.models.hold(model.id)
        told = await asyncio.gather(*(hasty.commit([one]) for one in sent), return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable, Unavailable]
    await hasty.close()
    assert await held(store, model) == 0


async def test_a_key_that_another_replica_writes_is_in_flight(
    store: SqlStore, model: Model, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("on SQLite only one transaction writes at a time")
    grid_set = await active(store, model)
    await store.commit([batch(model, grid_set, "opens the window")])
    mine, free = batch(model, grid_set, "k"), batch(model, grid_set, "l")
    async with store.write() as unit:
        await unit.batches.commit([mine])
        outcomes = await store.commit([mine, free])
    assert [type(o) for o in outcomes] == [InFlight, Counted]


async def test_the_ground_is_remembered_until_something_is_declared(
    store: SqlStore, place: Place
) -> None:
    assert await store.ground("flights") is None
    model = await declared(store)
    found = await store.ground("flights")
    assert found is not None
    assert (found.ground.model, found.ground.champion, found.now) == (model, None, place.clock())
    await store.commit([batch(model, await active(store, model), version="a")])
    asked = await asyncio.gather(*(store.ground("flights") for _ in range(5)))
    assert [one and one.ground.champion for one in asked] == ["a"] * 5
    async with store.write() as unit:
        await unit.models.put_version(model.id, "b", VersionRole.CHAMPION, {})
    found = await store.ground("flights")
    assert found is not None
    assert found.ground.champion == "b"
    place.clock.forward(HOUR)
    later = await store.ground("flights")
    assert later is not None
    assert later.now == place.clock()
    async with store.write() as unit:
        await unit.models.hide(model.id)
    assert await store.ground("flights") is None


async def test_another_replica_hears_of_a_declaration_at_the_latest_on_commit(
    store: SqlStore, place: Place
) -> None:
    if not place.is_postgres:
        pytest.skip("SQLite serves one process")
    model = await declared(store)
    other = SqlStore(place.url, clock=place.clock)
    await store.commit([batch(model, await active(store, model))])
    old = await other.ground("flights")
    assert old is not None
    place.clock.forward(HOUR)
    async with store.write() as unit:
        await unit.models.put_version(model.id, "b", VersionRole.CHAMPION, {})
    sent = batch(model, await active(store, model), "l")
    stale = replace(sent.envelope, declared_at=old.ground.declared_at)
    assert [type(o) for o in await other.commit([replace(sent, envelope=stale)])] == [Recount]
    fresh = await other.ground("flights", fresh=True)
    assert fresh is not None
    assert fresh.ground.champion == "b"
    await other.close()


async def test_a_group_that_fails_leaves_no_transaction_open(
    store: SqlStore, model: Model, place: Place
) -> None:
    grid_set = await active(store, model)
    await store.commit([batch(model, grid_set, "k")])
    broken = replace(batch(model, grid_set, "l"), rows=11)
    for keys in (["m"], ["n", "n"]):  # what is hoped for, and what is looked at
        with pytest.raises(ValueError, match="panes"):
            await store.commit([*(batch(model, grid_set, key) for key in keys), broken])
        if place.is_postgres:
            async with store.write() as unit:
                idle = await unit.session.connection.execute(LEFT_OPEN)
                assert idle.scalar_one() == 0
    (outcome,) = await store.commit([batch(model, grid_set, "l")])
    assert isinstance(outcome, Counted)
    assert await held(store, model) == 20
