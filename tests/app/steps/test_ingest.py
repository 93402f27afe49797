"""Groups: durable before the answer, one bad member harms nobody, the queue is bounded."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.domain.batch import Counted, Repeated, Table
from app.domain.errors import Conflict, Invalid, KeyReused, NotFound, Unavailable
from app.steps.declare import remove_model
from app.steps.ingest import Group, Intake, Posted
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, keyed, rows, world


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare()
        await made.reference()
        yield made


async def conserved(store: SqlStore) -> tuple[int, int]:
    """Check received = counted + duplicate + late + rejected; return received and counted."""
    async with store.read() as unit:
        tallies = await unit.views.tallies()
    for tally in tallies:
        parts = tally.counted + tally.duplicate + tally.late + tally.rejected
        assert tally.received == parts
    return sum(t.received for t in tallies), sum(t.counted for t in tallies)


async def test_the_same_key_and_body_is_answered_alike_and_counted_once(w: World) -> None:
    first = await w.send(START, key="k")
    second = await w.send(START, key="k")
    assert isinstance(first, Counted)
    assert isinstance(second, Repeated)
    assert first.receipt == second.receipt
    assert await conserved(w.store) == (800, 400)


async def test_the_same_key_with_another_body_is_refused(w: World) -> None:
    await w.send(START, key="k")
    with pytest.raises(KeyReused):
        await w.send(START, key="k", seed=2)
    assert (await conserved(w.store))[1] == 400


async def test_many_at_once_are_each_counted_once(w: World) -> None:
    sent = [w.send(START, key=f"k{i % 20}", count=10, seed=i % 20) for i in range(60)]
    outcomes = await asyncio.gather(*sent)
    assert sum(isinstance(outcome, Counted) for outcome in outcomes) == 20
    assert await conserved(w.store) == (600, 200)


async def test_without_a_key_the_content_serves_where_rows_have_a_time(w: World) -> None:
    posted = keyed(rows(START), None)
    first, second = [await w.intake.ingest(posted) for _ in range(2)]
    assert first.receipt.deduplicated
    assert isinstance(second, Repeated)


async def test_without_a_baseline_nothing_is_taken(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as made:
        await made.declare()
        with pytest.raises(Conflict) as caught:
            await made.send(START)
        assert caught.value.code == "no-baseline"
        with pytest.raises(NotFound, match="declare it first: PUT /v1/models/other"):
            await made.intake.ingest(Posted("other", rows(START), None, None, "http", bytes(32)))


async def test_a_refused_batch_is_tallied_and_its_key_stays_free(w: World) -> None:
    with pytest.raises(Invalid):
        await w.send(START + 10_000 * HOUR, key="k")
    assert await conserved(w.store) == (400, 0)
    assert isinstance(await w.send(START, key="k"), Counted)


async def test_a_deleted_model_fails_its_own_batches_only(w: World) -> None:
    await w.send(START)
    await remove_model(w.store, "/test", MODEL)
    with pytest.raises(NotFound):
        await w.send(START + HOUR)


async def test_one_bad_member_does_not_harm_its_group(w: World) -> None:
    good = [w.send(START, key=f"k{i}", count=5, seed=i) for i in range(6)]
    # PostgreSQL stores no NUL in a text: this member fails the statement of the whole group
    bad = w.intake.ingest(keyed(rows(START, 5), "bad\0key"))
    outcomes = await asyncio.gather(*good, bad, return_exceptions=True)
    assert all(isinstance(outcome, Counted) for outcome in outcomes[:6])
    assert (await conserved(w.store))[1] in (30, 35)


async def test_tiny_batches_that_are_counted_together_fail_alone(w: World) -> None:
    good = [w.send(START, key=f"k{i}", count=5, seed=i) for i in range(6)]
    ahead = w.send(START + 10_000 * HOUR, key="ahead", count=5)
    odd = Table({"at": [START.isoformat()], "x": [1.0], "c": ["a"]}, rows=3)
    broken = w.intake.ingest(Posted(MODEL, odd, "broken", None, "http", bytes(32)))
    outcomes = await asyncio.gather(*good, ahead, broken, return_exceptions=True)
    assert all(isinstance(outcome, Counted) for outcome in outcomes[:6])
    assert isinstance(outcomes[6], Invalid)
    assert isinstance(outcomes[7], Exception)
    assert isinstance(await w.send(START, key="after", count=5), Counted)
    assert await conserved(w.store) == (40, 35)


async def test_a_batch_heavier_than_the_queue_is_taken_alone(w: World) -> None:
    narrow = Group(w.store, queue_limit=10)
    intake = Intake(w.store, narrow, w.pool)
    writing = asyncio.create_task(narrow.run())
    assert isinstance(await intake.ingest(keyed(rows(START, 5), "heavy")), Counted)
    writing.cancel()


async def test_a_full_queue_refuses_and_forgets_nothing(w: World) -> None:
    small = Group(w.store, queue_limit=20_000)
    intake = Intake(w.store, small, w.pool)
    waiting = [
        asyncio.create_task(intake.ingest(keyed(rows(START, 5, seed=i), f"q{i}")))
        for i in range(40)
    ]
    # nobody writes yet: what has an answer was refused, and all the others wait
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    writing = asyncio.create_task(small.run())
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    writing.cancel()
    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    counted = [outcome for outcome in outcomes if isinstance(outcome, Counted)]
    assert refused
    assert counted
    assert len(refused) + len(counted) == 40
    assert (await conserved(w.store))[1] == 5 * len(counted)
